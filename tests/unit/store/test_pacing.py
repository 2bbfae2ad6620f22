"""A paced campaign releases its limit day by day; spend follows the plan however uneven the demand."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.action import Reason
from churn_saver.domain.draws import chance
from churn_saver.store import Store, Totals
from churn_saver.store.pacing import released_minor, reservable_minor
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers
from tests.unit.store.moving import post_offer, void

PACED = campaign(campaign_id="paced", is_paced=True, limit_minor=9_000, starts_at=NOON, horizon_days=90)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "released"),
    [
        (NOON - MOMENT, 0),
        (NOON, 100),
        (NOON + DAY - MOMENT, 100),
        (NOON + DAY, 200),
        (NOON + 44 * DAY, 4_500),
        (NOON + 90 * DAY - MOMENT, 9_000),
        (NOON + 400 * DAY, 9_000),
    ],
)
def test_an_equal_share_is_released_as_each_day_begins(now: object, released: int) -> None:
    """90.00 over 90 days is 1.00 a day: none before the start, all on the last day and after it."""
    assert released_minor(PACED, now) == released  # type: ignore[arg-type]


def test_a_campaign_that_is_not_paced_releases_all() -> None:
    """From its first moment on, and before it too: whether it runs is not asked here."""
    plain = campaign(limit_minor=9_000)

    assert released_minor(plain, NOON - 9 * DAY) == 9_000
    assert reservable_minor(plain, 2_500, NOON) == 2_500


@pytest.mark.parametrize(
    ("free", "day", "reservable"),
    [
        (9_000, 0, 100),  # Nothing is taken: the first day's share.
        (8_960, 0, 60),  # 0.40 are taken.
        (8_960, 1, 160),  # The 0.60 left over are there on the second day.
        (8_000, 0, 0),  # 10.00 are taken, say before the limit was lowered: nothing for now.
        (0, 89, 0),
    ],
)
def test_what_a_day_leaves_over_carries_over(free: int, day: int, reservable: int) -> None:
    """What has been released, less what is taken."""
    assert reservable_minor(PACED, free, NOON + day * DAY) == reservable


@given(
    limit=st.integers(0, 10**12),
    horizon=st.integers(1, 1_000),
    days=st.integers(-5, 1_200),
    free=st.floats(0, 1),
)
def test_never_more_than_is_free_and_never_less_than_nothing(
    limit: int, horizon: int, days: int, free: float
) -> None:
    """Whatever the numbers; and a day later it is never less."""
    one = campaign(is_paced=True, limit_minor=limit, horizon_days=horizon, starts_at=NOON)
    left = int(limit * free)

    today = reservable_minor(one, left, NOON + days * DAY)

    assert 0 <= today <= left
    assert today <= reservable_minor(one, left, NOON + (days + 1) * DAY)


def test_the_books_hold_the_pace(store: Store) -> None:
    """Of 90.00 over 90 days two offers of 0.60 do not go out on one day; totals say what is free, as ever."""
    store.campaigns.open(PACED)

    first = store.settle("paced", offers(["A", "B"], needs=60, contact=10), NOON).refused
    next_day = store.settle("paced", offers(["B"], needs=60, contact=10, at=NOON + DAY), NOON + DAY).refused

    assert first.tolist() == [0, Reason.BUDGET]
    assert next_day.tolist() == [0]
    assert store.read("paced", ["A"], NOON + DAY).free_minor == 80
    assert store.campaigns.totals("paced", NOON + DAY) == Totals(9_000, 8_880, 120, 0)
    assert store.campaigns.get("paced").is_paced


def poisson(mean: float, draw: float) -> int:
    """Turn a uniform draw into a count, by adding up the probabilities."""
    count, probability = 0, math.exp(-mean)
    below = probability
    while below < draw:
        count += 1
        probability *= mean / count
        below += probability
    return count


def test_spend_follows_the_plan_over_thirty_days_of_uneven_demand(store: Store) -> None:
    """900.00 over 30 days; 18 a day want an offer of 10.00, three times that on Mondays, few on Sundays.

    Half of them take it, the other half's money comes back on the same day. Three offers taken a day are
    the plan: every evening spend is within 5 % of the limit of it and never above it, at the end too.
    """
    days, limit, need = 30, 90_000, 1_000
    store.campaigns.open(
        campaign(campaign_id="month", is_paced=True, limit_minor=limit, horizon_days=days, starts_at=NOON)
    )
    weekday = (3.0, 1.0, 1.0, 1.0, 1.0, 0.4, 0.2)
    spent = []
    for day in range(days):
        now = NOON + day * DAY
        demand = poisson(18 * weekday[day % 7], chance(f"day {day}", b"demand"))
        for hour in range(3):
            at = now + hour * timedelta(hours=6)
            ids = [f"{day}-{hour}-{one}" for one in range(demand // 3)]
            settled = store.settle("month", offers(ids, needs=need, contact=0, at=at), at)
            for one, decision_id in zip(ids, settled.decision_ids, strict=True):
                if not decision_id:
                    continue
                if chance(one, b"taken") < 0.5:
                    store.outbox.sent(decision_id, at)
                    post_offer(store, decision_id, at)
                else:
                    void(store, decision_id, at)
        totals = store.verify("month", now)
        spent.append(totals.spent_minor + totals.reserved_minor)
    plan = [limit * (day + 1) // days for day in range(days)]

    assert all(own <= planned for own, planned in zip(spent, plan, strict=True))
    assert max(planned - own for own, planned in zip(spent, plan, strict=True)) <= 0.05 * limit
    assert spent[-1] >= 0.95 * limit

"""What a challenger earns more: the arms by hand, the log by hand, and laws over seeds."""

from datetime import timedelta

import numpy as np
import pytest

from churn_saver.domain.logbook import Logbook
from churn_saver.errors import InputError
from churn_saver.evidence.estimators import Caution
from churn_saver.evidence.followed import Followed, State
from churn_saver.pipeline.booked import Asked
from churn_saver.pipeline.gains import (
    Sides,
    Unit,
    gain_of,
    logged,
    paired_gain,
    randomised,
    scores_of,
)
from tests.builders import NOON
from tests.logbooks import logbook
from tests.offpolicy_logs import always, log_of

KEPT, MONEY = Unit("of the customers kept", is_money=False), Unit("USD", is_money=True)


def asked(reward: str = "retained", days: int = 30) -> Asked:
    """Judge 80 days after the first noon; all of a bill is margin."""
    return Asked(reward, days, 1.0, NOON + timedelta(days=80))


def sides(log: Logbook, share: float | None = 0.5) -> Sides:
    """Compare "new" with "old"."""
    policies = np.array(log.policies)
    drawn = None if share is None else np.full(len(log), share)
    return Sides("new", "old", policies == "new", policies == "old", drawn)


def both(stay: tuple[int, int], each: int = 40, **more: object) -> Logbook:
    """Give so many customers of either, of whom so many stay, in turn; a bill of 60.00, all margin."""
    rows: list[dict[str, object]] = []
    for place in range(2 * each):
        side, number = place % 2, place // 2
        known = {"retained_at": 30} if number < stay[side] else {"churned_at": 15}
        own = {"policy": ("new", "old")[side], "features": {"bill_minor": 6_000}, "choice": 1 - side}
        rows.append({**own, **known, "decided_at": 0, **more})
    return logbook(rows)


def followed(seed: int, rows: int = 500) -> Followed:
    """Draw customers of two arms with bills, a few of them pending."""
    rng = np.random.default_rng(seed)
    share = np.where(np.arange(rows) < rows // 2, 0.2, 0.5)
    treated = rng.random(rows) < share
    state = rng.choice([State.RETAINED, State.CHURNED], rows, p=[0.7, 0.3])
    return Followed.checked(
        treated=treated, arm_probability=np.where(treated, share, 1 - share), state=state,
        days=np.where(state == State.CHURNED, 10.0, 30.0), margin_minor=rng.lognormal(8, 1, rows),
        window_days=30,
    )  # fmt: skip


def test_the_customers_of_both_are_compared() -> None:
    """36 of 40 stay with the new one and 28 of 40 with the old one: .2 more, and 80 where 80 came.

    The ratio expects 40 of 80 at a share of a half.
    """
    log = both((36, 28))

    found = randomised(log, sides(log), asked(), 0.95)

    assert found.gain.difference.value == pytest.approx(0.2)
    assert (found.gain.way, found.gain.level, found.gain.cautions) == ("randomised", 0.95, ())
    assert found.ratio is not None
    assert (found.ratio.treated, found.ratio.expected) == (40, 40)
    assert found.score.mean() == pytest.approx(0.2)
    assert found.counts["customers of the challenger"] == 40
    assert found.challenged is not None
    assert found.challenged.tolist() == [True, False] * 40


def test_money_is_told_in_currency_units_and_less_what_it_cost() -> None:
    """60.00 for 30 days and 30.00 for 15: 57 less 51 on average, and each of the new one's costs 1.00."""
    log = both((36, 28))
    cost = np.where(np.array(log.policies) == "new", 100, 0)
    log.contact_spent_minor[:] = cost

    found = randomised(log, sides(log), asked("margin"), 0.95)

    assert found.gain.difference.value == pytest.approx(57 - 51 - 1)
    assert found.score.mean() == pytest.approx(5)
    assert found.gain.unit == "USD a customer"


def test_a_share_that_nobody_wrote_down_is_the_one_that_came_out() -> None:
    """The gain is the same, sizes are not judged, and scores still have the gain as their mean."""
    log = both((36, 28))

    found = randomised(log, sides(log, None), asked(), 0.95)

    assert found.ratio is None
    assert found.gain.difference.value == pytest.approx(0.2)
    assert found.score.mean() == pytest.approx(0.2)


def test_few_customers_are_said_to_be_few() -> None:
    """29 of either are, 30 are not."""
    few, enough = both((20, 20), 29), both((20, 20), 30)

    assert randomised(few, sides(few), asked(), 0.95).gain.cautions == (Caution.FEW_UNITS,)
    assert randomised(enough, sides(enough), asked(), 0.95).gain.cautions == ()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("unit", [KEPT, MONEY], ids=["kept", "money"])
def test_a_higher_level_only_widens_and_scores_estimate_the_same(seed: int, unit: Unit) -> None:
    """Same value, wider on both sides; the mean score lies inside the wider interval."""
    rows = followed(seed)

    plain, surer = gain_of(rows, unit, 0.95)[0].difference, gain_of(rows, unit, 0.99)[0].difference
    mean = float(scores_of(rows, unit.is_money).mean())

    assert surer.value == plain.value
    assert surer.low < plain.low
    assert surer.high > plain.high
    assert surer.low < mean < surer.high


def test_two_policies_on_one_log_by_hand() -> None:
    """Arms 0, 1, 1, 0 at a half each, rewards 3, 1, 2, 5, q 1: always 1 against always 0.

    DR of 1 is 1 + (0 + 2·1)/4 = 1.5, of 0 it is 1 + (2·2 + 2·4)/4 = 4: −2.5, row by row −4, 0, 2, −8.
    """
    log = log_of([0, 1, 1, 0], [0.5] * 4, [3, 1, 2, 5])

    gain, score = paired_gain(log, always(1, 4), always(0, 4), np.ones((4, 2)), KEPT, 0.95)

    assert gain.difference.value == pytest.approx(-2.5)
    assert score.tolist() == pytest.approx([-4, 0, 2, -8])
    assert Caution.FEW_UNITS in gain.cautions
    assert gain.way == "logged"


def test_who_logged_earned_what_was_earned() -> None:
    """Always 1 against the policy that logged, whose mean reward is 11/4: 1.5 − 2.75."""
    log = log_of([0, 1, 1, 0], [0.5] * 4, [3, 1, 2, 5])

    gain, score = paired_gain(log, always(1, 4), None, np.ones((4, 2)), KEPT, 0.95)

    assert gain.difference.value == pytest.approx(-1.25)
    assert score.mean() == pytest.approx(-1.25)


def test_a_rung_that_never_served_is_asked_about_the_log() -> None:
    """Customers with two decisions each count once, by the mean of both; "new" and "old" are asked by name.

    Of 200 decisions at a half each, those with a contact stay and the others leave: "new" always contacts.
    """
    rows = [
        {"customer_id": f"C{place // 2}", "decided_at": place / 100, "choice": place % 2, "probability": 0.5,
         "retained_at" if place % 2 else "churned_at": 30 if place % 2 else 5}
        for place in range(200)
    ]  # fmt: skip
    log = logbook([{**row, "excluded": (0, 0, 1, 1, 1)} for row in rows])

    def ask(name: str, of: Logbook, asked_about: np.ndarray) -> np.ndarray:
        assert len(of) == 200
        return always(1 if name == "new" else 0, len(asked_about), 5)

    found = logged(log, sides(log), asked(days=9), 0.95, ask)

    assert found.challenged is None
    assert found.ratio is None
    assert (found.counts["decisions"], found.counts["customers"]) == (200, 100)
    assert found.gain.difference.value == pytest.approx(float(found.score.mean()))
    assert len(set(log.customer[found.rows].tolist())) == 100


def test_a_log_without_a_decision_that_counts_is_refused() -> None:
    """Nothing is known of anybody."""
    log = logbook([{}, {}])

    with pytest.raises(InputError, match=r"campaign 'spring' has no decision that counts"):
        logged(log, sides(log), asked(), 0.95, lambda name, of, rows: always(0, len(rows), 5))

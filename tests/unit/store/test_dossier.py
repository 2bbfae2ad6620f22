"""One customer in one statement, the same as a table reads by columns."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta

import numpy as np
import pytest

from churn_saver.domain.campaign import Caps
from churn_saver.domain.customer import ContactHistory
from churn_saver.domain.outcome import OutcomeKind
from churn_saver.store import Known, Store
from churn_saver.store.database import connect
from churn_saver.store.schema import customers
from churn_saver.store.scores import MOST
from tests.builders import NOON, campaign
from tests.statements import executed
from tests.unit.store.batches import DAY, offers, silence
from tests.unit.store.moving import void

LOOSE = Caps(per_7_days=90, per_30_days=90, per_period=90, cooldown_days=0, allowance_units=900)
HOUR = timedelta(hours=1)


def same(one: Known, other: Known) -> bool:
    """Tell whether two reads say the same, to the bit."""
    return (one.campaign, one.free_minor) == (other.campaign, other.free_minor) and all(
        np.array_equal(
            getattr(one.history, own.name),
            getattr(other.history, own.name),
            equal_nan=own.name == "usual_risk",
        )
        and np.asarray(getattr(one.history, own.name)).dtype
        == np.asarray(getattr(other.history, own.name)).dtype
        for own in fields(ContactHistory)
    )


def lived(store: Store, ids: Sequence[str], seed: int) -> None:
    """Let customers be decided at random over 80 days, and much become of it, in two campaigns."""
    drawn = np.random.default_rng(seed)
    store.campaigns.open(campaign(campaign_id="long", caps=LOOSE, horizon_days=365))
    store.campaigns.open(campaign(campaign_id="new", starts_at=NOON + 40 * DAY, caps=LOOSE))
    made: dict[tuple[str, str], int] = {}
    for day in range(80):
        at = NOON + day * DAY
        for one in ids:
            place = "new" if day >= 40 and drawn.random() < 0.5 else "long"
            if drawn.random() < 0.7:
                continue
            number = made.get((place, one), 0)
            risk = np.array([np.nan if drawn.random() < 0.2 else drawn.random()])
            choice = int(drawn.integers(0, 5))
            wanted = (
                silence([one], number, churn_risk=risk, decided_at=at)
                if choice == 0
                else offers([one], numbers=number, choice=choice, churn_risk=risk, at=at)
            )
            (name,) = store.settle(place, wanted, at).decision_ids
            made[place, one] = number + 1
            if choice:
                become(store, name, at, int(drawn.integers(0, 5)))


def become(store: Store, name: str, at: datetime, what: int) -> None:
    """Let a contact be sent, accepted, declined or released, or nothing of it."""
    if what == 1:
        store.outbox.sent(name, at)
    elif what == 2:
        store.record_outcome(name, OutcomeKind.ACCEPTED, at + HOUR, at + HOUR)
    elif what == 3:
        store.record_outcome(name, OutcomeKind.DECLINED, at + HOUR, at + HOUR)
    elif what == 4:
        void(store, name, at)


def test_what_is_read_of_a_new_ledger(store: Store) -> None:
    """A customer never seen has no history, may be decided, and is not enrolled by reading."""
    known = store.read_running("A", NOON)

    assert known.campaign == campaign()
    assert known.free_minor == 500_000
    assert known.history.contacts_30d.tolist() == known.history.decisions_made.tolist() == [0]
    assert known.history.days_since_contact.tolist() == [np.inf]
    assert known.history.days_since_accepted.tolist() == [[np.inf] * 4]
    assert np.isnan(known.history.usual_risk).all()
    assert known.history.due.tolist() == [True]


def test_what_is_read_of_a_customer(store: Store) -> None:
    """Contacts of 40, 20 and 3 days ago: of 2 (accepted), 0 and 1 units, the last one released."""
    store.campaigns.open(campaign(campaign_id="long", starts_at=NOON - HOUR, caps=LOOSE, horizon_days=365))
    now = NOON + 40 * DAY
    (first,) = store.settle("long", offers(["A"], choice=3, churn_risk=np.array([0.2])), NOON).decision_ids
    store.record_outcome(first, OutcomeKind.ACCEPTED, NOON + 2 * DAY, NOON + 2 * DAY)
    later = NOON + 20 * DAY
    store.settle("long", offers(["A"], numbers=1, choice=1, at=later, churn_risk=np.array([0.7])), later)
    last = NOON + 37 * DAY
    made = store.settle("long", offers(["A"], numbers=2, choice=2, at=last, churn_risk=np.array([0.4])), last)
    void(store, made.decision_ids[0], last)

    history = store.read_running("A", now).history

    assert (history.contacts_7d.tolist(), history.contacts_30d.tolist()) == ([1], [2])
    # The second period began on the 30th day; the first contact was before it, so was the second.
    assert history.contacts_period.tolist() == [1]
    assert history.units_used.tolist() == [2]
    assert history.decisions_made.tolist() == [3]
    assert history.days_since_contact.tolist() == [3.0]
    assert history.days_since_accepted.tolist() == [[np.inf, np.inf, 38.0, np.inf]]
    assert history.usual_risk.tolist() == [0.4]
    assert history.due.tolist() == [True]


@pytest.mark.parametrize("seed", [1, 2])
def test_one_alone_is_read_as_among_others(store: Store, seed: int) -> None:
    """Whatever was decided and became of it, on the last day and long after, known or not."""
    ids = ["A", "B", "C"]
    lived(store, ids, seed)
    store.suppress("B", NOON)
    store.opt_out("C", NOON)

    for day in (41, 66, 80, 129):
        now = NOON + day * DAY + HOUR
        place = store.campaigns.current(now)
        for one in (*ids, "nobody"):
            assert place is not None
            assert same(store.read_running(one, now), store.read(place.campaign_id, [one], now)), (one, day)


@pytest.mark.parametrize("n", [1, 2, 3, MOST - 1, MOST, MOST + 5])
def test_the_usual_risk_is_the_same_median(store: Store, n: int) -> None:
    """Of one, of even and odd counts, and of the last hundred only: to the bit."""
    drawn = np.random.default_rng(n).random(n)
    for number, risk in enumerate(drawn):
        store.settle("spring", silence(["A"], number, churn_risk=np.array([risk])), NOON)

    (found,) = store.read_running("A", NOON).history.usual_risk

    assert found == np.median(drawn[-MOST:])


def test_it_is_one_statement(store: Store) -> None:
    """Of somebody with a history, and of somebody without."""
    store.settle("spring", offers(["A"]), NOON)

    with executed() as statements:
        store.read_running("A", NOON + DAY)
        store.read_running("B", NOON + DAY)

    assert len(statements) == 2


def test_the_driver_keeps_what_it_made_of_the_statement(store: Store) -> None:
    """Longer ones psycopg takes to pieces each time, for a sixth of the CPU time that the reading takes.

    Source: https://github.com/psycopg/psycopg/blob/3.3.9/psycopg/psycopg/_queries.py#L24
    """
    with executed() as statements:
        store.read_running("A", NOON)

    assert max(map(len, statements)) <= 4_096


def test_who_is_on_the_list_without_a_row_is_suppressed(store: Store) -> None:
    """One statement does not tell, so the list is looked at."""
    store.suppress("A", NOON)

    assert store.read_running("A", NOON).history.suppressed.tolist() == [True]
    assert store.read_running("B", NOON).history.suppressed.tolist() == [False]


def test_an_id_with_two_spellings_is_read_in_both(store: Store, url: str) -> None:
    """A row from older books, spelled in the other way, counts."""
    database = connect(url, create=False)
    database.write(lambda connection: connection.execute(customers.insert(), {"customer_id": "Jose\u0301"}))
    database.close()
    store.suppress("Jos\u00e9", NOON)

    assert store.read_running("Jos\u00e9", NOON).history.suppressed.tolist() == [True]


def test_a_campaign_that_was_left_open_is_passed_over(store: Store) -> None:
    """The newest is over by its days; an older one still runs, and after that none."""
    store.campaigns.open(campaign(campaign_id="short", starts_at=NOON, horizon_days=2))

    running = [store.read_running("A", NOON + days * DAY).campaign for days in (1, 3, 200)]

    assert [one and one.campaign_id for one in running] == ["short", "spring", None]


def test_without_a_campaign_history_is_read_all_the_same(store: Store) -> None:
    """Nobody can be contacted, and what was is still known."""
    store.settle("spring", offers(["A"]), NOON)
    store.campaigns.close("spring", NOON + HOUR)

    known = store.read_running("A", NOON + DAY)

    assert (known.campaign, known.free_minor) == (None, 0)
    assert known.history.contacts_7d.tolist() == [1]


def test_what_expired_is_free_again(store: Store) -> None:
    """10.00 are held until the 16th day, and free on the 17th, before anybody has written."""
    store.settle("spring", offers(["A"]), NOON)

    free = [store.read_running("A", NOON + days * DAY).free_minor for days in (16, 17)]

    assert free == [499_000, 500_000]

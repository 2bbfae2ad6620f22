"""What one read says of customers, to the microsecond."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import event

from churn_saver.store import Store
from churn_saver.store.database import connect
from churn_saver.store.history import last_decisions
from tests.builders import NOON, campaign
from tests.postgres import ON_SQLITE
from tests.unit.store.batches import DAY, offers, silence
from tests.unit.store.moving import post_offer, void


def test_an_empty_store_knows_nobody(store: Store) -> None:
    """Customers never seen have no history, may be decided, and nobody is enrolled by reading."""
    known = store.read("spring", ["A", "B"], NOON)
    history = known.history

    assert known.campaign == campaign()
    assert known.free_minor == 500_000
    assert history.readable
    assert history.contacts_7d.tolist() == history.units_used.tolist() == [0, 0]
    assert history.days_since_contact.tolist() == [np.inf, np.inf]
    assert np.isnan(history.usual_risk).all()
    assert history.due.all()
    assert not (history.suppressed | history.opted_out).any()


def test_without_a_campaign_there_is_no_money(store: Store) -> None:
    """What is known of customers is read all the same."""
    store.settle("spring", offers(["A"]), NOON)

    known = store.read(None, ["A"], NOON + DAY)

    assert known.campaign is None
    assert known.free_minor == 0
    assert known.history.contacts_7d.tolist() == [1]
    assert known.history.decisions_made.tolist() == [0]


def test_answers_stand_in_the_order_asked(store: Store) -> None:
    """Known, unknown and doubled ids are answered row by row."""
    store.settle("spring", offers(["A"]), NOON)

    history = store.read("spring", ["X", "A", "Y", "A"], NOON + DAY).history

    assert history.contacts_7d.tolist() == [0, 1, 0, 1]
    assert history.decisions_made.tolist() == [0, 1, 0, 1]
    assert history.days_since_contact.tolist() == [np.inf, 1.0, np.inf, 1.0]


@pytest.mark.parametrize(
    ("later", "in_7", "in_30"),
    [
        (7 * DAY - timedelta(microseconds=1), 1, 1),
        (7 * DAY, 0, 1),
        (30 * DAY - timedelta(microseconds=1), 0, 1),
        (30 * DAY, 0, 0),
    ],
)
def test_rolling_windows_end_to_the_microsecond(
    store: Store, later: timedelta, in_7: int, in_30: int
) -> None:
    """A contact counts while it is less than 7, and less than 30, days old."""
    store.settle("spring", offers(["A"]), NOON)

    history = store.read("spring", ["A"], NOON + later).history

    assert history.contacts_7d.tolist() == [in_7]
    assert history.contacts_30d.tolist() == [in_30]
    assert history.days_since_contact.tolist() == [later / DAY]


def test_the_fixed_period_begins_anew_every_30_days(store: Store) -> None:
    """The campaign began at NOON − 1 day, so its second period begins at NOON + 29 days."""
    store.settle("spring", offers(["A"]), NOON)

    before = store.read("spring", ["A"], NOON + 29 * DAY - timedelta(microseconds=1)).history
    after = store.read("spring", ["A"], NOON + 29 * DAY).history

    assert before.contacts_period.tolist() == [1]
    assert after.contacts_period.tolist() == [0]


def test_contacts_of_other_campaigns_count_but_their_allowance_does_not(store: Store) -> None:
    """Caps are about the customer, the allowance about the campaign: 10 % is 2 units of 5 %."""
    store.campaigns.open(campaign(campaign_id="other"))
    store.settle("other", offers(["A"], choice=3), NOON)

    spring = store.read("spring", ["A"], NOON + DAY).history
    other = store.read("other", ["A"], NOON + DAY).history

    assert spring.contacts_7d.tolist() == other.contacts_7d.tolist() == [1]
    assert (spring.units_used.tolist(), other.units_used.tolist()) == ([0], [2])
    assert (spring.decisions_made.tolist(), other.decisions_made.tolist()) == ([0], [1])


def test_units_count_while_reserved_or_accepted(store: Store) -> None:
    """15 % is 3 units: A's stay for good once accepted, B's end with the last day, C's when void."""
    a, _, c = store.settle("spring", offers(["A", "B", "C"], choice=4), NOON).decision_ids
    ids = ["A", "B", "C"]
    first = store.read("spring", ids, NOON).history.units_used.tolist()

    post_offer(store, a, NOON)
    void(store, c, NOON)
    then = store.read("spring", ids, NOON).history.units_used.tolist()
    late = store.read("spring", ids, NOON + 17 * DAY).history

    assert first == [3, 3, 3]
    assert then == [3, 3, 0]
    assert late.units_used.tolist() == [3, 0, 0]
    assert late.contacts_30d.tolist() == [1, 1, 1]


def test_the_usual_risk_is_the_median_of_the_own_scores(store: Store) -> None:
    """A: 0.1, 0.9, 0.4 → 0.4; B: 0.2, 0.6 → 0.4; C was never scored → NaN; other campaigns count."""
    store.campaigns.open(campaign(campaign_id="other"))
    for number, risks in enumerate([[0.1, 0.2, np.nan], [0.9, 0.6, np.nan]]):
        store.settle("spring", silence(["A", "B", "C"], number, churn_risk=np.array(risks)), NOON)
    store.settle("other", silence(["A"], churn_risk=np.array([0.4])), NOON)

    usual = store.read("spring", ["A", "B", "C"], NOON).history.usual_risk

    np.testing.assert_allclose(usual, [0.4, 0.4, np.nan])


def test_who_was_decided_is_not_due_before_the_time(store: Store) -> None:
    """The last decision says when the next is due, not an earlier one."""
    store.settle("spring", silence(["A"], 0, delay_days=np.array([0], dtype=np.int8)), NOON)
    store.settle("spring", silence(["A"], 1, delay_days=np.array([2], dtype=np.int8)), NOON)

    early = store.read("spring", ["A", "B"], NOON + 3 * DAY - timedelta(microseconds=1)).history
    late = store.read("spring", ["A", "B"], NOON + 3 * DAY).history

    assert early.due.tolist() == [False, True]
    assert late.due.tolist() == [True, True]


def test_each_customer_of_a_batch_is_due_at_a_time_of_its_own(store: Store) -> None:
    """Delays 0, 7, 2 are days 1, 8, 3; A's later decision says an earlier day than its first."""
    delays = np.array([0, 7, 2], dtype=np.int8)
    store.settle("spring", silence(["C", "A", "B"], delay_days=delays), NOON)
    ids = ["A", "B", "C"]

    due = {
        days: store.read("spring", ids, NOON + days * DAY).history.due.tolist() for days in (0, 1, 2, 3, 7, 8)
    }
    store.settle("spring", silence(["A"], 1), NOON + DAY)
    sooner = store.read("spring", ids, NOON + 2 * DAY).history.due.tolist()

    assert due == {
        0: [False, False, False], 1: [False, False, True], 2: [False, False, True],
        3: [False, True, True], 7: [False, True, True], 8: [True, True, True],
    }  # fmt: skip
    assert sooner == [True, False, True]


def test_who_is_due_is_asked_in_each_campaign_by_itself(store: Store) -> None:
    """A waits in 'spring', is due in 'other', and has its own waiting where no campaign is open."""
    store.campaigns.open(campaign(campaign_id="other"))
    store.settle("spring", silence(["A"], delay_days=np.array([7], dtype=np.int8)), NOON)
    store.settle(None, silence(["A"], delay_days=np.array([1], dtype=np.int8)), NOON)

    due = [store.read(one, ["A"], NOON + DAY).history.due.tolist() for one in ("spring", "other", None)]

    assert due == [[False], [True], [False]]


@ON_SQLITE
def test_the_last_decisions_are_found_through_the_unique_index(store: Store, url: str) -> None:
    """SQLite reads the numbers off the index alone, and goes from them straight to one row each."""
    database = connect(url, create=False)
    with database.reading() as connection:
        asked: list[tuple[str, tuple[object, ...]]] = []
        event.listen(connection, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
        last_decisions(connection, 1, [1, 2, 3], NOON)
        statement, values = asked[0]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    database.close()

    steps = sorted(str(row[-1]) for row in plan if "decisions" in str(row[-1]))
    assert len(steps) == 2
    assert steps[0].startswith("SEARCH decisions USING COVERING INDEX")
    assert steps[1].startswith("SEARCH decisions USING INDEX")
    assert steps[1].endswith("(customer_ref=? AND campaign_ref=? AND number=?)")


def test_consent_is_read(store: Store) -> None:
    """Suppression and opt-out hold for customers known and never seen before."""
    store.settle("spring", silence(["A"]), NOON)
    store.suppress("A", NOON)
    store.opt_out("B", NOON)

    history = store.read("spring", ["A", "B", "C"], NOON).history

    assert history.suppressed.tolist() == [True, False, False]
    assert history.opted_out.tolist() == [False, True, False]


def test_many_customers_are_one_read(store: Store) -> None:
    """12,000 ids are more than one IN list holds: every row is found."""
    ids = [f"C{i}" for i in range(12_000)]
    store.settle("spring", silence(ids), NOON)

    history = store.read("spring", ids[::-1], NOON).history

    assert history.decisions_made.sum() == 12_000
    np.testing.assert_allclose(history.usual_risk, 0.4)

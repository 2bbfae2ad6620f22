"""One decision, whole: record, money, outcomes and what waits, as of a moment."""

from datetime import timedelta

import pytest

from churn_saver.domain.outcome import OutcomeKind
from churn_saver.errors import DecisionAbsent
from churn_saver.store import Store
from churn_saver.store.tracing import Money
from tests.builders import NOON
from tests.unit.store.batches import DAY, offers, silence

SOON = NOON + timedelta(hours=1)


def test_a_contact_that_waits(store: Store) -> None:
    """9.00 and 1.00 are held until the last day; nothing was reported."""
    (name,) = store.settle("spring", offers(["A"]), NOON).decision_ids
    found = store.trace(name, NOON)

    assert found.record == store.decision(name)
    assert found.money == Money(100, 900, 1_000, 0, (NOON + 16 * DAY).date(), None, None, None)
    assert found.queued is not None
    assert (found.queued.send_at, found.queued.attempts, found.queued.gave_up_at) == (NOON, 0, None)
    assert (found.outcomes, found.erased_at) == ({}, None)


def test_what_was_sent_and_taken_is_spent(store: Store) -> None:
    """Nothing waits any more, nothing is held, and the reports stand in their order."""
    (name,) = store.settle("spring", offers(["A"]), NOON).decision_ids
    store.outbox.sent(name, NOON)
    store.record_outcome(name, OutcomeKind.RETAINED, SOON, SOON)
    store.record_outcome(name, OutcomeKind.ACCEPTED, NOON, SOON)
    found = store.trace(name, SOON)

    assert found.money == Money(100, 900, 0, 1_000, (NOON + 16 * DAY).date(), NOON, SOON, None)
    assert found.queued is None
    assert list(found.outcomes.items()) == [(OutcomeKind.ACCEPTED, NOON), (OutcomeKind.RETAINED, SOON)]


def test_what_expired_is_not_held_although_nothing_ran(store: Store) -> None:
    """By date, as in the totals."""
    (name,) = store.settle("spring", offers(["A"]), NOON).decision_ids

    money = [store.trace(name, NOON + days * DAY).money for days in (16, 17)]
    assert [one.reserved_minor for one in money if one] == [1_000, 0]
    assert store.campaigns.totals("spring", NOON + 17 * DAY).reserved_minor == 0


def test_who_was_not_contacted_has_no_money_and_waits_for_nothing(store: Store) -> None:
    """Without a campaign too."""
    names = [store.settle(one, silence(["A"]), NOON).decision_ids[0] for one in ("spring", None)]

    for name in names:
        found = store.trace(name, NOON)
        assert (found.money, found.queued) == (None, None)


def test_an_erased_decision_says_when(store: Store) -> None:
    """Its personal fields are gone and its money is released."""
    (name,) = store.settle("spring", offers(["A"]), NOON).decision_ids
    store.erase("A", SOON)
    found = store.trace(name, SOON)

    assert found.erased_at == SOON
    assert (found.record.message, found.record.features) == (None, None)
    assert found.money is not None
    assert (found.money.reserved_minor, found.money.voided_at) == (0, SOON)


@pytest.mark.parametrize("name", ["0" * 32, "", "x"])
def test_there_is_no_such_decision(store: Store, name: str) -> None:
    """By an error of its own."""
    with pytest.raises(DecisionAbsent, match=r"there is no decision '.*'\. Check the id"):
        store.trace(name, NOON)

"""What became of messages: what waits at every look, what ever went out once a minute."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from churn_saver.domain.waiting import UNSAFE
from churn_saver.serve.sendings import COUNTED_FOR, Counting, Sendings
from churn_saver.store import Store, open_store
from tests.builders import NOON, campaign
from tests.ledgers import new_ledger
from tests.unit.store.batches import offers

SECOND = timedelta(seconds=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open a ledger with the campaign 'spring' and four messages: two due at noon, two an hour later."""
    with open_store(new_ledger(tmp_path / "ledger.db")) as opened:
        opened.campaigns.open(campaign())
        moments = [NOON, NOON, NOON + 3_600 * SECOND, NOON + 3_600 * SECOND]
        opened.settle("spring", offers(["A", "B", "C", "D"], send_at=moments), NOON)
        yield opened


def send_one(store: Store) -> None:
    """Claim the next message and send it."""
    (message,) = store.outbox.claim(1, NOON, "desk", timedelta(minutes=1))
    store.outbox.sent(message.decision_id, NOON)


def test_each_state_is_counted(store: Store) -> None:
    """One is sent, one stopped by the shield; the moment of the two others came thirty seconds ago."""
    send_one(store)
    (message,) = store.outbox.claim(1, NOON, "desk", timedelta(minutes=1))
    store.outbox.give_up(message.decision_id, UNSAFE + "toxic", "desk", NOON)
    now = NOON + 3_630 * SECOND

    assert Counting().read(store, now) == Sendings(
        sent=1, waiting=2, due=2, given_up=1, unsafe=1, lag_seconds=30.0
    )


def test_nothing_due_is_no_lag(store: Store) -> None:
    """Before noon all four wait."""
    found = Counting().read(store, NOON - SECOND)

    assert (found.waiting, found.due, found.lag_seconds) == (4, 0, 0.0)


def test_what_went_out_is_counted_once_a_minute(store: Store) -> None:
    """A second one goes out: seen a minute later and not before, and at once by a clock that was put back."""
    counting = Counting()
    send_one(store)
    first = counting.read(store, NOON).sent
    send_one(store)
    early, later = (counting.read(store, NOON + after).sent for after in (COUNTED_FOR - SECOND, COUNTED_FOR))
    back = counting.read(store, NOON - SECOND)

    assert (first, early, later, back.sent) == (1, 1, 2, 2)
    assert Counting().read(store, NOON).sent == 2

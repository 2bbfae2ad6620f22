"""Money of a message that is not sent any more: free where its receiver surely has nothing, else kept."""

import itertools
from datetime import timedelta

import pytest

from churn_saver.store import Ending, Store
from tests.builders import NOON
from tests.unit.store.batches import offers

LEASE = timedelta(seconds=60)


@pytest.mark.parametrize("certain", list(itertools.product((True, False), repeat=2)))
def test_one_uncertain_attempt_keeps_the_money(store: Store, certain: tuple[bool, bool]) -> None:
    """Two attempts, each surely in vain or not; the row stays and says why and whether."""
    (name,) = store.settle("spring", offers(["A"]), NOON).decision_ids
    store.outbox.claim(1, NOON, "a", LEASE)
    store.outbox.failed(name, "first", NOON, "a", is_certain=certain[0])
    store.outbox.claim(1, NOON, "a", LEASE)
    ending = store.outbox.give_up(name, "last", "a", NOON, is_certain=certain[1])

    totals = store.verify("spring", NOON)
    queued = store.trace(name, NOON).queued
    assert ending is (Ending.RELEASED if all(certain) else Ending.KEPT)
    assert (totals.reserved_minor, totals.spent_minor) == ((0, 0) if all(certain) else (900, 100))
    assert queued is not None
    assert (queued.fault, queued.gave_up_at) == ("last", NOON)

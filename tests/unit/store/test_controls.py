"""Switches: off at first, then as they were thrown last, for every process."""

import pytest

from churn_saver.errors import LedgerError
from churn_saver.store import Control, Store, open_store
from tests.builders import NOON
from tests.unit.store.batches import DAY


def test_at_first_all_is_off(store: Store) -> None:
    """Nobody has thrown one."""
    assert store.control() == Control(baseline=False, stopped=False, changed_at=None, changed_by="")


def test_the_last_throw_stands_in_every_process(store: Store, url: str) -> None:
    """Another store of the same ledger sees it at its next read, with who and when."""
    with open_store(url) as other:
        store.set_control(baseline=True, stopped=False, by="night shift", now=NOON)
        first = other.control()
        other.set_control(baseline=False, stopped=True, by="day shift", now=NOON + DAY)

    assert first == Control(True, False, NOON, "night shift")
    assert store.control() == Control(False, True, NOON + DAY, "day shift")
    store.verify_chain(None)


@pytest.mark.parametrize("by", ["", "  ", "x" * 65])
def test_a_switch_is_thrown_by_somebody(store: Store, by: str) -> None:
    """Without a name that fits nothing changes."""
    with pytest.raises(LedgerError, match=r"thrown by '.*', wanted a name of 1 to 64 characters"):
        store.set_control(baseline=True, stopped=True, by=by, now=NOON)

    assert store.control() == Control()

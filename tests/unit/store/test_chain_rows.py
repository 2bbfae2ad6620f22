"""A head that somebody noted is in its chain, or the chain is not the one that it was."""

import pytest

from churn_saver.errors import LedgerError
from churn_saver.store import Store
from tests.builders import NOON

NOTHING = "00" * 32


def grown(store: Store, times: int = 1) -> tuple[int, str]:
    """Let the chain of 'spring' grow, and note its head."""
    for _ in range(times):
        store.campaigns.set_price("spring", 0.5, NOON)
    found = store.verify_chain("spring")
    return found.rows, found.head


def test_heads_of_other_days_are_found_again(store: Store) -> None:
    """Of an empty chain, of one row, of many: each stands in the chain that has gone on since."""
    noted = dict([(0, NOTHING), grown(store, 1), grown(store, 3), grown(store, 1)])

    assert sorted(noted) == [0, 2, 5, 6]
    assert store.verify_chain("spring", noted).rows == 6


def test_a_chain_that_was_written_anew_is_found(store: Store) -> None:
    """Its rows hang together, but the digest of the noted row is another one."""
    rows, head = grown(store)
    grown(store)
    for noted in ({rows: NOTHING}, {rows: head[:-1] + ("0" if head[-1] == "1" else "1")}, {0: head}):
        message = r"campaign 'spring': row \d has another digest than was noted"
        with pytest.raises(LedgerError, match=message):
            store.verify_chain("spring", noted)


def test_rows_that_were_cut_off_are_found(store: Store) -> None:
    """Or an older copy was put in the ledger's place: fewer rows than were noted."""
    rows, head = grown(store)

    with pytest.raises(LedgerError, match=rf"it has {rows} rows, a head of row {rows + 1} was noted: rows"):
        store.verify_chain("spring", {rows: head, rows + 1: head})

"""A process of its own that settles what it is told to, and says after each batch that it was acknowledged.

    python -m tests.faults.writer URL WHO FIRST LAST SIZE

settles the batches FIRST to LAST − 1, each of SIZE customers for 1.00, under keys of their own: told the same
again it asks for the same again. A line `ready` comes first; then it waits for a line that says how many
batches it may settle until it waits for the next.
"""

import sys

from churn_saver.store import Store, open_store
from tests.builders import NOON
from tests.unit.store.batches import offers

NEEDS_MINOR = 100


def customers(who: str, batch: int, size: int) -> list[str]:
    """Name the customers of a batch."""
    return [f"{who}-{batch:05d}-{row}" for row in range(size)]


def settle(store: Store, who: str, batch: int, size: int) -> int:
    """Settle one batch; returns how many were granted."""
    proposed = offers(customers(who, batch, size), needs=NEEDS_MINOR, contact=10)
    settled = store.settle("spring", proposed, NOON, f"{who}:{batch:05d}")
    return int((settled.refused == 0).sum())


def main(url: str, who: str, first: str, last: str, size: str) -> None:
    """Settle, and print `batch granted` for each."""
    with open_store(url, create=False) as store:
        print("ready", flush=True)
        may = 0
        for batch in range(int(first), int(last)):
            may = may or int(sys.stdin.readline())
            print(batch, settle(store, who, batch, int(size)), flush=True)
            may -= 1


if __name__ == "__main__":
    main(*sys.argv[1:])

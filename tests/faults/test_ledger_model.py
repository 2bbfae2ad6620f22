"""The ledger equals fifty lines for one thread, over many long stories."""

from churn_saver.store import Store
from tests.faults.sizes import sized
from tests.unit.store.twins import agree

EXAMPLES, STEPS = sized(200, 2_000), 50


def test_the_ledger_equals_the_plain_books(store: Store) -> None:
    """Whatever is told to both, in whatever order, they agree after every step."""
    agree(store, EXAMPLES, STEPS)

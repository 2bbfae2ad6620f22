"""Books that several processes write to."""

from collections.abc import Iterator

import pytest

from churn_saver.store import Store, open_store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Open an empty ledger."""
    with open_store(database_url) as opened:
        yield opened

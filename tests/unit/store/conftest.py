"""Books for the tests of the store, on either database, with one campaign of 5,000.00 in them."""

from collections.abc import Iterator

import pytest

from churn_saver.store import Store, open_store
from tests.builders import campaign


@pytest.fixture
def url(database_url: str) -> str:
    """Name an empty ledger."""
    return database_url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Open a fresh ledger with the campaign 'spring'."""
    with open_store(url) as opened:
        opened.campaigns.open(campaign())
        yield opened

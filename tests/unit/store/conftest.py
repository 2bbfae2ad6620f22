"""Books for the tests of the store, on either database, with one campaign of 5,000.00 in them."""

from collections.abc import Iterator

import pytest

from churn_saver.store import Store, open_store
from churn_saver.store.database import Database, connect
from churn_saver.store.migrating import migrate
from tests.builders import campaign


@pytest.fixture
def url(database_url: str) -> str:
    """Name an empty ledger."""
    return database_url


@pytest.fixture
def database(url: str) -> Database:
    """Give the way to a migrated database without any rows; whoever takes it closes it."""
    made = connect(url, create=True)
    migrate(made)
    return made


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Open a fresh ledger with the campaign 'spring'."""
    with open_store(url) as opened:
        opened.campaigns.open(campaign())
        yield opened

"""Books on disk for the tests of the store, with one campaign of 5,000.00 in them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from churn_saver.store import Store, open_store
from tests.builders import campaign


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Name a ledger that does not exist yet."""
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Open a fresh ledger with the campaign 'spring'."""
    with open_store(url) as opened:
        opened.campaigns.open(campaign())
        yield opened

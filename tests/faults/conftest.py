"""Books that several processes write to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from churn_saver.store import Store, open_store
from tests.rigs import begun


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Begin a ledger, to be copied: to make one takes a second."""
    return begun(tmp_path_factory.mktemp("books") / "ledger.db")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Open an empty ledger."""
    with open_store(database_url) as opened:
        yield opened

"""Books that several processes write to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from churn_saver.store import Store, open_store
from tests.rigs import begun

CROWDED = ("test_dispatching.py", "test_keys.py", "test_kills.py", "test_overload.py", "test_races.py")
"""Modules whose tests start processes, or many threads, and give both cores enough to do."""


class OneCrowdAtATime(LoadScopeScheduling):  # type: ignore[misc]
    """Gives all those tests to one worker, and any others, one by one, to whichever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return "crowded" if nodeid.partition("::")[0].rpartition("/")[2] in CROWDED else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneCrowdAtATime:
    """Divide these tests so, whatever `--dist` says."""
    return OneCrowdAtATime(config, log)


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Begin a ledger, to be copied: to make one takes a second."""
    return begun(tmp_path_factory.mktemp("books") / "ledger.db")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Open an empty ledger."""
    with open_store(database_url) as opened:
        yield opened

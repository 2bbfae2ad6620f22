"""Laws are checked for being true, not for being fast: machines are shared. Two databases keep the books."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from churn_saver.store import sqlite_url
from tests.postgres import Server, running

settings.register_profile(
    "project", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("project")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Start PostgreSQL when the first test asks for it."""
    with running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Name a ledger for one test, on either database; SQLite's does not exist yet, PostgreSQL's is empty."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "ledger.db")
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url

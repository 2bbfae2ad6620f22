"""Laws are checked for being true, not for being fast: machines are shared. Two databases keep the books."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.ledgers import new_ledger
from tests.postgres import Server, running

settings.register_profile(
    "project", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("project")


def pytest_configure(config: pytest.Config) -> None:
    """Where tests run side by side, have each keep to one core, and what it starts: all inherit this.

    What runs them side by side also says how wide a screen is that nobody looks at; here tests say so.
    """
    if hasattr(config, "workerinput"):
        for name in ("COLUMNS", "LINES"):
            os.environ.pop(name, None)
    if config.getoption("numprocesses", default=None):
        os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Start PostgreSQL when the first test asks for it."""
    with running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Name an empty ledger for one test, on either database."""
    if request.param == "sqlite":
        yield new_ledger(tmp_path / "ledger.db")
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url

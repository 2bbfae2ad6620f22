"""From a URL to an engine: SQLite with full durability, PostgreSQL by psycopg.

Knows no table and no transaction, but what a connection must be told before its first one.
"""

import sqlite3
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from churn_saver.errors import LedgerUnavailable
from churn_saver.store.deadlines import at_most
from churn_saver.store.prepared import handed

BUSY_TIMEOUT_MS = 30_000
"""How long a connection waits for another one's write, unless its caller has less time."""
ASK_SECONDS = 0.001
"""Between two times that a process asks for SQLite's turn to write."""
CONNECT_SECONDS = 10
"""How long a server may take to let somebody in, when the URL does not say; less for who has less time."""
GONE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}
"""After some twenty seconds a server that acknowledges nothing is gone, for callers without a deadline too.
Seconds, and milliseconds for the last (https://www.postgresql.org/docs/current/libpq-connect.html)."""
NOTICES = (
    "SELECT set_config(name, '1s', false) FROM pg_settings "
    "WHERE name = 'client_connection_check_interval' AND version() LIKE '%linux%'"
)
"""Lets a server notice within a second that its caller hung up, even while it waits for a lock: from version
14 on, where its system can (https://www.postgresql.org/docs/current/runtime-config-connection.html)."""
POOL_SIZE, POOL_MOST = 10, 40
"""Connections to a server that are kept, and that are open at most, of one process."""
RESTED_SECONDS = 0.2
"""A connection that rested for longer is asked whether it is still there before it is used."""
CACHE_KIB = 65_536
"""Page cache of a SQLite connection: the index of decision ids is written in random order."""
CHECKPOINT_PAGES = 16_384
"""Pages (of 4 KiB) in SQLite's log before they are copied to the file: one copy for several batches."""
_RESTS_SINCE = "rests_since"
_NOTHING: tuple[tuple[()]] = ((),)
"""Values of a statement that has none."""
WRITES = "churn_saver_writes"
"""Execution option of a connection that is about to write."""
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
"""What a URL may leave out, and SQLAlchemy 2.0 would fill in otherwise."""


def sqlite_url(path: Path) -> str:
    """Give the URL of a SQLite file, whatever characters its path has."""
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def engine_for(database_url: str, create: bool) -> Engine:
    """Make an engine for a URL; a server is not asked yet.

    Args:
        database_url: sqlite:///relative.db, sqlite:////absolute.db or postgresql://user:password@host/name
        create: Make a SQLite file and its folder where there is none.

    Raises:
        LedgerUnavailable: the URL cannot be used, its driver is not installed, or the file is not there.
    """
    url = _url(database_url)
    options: dict[str, object] = {"hide_parameters": True}
    if url.get_backend_name() == "sqlite":
        _prepare_file(url, create)
        options |= {"connect_args": {"check_same_thread": False}}
    else:
        patience: Mapping[str, object] = {"connect_timeout": CONNECT_SECONDS, **GONE}
        options |= {
            "connect_args": {name: value for name, value in patience.items() if name not in url.query},
            # Those in use stay in use, so that they need not be asked; the others rest.
            "pool_use_lifo": True,
            "pool_size": POOL_SIZE,
            "max_overflow": POOL_MOST - POOL_SIZE,
        }
    try:
        engine = create_engine(url, **options)
    except (ArgumentError, ImportError) as error:
        raise LedgerUnavailable(
            f"DATABASE_URL names {url.drivername!r}, which cannot be loaded: {error}. "
            "Use sqlite:///…, or postgresql://… after: pip install 'churn-saver[postgres]'"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _set_up_server)
        event.listen(engine, "checkin", _begin_to_rest)
        event.listen(engine, "checkout", partial(_wake, engine))
        if engine.driver == "psycopg":
            from churn_saver.store.server import be_timely

            be_timely(engine)
    return engine


def _url(database_url: str) -> URL:
    try:
        url = make_url(database_url)
    except ArgumentError:
        raise LedgerUnavailable(
            "DATABASE_URL is not a URL, wanted one such as sqlite:///var/ledger.db. Set it or leave it out."
        ) from None
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise LedgerUnavailable(
            f"DATABASE_URL names {url.drivername!r}, wanted sqlite or postgresql: no other database keeps "
            "the ledger. Set it to sqlite:///var/ledger.db or postgresql://user:password@host/name"
        )
    return url


def _prepare_file(url: URL, create: bool) -> None:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise LedgerUnavailable("DATABASE_URL names no file, wanted one such as sqlite:///var/ledger.db")
    path = Path(url.database)
    if not create and not path.is_file():
        raise LedgerUnavailable(
            f"there is no ledger at {path}. Check the path, or run a command that makes one."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerUnavailable(f"folder of ledger {path} cannot be made: {error}. Name another.") from error


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own implicit transactions begin too late; see `_begin_sqlite`.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={_busy_ms()}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    # What is deleted is overwritten: an erased customer must not be legible in a free page.
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    if writes and _has_begun(connection):
        return
    be_patient(connection)
    handed(connection, "BEGIN IMMEDIATE" if writes else "BEGIN", _NOTHING).close()


def be_patient(connection: Connection) -> None:
    """Tell SQLite how long its caller has; a server's connections know by themselves, see `server`."""
    if connection.dialect.name == "sqlite":
        handed(connection, f"PRAGMA busy_timeout={_busy_ms()}", _NOTHING).close()


def _has_begun(connection: Connection) -> bool:
    """Take SQLite's turn to write, asking for it every millisecond; False: not had in time, ask once more.

    SQLite's own waiting sleeps longer with each time that it asks, up to 0.1 s, so that of two processes one
    can wait ten times as long as the other writes (https://www.sqlite.org/c3ref/busy_timeout.html).
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        return False
    driver.execute("PRAGMA busy_timeout=0")
    until = time.monotonic() + at_most(BUSY_TIMEOUT_MS / 1_000)
    begun = False
    while not begun:
        try:
            driver.execute("BEGIN IMMEDIATE")
            begun = True
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                break
            time.sleep(ASK_SECONDS)
    driver.execute(f"PRAGMA busy_timeout={_busy_ms()}")
    return begun


def _busy_ms() -> int:
    return round(at_most(BUSY_TIMEOUT_MS / 1_000) * 1_000)


def _begin_to_rest(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info[_RESTS_SINCE] = time.monotonic()


def _wake(engine: Engine, connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Ask a connection that rested whether it is still there; the pool makes others where it is not.

    SQLAlchemy's own `pool_pre_ping` asks each time, which costs a busy process as much as a statement.
    """
    since = record.info.get(_RESTS_SINCE)
    if since is None or time.monotonic() - since <= RESTED_SECONDS:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error:
        raise InvalidatePoolError from None


def _set_up_server(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    # A commit that a crash of the server can take back is no commit, whatever the server's default is.
    cursor.execute("SET synchronous_commit = on")
    cursor.execute(f"SET lock_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute(NOTICES)
    cursor.close()
    connection.commit()

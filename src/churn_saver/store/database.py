"""The way to the database: engine, transactions, migrations.

A read is one snapshot; a write on SQLite takes the one write lock when it begins, so that nothing
it has read can change under it. Knows no table but Alembic's own. Errors of the driver leave as
`LedgerError`s without any parameter in their text: parameters hold personal data.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, StatementError

from churn_saver.errors import LedgerError, LedgerUnavailable

BUSY_TIMEOUT_MS = 30_000
"""How long a SQLite connection waits for another process's write."""
CACHE_KIB = 65_536
"""Page cache of a SQLite connection: the index of decision ids is written in random order."""
CHECKPOINT_PAGES = 16_384
"""Pages (of 4 KiB) in SQLite's log before they are copied to the file: one copy for several batches."""
_WRITES = "churn_saver_writes"


class Database:
    """Hands out transactions; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine from `connect`; it is disposed of by `close`."""
        self.engine = engine
        self.label = engine.url.render_as_string(hide_password=True)
        sqlite = engine.dialect.name == "sqlite"
        self._reader = engine if sqlite else engine.execution_options(isolation_level="REPEATABLE READ")
        self._writer = engine.execution_options(**{_WRITES: True})
        # SQLite's own waiting sleeps for up to 0.1 s at a time and knows no order; a lock has neither fault.
        self._turn: AbstractContextManager[object] = threading.Lock() if sqlite else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the database.

        Raises:
            LedgerUnavailable: the database cannot be reached or read.
        """
        with self._told(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept together, or not at all when the block raises.

        Raises:
            LedgerUnavailable: the database cannot be reached or written.
            LedgerError: a value cannot be stored, or another writer was first.
        """
        with self._told(), self._turn, self._writer.begin() as connection:
            yield connection

    @contextmanager
    def rebuilding(self) -> Iterator[Connection]:
        """Give a connection for writing on which a table may be replaced while others refer to it.

        SQLite changes a column by copying its table, and would take the rows that refer to it along
        with the old one: references are not enforced in the block, but all checked at its end.
        Source: https://www.sqlite.org/lang_altertable.html#otheralter

        Raises:
            LedgerUnavailable: the database cannot be reached or written.
            LedgerError: a row refers to one that is not there any more; nothing was changed.
        """
        with self._told(), self._turn, self._writer.connect() as connection:
            sqlite = connection.dialect.name == "sqlite"
            if sqlite:
                _enforce_references(connection, enforced=False)
            try:
                with connection.begin():
                    yield connection
                    if sqlite and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                        raise LedgerError(
                            f"ledger {self.label} has a row of {lost[0]!r} that refers to a row of "
                            f"{lost[2]!r} which is not there; nothing was changed. Restore a backup."
                        )
            finally:
                if sqlite:
                    _enforce_references(connection, enforced=True)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise LedgerError(
                f"ledger {self.label} refused a row: {_first_line(error)}. "
                "Another writer was first; try again."
            ) from None
        except DBAPIError as error:
            raise LedgerUnavailable(
                f"ledger {self.label} does not answer: {_first_line(error)}. "
                "Check DATABASE_URL, the disk and the server."
            ) from None
        except StatementError as error:
            raise LedgerError(f"a value cannot be stored: {_first_line(error)}") from None


def sqlite_url(path: Path) -> str:
    """Give the URL of a SQLite file, whatever characters its path has."""
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def connect(database_url: str, create: bool) -> Database:
    """Make an engine for a URL; nothing is migrated.

    Args:
        database_url: sqlite:///relative.db, sqlite:////absolute.db or postgresql+driver://…
        create: Make a SQLite file and its folder where there is none.

    Raises:
        LedgerUnavailable: the URL cannot be used, its driver is not installed, or the file is not there.
    """
    try:
        url = make_url(database_url)
    except ArgumentError:
        raise LedgerUnavailable(
            "DATABASE_URL is not a URL, wanted one such as sqlite:///var/ledger.db. Set it or leave it out."
        ) from None
    options: dict[str, object] = {"hide_parameters": True, "pool_pre_ping": True}
    if url.get_backend_name() == "sqlite":
        _prepare_file(url, create)
        options |= {"connect_args": {"check_same_thread": False}, "pool_pre_ping": False}
    try:
        engine = create_engine(url, **options)
    except (ArgumentError, ImportError) as error:
        raise LedgerUnavailable(
            f"DATABASE_URL names {url.drivername!r}, which cannot be loaded: {error}. "
            "Use sqlite:///…, or install the driver."
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return Database(engine)


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the tables to a revision, all steps or none; a database that is there already is left alone.

    Args:
        database: From `connect`.
        revision: An Alembic revision, 'head' or 'base'; an older one than the database's downgrades it.

    Raises:
        LedgerUnavailable: unreachable, or written by a newer version of this package.
    """
    config = Config()
    config.set_main_option("script_location", "churn_saver.store:migrations")
    script = ScriptDirectory.from_config(config)
    known = [step.revision for step in script.walk_revisions()]
    with database.reading() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in known:
        raise LedgerUnavailable(
            f"ledger {database.label} is of revision {found!r}, this version knows up to {known[0]!r}. "
            "Install the version of churn-saver that wrote it, or name another ledger in DATABASE_URL."
        )
    target = {"head": known[0], "base": None}.get(revision, revision)
    if found == target:
        return
    newest_first = [*known, None]
    with database.rebuilding() as connection:
        config.attributes["connection"] = connection
        step = (
            command.upgrade if newest_first.index(target) < newest_first.index(found) else command.downgrade
        )
        step(config, revision)


def answers(connection: Connection) -> None:
    """Ask the database for its revision, the cheapest thing that proves it is migrated."""
    connection.execute(text("SELECT version_num FROM alembic_version")).all()


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


def _enforce_references(connection: Connection, *, enforced: bool) -> None:
    # Within a transaction SQLite ignores the request, and SQLAlchemy's own way of asking begins one.
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute(f"PRAGMA foreign_keys={'ON' if enforced else 'OFF'}")


def _first_line(error: StatementError) -> str:
    """Say what the driver says; PostgreSQL's further lines repeat the values of the row."""
    return (str(error.orig).splitlines() or ["no reason given"])[0]


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own implicit transactions begin too late; see `_begin_sqlite`.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

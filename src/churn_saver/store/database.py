"""The way to the database: transactions and second tries.

A read is one snapshot. A write on SQLite takes the one write lock when it begins, so that nothing it
has read can change under it; on PostgreSQL it locks the rows that it judges by (a campaign, then
customers in byte order) and every statement sees what was committed before it. Where that is not
enough, because two writers wait for each other or both were first with a key, PostgreSQL ends one of
them, and `Database.write` begins it anew. Knows no table. Errors of the driver leave as `LedgerError`s
without any parameter in their text: parameters hold personal data.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from churn_saver.errors import LedgerError, LedgerUnavailable
from churn_saver.store.connecting import WRITES, be_patient, engine_for
from churn_saver.store.deadlines import acquired, at_most, rest

TRIES = 10
"""How often a write is begun for a caller without a deadline: each time, another one that was in its way is
done. Who has a deadline has as many tries as fit before it."""
PAUSE_SECONDS, MOST_PAUSES = 0.005, 20
"""Before a write is begun anew: a pause more for each race that it lost, up to so many, since those who race
are in each other's way for as long as all of them try at once."""
RACES = frozenset({"40001", "40P01", "23505"})
"""What PostgreSQL calls it when a writer must begin anew: serialization failure, deadlock, a row that is
there already (https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html)."""
_MIGRATION_LOCK = 0x6368_7572_6E
"""Advisory lock of PostgreSQL: one process migrates, others wait."""
Result = TypeVar("Result")


class Database:
    """Hands out transactions; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine from `connecting`; it is disposed of by `close`."""
        self.engine = engine
        # A secret may stand in the query too, which drivers read: what is not needed to find it stays out.
        url = engine.url
        self.label = URL.create(
            url.drivername, host=url.host, port=url.port, database=url.database
        ).render_as_string()
        sqlite = engine.dialect.name == "sqlite"
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        latest = {"isolation_level": "READ COMMITTED"}
        self._reader = engine if sqlite else engine.execution_options(**snapshot)
        self._asker = engine if sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writer = engine.execution_options(**{WRITES: True}, **({} if sqlite else latest))
        # SQLite's own waiting sleeps for up to 0.1 s at a time and knows no order; a lock has neither fault.
        self._lock = threading.Lock() if sqlite else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the database.

        Raises:
            LedgerUnavailable: the database cannot be reached or read, or not in time; see `deadlines`.
        """
        with self._told(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """Give a connection for prepared statements that read, each a snapshot by itself: nothing begins.

        Raises:
            LedgerUnavailable: as `reading`.
        """
        with self._told(), self._asker.connect() as connection:
            be_patient(connection)
            yield connection

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Do some work in a transaction of its own, and anew in a fresh one when it lost a race.

        Args:
            work: Changes nothing but the database, so that it can be done again; what it wrote before
                it raises is taken back.

        Raises:
            LedgerUnavailable: the database cannot be reached or written, or not in time, or is too busy.
            LedgerError: a value cannot be stored, or another writer was first, again and again.
        """
        lost = 0
        with self._told():
            while True:
                try:
                    with self._turn(), self._writer.begin() as connection:
                        return work(connection)
                except DBAPIError as error:
                    lost += 1
                    if _sqlstate(error) not in RACES or not _may_begin_anew(lost):
                        raise
                time.sleep(at_most(PAUSE_SECONDS * min(lost, MOST_PAUSES)))

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
        with self._told(), self._turn(), self._writer.connect() as connection:
            sqlite = connection.dialect.name == "sqlite"
            if sqlite:
                _enforce_references(connection, enforced=False)
            try:
                with connection.begin():
                    if not sqlite:
                        connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
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
    def _turn(self) -> Iterator[None]:
        """Hold SQLite's turn to write; PostgreSQL has none."""
        if self._lock is not None and not acquired(self._lock):
            raise self._late()
        try:
            yield
        finally:
            if self._lock is not None:
                self._lock.release()

    def _late(self) -> LedgerUnavailable:
        return LedgerUnavailable(f"ledger {self.label} did not answer in time. Send the request again.")

    @contextmanager
    def _told(self) -> Iterator[None]:
        if rest() == 0:
            raise self._late()
        try:
            yield
        except IntegrityError as error:
            raise LedgerError(
                # Callers of the service read this one, so it does not say where the ledger is.
                f"the ledger refused a row: {_first_line(error)}. Another writer was first; try again."
            ) from None
        except PoolTimeout:
            raise LedgerUnavailable(
                f"ledger {self.label} is busy: no connection became free. Try again, or send less at once."
            ) from None
        except DataError as error:
            raise LedgerError(f"a value cannot be stored: {_first_line(error)}") from None
        except DBAPIError as error:
            told, step = "does not answer", "Check DATABASE_URL, the disk and the server."
            if _sqlstate(error) in RACES:
                told, step = "is busy", "Try again."
            raise LedgerUnavailable(f"ledger {self.label} {told}: {_first_line(error)}. {step}") from None
        except StatementError as error:
            raise LedgerError(f"a value cannot be stored: {_first_line(error)}") from None


def connect(database_url: str, create: bool) -> Database:
    """Give the way to a database; nothing is migrated.

    Args:
        database_url: sqlite:///relative.db, sqlite:////absolute.db or postgresql://user:password@host/name
        create: Make a SQLite file and its folder where there is none.

    Raises:
        LedgerUnavailable: the URL cannot be used, its driver is not installed, or the file is not there.
    """
    return Database(engine_for(database_url, create))


def _enforce_references(connection: Connection, *, enforced: bool) -> None:
    # Within a transaction SQLite ignores the request, and SQLAlchemy's own way of asking begins one.
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute(f"PRAGMA foreign_keys={'ON' if enforced else 'OFF'}")


def _may_begin_anew(lost: int) -> bool:
    left = rest()
    return lost < TRIES if left is None else left > 0


def _first_line(error: StatementError) -> str:
    """Say what the driver says; PostgreSQL's further lines repeat the values of the row."""
    return (str(error.orig).splitlines() or ["no reason given"])[0]


def _sqlstate(error: DBAPIError) -> str | None:
    """Give PostgreSQL's five-letter code; None of SQLite, where no write races another."""
    code = getattr(error.orig, "sqlstate", None)
    return code if isinstance(code, str) else None

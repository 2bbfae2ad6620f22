"""Take what was erased out of the files of the database itself, as far as the database lets us.

SQLite's log holds pages as they were before: it is brought into the file and cut to nothing, again and again
where a reader stands in the way. PostgreSQL's dead rows are vacuumed, so that their place is free; it is
overwritten when it is used again, not before, and its log and backups keep what they have. Knows nothing
of what was erased.
"""

import sqlite3
import threading

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from churn_saver.store.database import Database
from churn_saver.store.evidence_tables import shadows
from churn_saver.store.schema import answers, customers, decision_details, outbox

EACH_SECONDS = 1.0
"""How long it waits between two tries."""
ENDS_SECONDS = 2.0
"""How long an end waits for a try that is under way: it may hang with its database."""
PATIENCE_MS = 100
"""How long one try waits for readers; writers wait as long."""
_TOUCHED = ", ".join(table.name for table in (customers, decision_details, answers, outbox, shadows))


class Emptying:
    """Empties at once where that can be done, else in a thread of its own until it is done."""

    def __init__(self, database: Database) -> None:
        """Take the database; nothing is begun."""
        self._database = database
        self._lock = threading.Lock()
        self._wanted = 0
        self._thread: threading.Thread | None = None
        self._done, self._ends = threading.Event(), threading.Event()
        self._done.set()

    def begin(self) -> None:
        """Begin after an erasure; never raises, since what was erased is erased."""
        if empty(self._database):
            return
        with self._lock:
            self._wanted += 1
            self._done.clear()
            if self._thread is None:
                self._thread = threading.Thread(target=self._try, name="empty-log", daemon=True)
                self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until all that was begun is done. False: it is not, readers stand in the way still."""
        return self._done.wait(seconds)

    def close(self) -> None:
        """Leave it: SQLite itself empties the log when the last one lets go of the ledger."""
        self._ends.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(ENDS_SECONDS)

    def _try(self) -> None:
        while not self._ends.wait(EACH_SECONDS):
            wanted = self._wanted
            if not empty(self._database):
                continue
            with self._lock:
                # Another erasure may have come after this try had begun.
                if wanted == self._wanted:
                    self._thread = None
                    self._done.set()
                    return


def empty(database: Database) -> bool:
    """Try once.

    Returns:
        False when a reader stood in the way, or the database did not answer.
    """
    try:
        if database.engine.dialect.name == "sqlite":
            return _cut_log(database)
        _vacuum(database)
    except (sqlite3.Error, SQLAlchemyError):
        return False
    return True


def _cut_log(database: Database) -> bool:
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        (usual,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
        try:
            (busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            cursor.execute(f"PRAGMA busy_timeout={usual}")
    finally:
        connection.close()
    return not busy


def _vacuum(database: Database) -> None:
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # Whoever has a table locked for another vacuum does the same work.
        connection.execute(text(f"VACUUM (SKIP_LOCKED) {_TOUCHED}"))

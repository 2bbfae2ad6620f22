"""Writing to a ledger by hand, in the middle of a test."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from churn_saver.store.connecting import WRITES
from churn_saver.store.database import Database


@contextmanager
def writing(database: Database) -> Iterator[Connection]:
    """Give a connection whose changes are kept together, or not at all when the block raises."""
    with database.engine.execution_options(**{WRITES: True}).begin() as connection:
        yield connection

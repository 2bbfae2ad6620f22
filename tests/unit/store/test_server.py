"""A server that does not answer in time costs its connection, and nobody more than the time they have."""

import socket
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from churn_saver.errors import LedgerUnavailable
from churn_saver.store.connecting import engine_for
from churn_saver.store.database import Database, connect
from churn_saver.store.deadlines import within
from tests.postgres import ON_POSTGRESQL
from tests.writing import writing

BRIEF = 0.5
"""Seconds in which what is asked is begun, and does not end."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Connect."""
    made = connect(database_url, create=False)
    yield made
    made.close()


def backends(database: Database, pid: int) -> int:
    """Count the processes of the server with this number."""
    with database.reading() as connection:
        counted = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
        found: int = connection.execute(counted, {"pid": pid}).scalar_one()
        return found


@ON_POSTGRESQL
def test_whoever_has_no_time_left_hangs_up(database: Database) -> None:
    """The statement would take ten minutes; the next caller gets another connection."""
    with (
        pytest.raises(LedgerUnavailable, match="does not answer: no answer in time, hung up"),
        within(BRIEF),
        database.reading() as connection,
    ):
        connection.execute(text("SELECT pg_sleep(600)"))
    with within(3_600), database.reading() as connection:
        found = connection.execute(text("SELECT 1")).scalar()

    assert found == 1


@ON_POSTGRESQL
def test_what_was_not_done_in_time_is_taken_back(database: Database) -> None:
    """All of the transaction; and the server's process ends, though it waits for a lock."""
    pids: list[int] = []

    def too_late() -> None:
        def insert(connection: Connection) -> None:
            pids.append(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
            connection.execute(text("INSERT INTO customers (customer_id) VALUES ('C1')"))
            connection.execute(text("LOCK TABLE outbox"))

        with within(BRIEF):
            database.write(insert)

    with writing(database) as holder:
        holder.execute(text("LOCK TABLE outbox"))
        with pytest.raises(LedgerUnavailable, match="no answer in time"):
            too_late()
        while backends(database, pids[0]):
            threading.Event().wait(0.05)
    with database.reading() as connection:
        kept = connection.execute(text("SELECT count(*) FROM customers")).scalar()

    assert kept == 0


@ON_POSTGRESQL
def test_whoever_has_time_waits_as_ever(database: Database) -> None:
    """An answer that takes several looks at the clock comes, with a deadline and without."""
    asked = text("SELECT 1 FROM pg_sleep(0.3)")
    with database.reading() as connection:
        found = [connection.execute(asked).scalar()]
    with within(3_600), database.reading() as connection:
        found.append(connection.execute(asked).scalar())

    assert found == [1, 1]


@pytest.mark.parametrize("query", ["", "?connect_timeout=3600", "?connect_timeout=0"])
def test_a_door_that_opens_for_nobody(query: str) -> None:
    """It takes the call and says nothing: whoever has no time left waits two seconds, libpq's least."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        database = Database(engine_for(f"postgresql://{host}:{port}/books{query}", create=False))
        with (
            pytest.raises(LedgerUnavailable, match="does not answer: connection timeout expired"),
            within(BRIEF),
            database.reading(),
        ):
            pass
        database.close()

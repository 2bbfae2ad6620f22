"""Transactions are whole or absent, migrations lead to the schema, nothing personal leaks."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from churn_saver.errors import LedgerError, LedgerUnavailable
from churn_saver.store import connecting
from churn_saver.store.connecting import engine_for
from churn_saver.store.database import TRIES, Database, connect
from churn_saver.store.deadlines import within
from churn_saver.store.migrating import migrate
from churn_saver.store.prepared import handed
from tests.migrated import tables
from tests.postgres import ON_POSTGRESQL, ON_SQLITE, Server
from tests.writing import writing

INSERT = "INSERT INTO customers (customer_id) VALUES (:one)"


@ON_SQLITE
def test_sqlite_is_durable(database: Database) -> None:
    """WAL, full synchronisation (2), foreign keys and patience are on for every connection."""
    with database.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    database.close()

    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_read_sees_one_moment(database: Database) -> None:
    """What another connection writes during a read is not seen by it, only by the next."""
    count = text("SELECT count(*) FROM customers")

    with database.reading() as reader:
        before = reader.execute(count).scalar()
        with writing(database) as writer:
            writer.execute(text(INSERT), {"one": "C1"})
        during = reader.execute(count).scalar()
    with database.reading() as reader:
        after = reader.execute(count).scalar()
    database.close()

    assert (before, during, after) == (0, 0, 1)


def test_who_asks_once_sees_what_was_written_last(database: Database) -> None:
    """A statement by itself begins nothing that would have to be ended."""
    found: list[object] = []

    for name in ("C1", "C2"):
        with writing(database) as writer:
            writer.execute(text(INSERT), {"one": name})
        with database.asking() as connection:
            cursor = handed(connection, "SELECT count(*) FROM customers", [()])
            found.append(cursor.fetchall()[0][0])
            cursor.close()
            driver = connection.connection.driver_connection
            assert driver is not None
            begun = getattr(driver, "in_transaction", None)
            assert not (driver.info.transaction_status if begun is None else begun)
    database.close()

    assert found == [1, 2]


@ON_SQLITE
def test_writers_take_turns(database: Database) -> None:
    """Eight threads that read and then write lose no step: 8 × 5 = 40."""

    def add(connection: Connection) -> None:
        last = connection.execute(text("SELECT max(id) FROM customers")).scalar() or 0
        connection.execute(
            text("INSERT INTO customers (id, customer_id) VALUES (:id, :id)"), {"id": last + 1}
        )

    def step() -> None:
        for _ in range(5):
            database.write(add)

    threads = [threading.Thread(target=step) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        count = connection.execute(text("SELECT count(*) FROM customers")).scalar()
    database.close()

    assert count == 40


@ON_SQLITE
def test_a_turn_is_waited_for_as_long_as_there_is_time(database: Database) -> None:
    """Twenty who have none left hear at once that they are late, while one of this process writes."""

    def hurried(_: int) -> str:
        with pytest.raises(LedgerUnavailable, match="did not answer in time") as caught, within(0.05):
            database.write(lambda one: one.execute(text(INSERT), {"one": "late"}))
        return str(caught.value)

    def hold(connection: Connection) -> list[str]:
        with ThreadPoolExecutor(20) as pool:
            found = list(pool.map(hurried, range(20)))
        connection.execute(text(INSERT), {"one": "C1"})
        return found

    late = database.write(hold)
    with database.reading() as connection:
        kept = connection.execute(text("SELECT customer_id FROM customers")).scalars().all()
    database.close()

    assert (len(late), kept) == (20, ["C1"])


@ON_SQLITE
def test_another_process_is_waited_for_as_long_as_there_is_time(database: Database) -> None:
    """It holds the file's write lock; readers read on."""
    other = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerUnavailable, match="does not answer: database is locked"), within(0.05):
        database.write(lambda one: one.execute(text(INSERT), {"one": "late"}))
    with within(3_600):
        there = tables(database)
    other.close()
    database.close()

    assert "customers" in there


def test_whoever_has_no_time_left_does_not_begin(database: Database) -> None:
    """Neither reading nor writing; the next one does."""
    for way in (database.reading, database.rebuilding):
        with pytest.raises(LedgerUnavailable, match="did not answer in time"), within(0), way():
            pass
    with pytest.raises(LedgerUnavailable, match="did not answer in time"), within(0):
        database.write(lambda one: one.execute(text(INSERT), {"one": "late"}))
    there = tables(database)
    database.close()

    assert "customers" in there


@ON_SQLITE
def test_a_table_may_be_replaced_while_others_refer_to_it(database: Database) -> None:
    """Within the block references are not enforced, before and after they are, on the same connection."""
    lonely = "INSERT INTO outbox (decision_ref, send_at) VALUES (7, '2026-03-02')"
    pragma = "PRAGMA foreign_keys"

    with database.rebuilding() as connection:
        during = connection.exec_driver_sql(pragma).scalar()
        connection.exec_driver_sql(lonely)
        connection.exec_driver_sql("DELETE FROM outbox")
        connection.execute(text(INSERT), {"one": "C1"})
    with writing(database) as connection:
        after = connection.exec_driver_sql(pragma).scalar()
        kept = connection.execute(text("SELECT count(*) FROM customers")).scalar()
    with pytest.raises(LedgerError, match="FOREIGN KEY"):
        database.write(lambda one: one.exec_driver_sql(lonely))
    database.close()

    assert (during, after, kept) == (0, 1, 1)


@ON_SQLITE
def test_a_reference_to_nothing_takes_all_back(database: Database) -> None:
    """It is named by its table, and neither it nor what was written beside it stays."""

    def lose() -> None:
        with database.rebuilding() as connection:
            connection.execute(text(INSERT), {"one": "C1"})
            connection.exec_driver_sql("INSERT INTO outbox (decision_ref, send_at) VALUES (7, '2026-03-02')")

    with pytest.raises(LedgerError, match=r"a row of 'outbox' that refers to a row of 'decisions'.*backup"):
        lose()
    with database.reading() as connection:
        counts = [
            connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            for table in ("customers", "outbox")
        ]
        enforced = connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
    database.close()

    assert (counts, enforced) == ([0, 0], 1)


def test_errors_of_the_driver_hold_no_parameters(database: Database) -> None:
    """A refused row leaves as a LedgerError that does not repeat the personal value."""
    with writing(database) as connection:
        connection.execute(text(INSERT), {"one": "canary-4711"})

    with pytest.raises(LedgerError, match="refused a row") as caught:
        database.write(lambda one: one.execute(text(INSERT), {"one": "canary-4711"}))
    with pytest.raises(LedgerUnavailable, match="does not answer") as lost, database.reading() as connection:
        connection.execute(text("SELECT * FROM nowhere WHERE 'x' = :one"), {"one": "canary-4711"})
    database.close()

    assert "canary" not in f"{caught.value} {caught.value.__cause__} {lost.value} {lost.value.__cause__}"
    assert caught.value.__suppress_context__


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A text file in the place of the ledger is refused, not overwritten."""
    path = tmp_path / "ledger.db"
    path.write_text("customer_id,contact\n" * 100)
    found = connect(f"sqlite:///{path}", create=True)

    with pytest.raises(LedgerUnavailable, match="file is not a database"):
        migrate(found)
    found.close()

    assert path.read_text().startswith("customer_id")


@ON_SQLITE
def test_an_older_driver_connection_is_closed(database: Database) -> None:
    """After `close` the file can be opened for writing by anybody else at once."""
    path = str(database.engine.url.database)
    database.close()

    other = sqlite3.connect(path, timeout=0.1)
    other.execute("BEGIN EXCLUSIVE")

    assert other.in_transaction
    other.rollback()
    other.close()


def test_work_that_raises_changes_nothing_and_is_not_done_again(database: Database) -> None:
    """An error of our own is nobody's race."""
    done = []

    def fail_half_way(connection: Connection) -> None:
        connection.execute(text(INSERT), {"one": "C1"})
        done.append(1)
        raise ZeroDivisionError("half-way")

    with pytest.raises(ZeroDivisionError, match="half-way"):
        database.write(fail_half_way)
    kept = database.write(lambda one: one.execute(text("SELECT count(*) FROM customers")).scalar())
    database.close()

    assert (len(done), kept) == (1, 0)


def test_a_race_that_is_always_lost_ends(database: Database) -> None:
    """A row that is there and stays there: refused at once on SQLite, after some tries on PostgreSQL."""
    done = []

    def lose(connection: Connection) -> None:
        done.append(1)
        connection.execute(text(INSERT), {"one": "C1"})

    database.write(lose)
    with pytest.raises(LedgerError, match=r"refused a row.*Another writer was first"):
        database.write(lose)
    database.close()

    assert len(done) == 1 + (1 if database.engine.dialect.name == "sqlite" else TRIES)


def at_once(*works: Callable[[], object]) -> None:
    """Do things in threads of their own; fail when one does."""
    with ThreadPoolExecutor(len(works)) as pool:
        for one in [pool.submit(work) for work in works]:
            one.result()


@ON_POSTGRESQL
def test_who_was_second_with_a_row_begins_anew(database: Database) -> None:
    """Both read that none is there and write the first; one is told no, reads again and writes the second."""
    both = threading.Barrier(2)
    done: list[int] = []

    def add(connection: Connection) -> None:
        last = connection.execute(text("SELECT max(id) FROM customers")).scalar() or 0
        done.append(last)
        if last == 0:
            both.wait()
        connection.execute(
            text("INSERT INTO customers (id, customer_id) VALUES (:id, :name)"),
            {"id": last + 1, "name": f"C{last + 1}"},
        )

    at_once(lambda: database.write(add), lambda: database.write(add))
    database.close()

    assert done == [0, 0, 1]


@ON_POSTGRESQL
def test_who_waits_for_each_other_is_parted(database: Database) -> None:
    """Each holds the row that the other wants: one is ended, begins anew, and both are done."""
    both = threading.Barrier(2)
    done: list[str] = []
    database.write(lambda one: one.execute(text("INSERT INTO customers (customer_id) VALUES ('A'), ('B')")))

    def mark(connection: Connection, *names: str) -> None:
        for place, name in enumerate(names):
            if place and len(done) < 2:
                done.append(name)
                both.wait()
            when = text("UPDATE customers SET opted_out_at = now() WHERE customer_id = :name")
            connection.execute(when, {"name": name})
        done.append("end")

    at_once(
        lambda: database.write(lambda one: mark(one, "A", "B")),
        lambda: database.write(lambda one: mark(one, "B", "A")),
    )
    database.close()

    assert sorted(done) == ["A", "B", "end", "end"]


@ON_POSTGRESQL
def test_a_value_that_does_not_fit_is_no_failure_of_the_database(database: Database) -> None:
    """Too long, or a character that PostgreSQL has none of: refused without repeating it."""
    for value in ("canary-" + "x" * 200, "canary-\x00"):
        with pytest.raises(LedgerError, match="a value cannot be stored") as caught:
            database.write(partial(Connection.execute, statement=text(INSERT), parameters={"one": value}))

        assert not isinstance(caught.value, LedgerUnavailable)
        assert "canary" not in str(caught.value)
    database.close()


@ON_POSTGRESQL
def test_a_read_cannot_write(database: Database) -> None:
    """The server refuses it."""
    with pytest.raises(LedgerUnavailable, match="read-only"), database.reading() as connection:
        connection.execute(text(INSERT), {"one": "C1"})
    database.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@127.0.0.1:1/books",
        "postgresql://127.0.0.1:1/books?user=me&password=hunter2",
        "postgresql://127.0.0.1:1/books?sslpassword=hunter2&passfile=/etc/hunter2",
    ],
)
def test_a_server_that_is_gone_is_named_without_a_secret(url: str) -> None:
    """Nobody listens there: said with the place alone, wherever in the URL a secret stands."""
    database = connect(url, create=False)

    with pytest.raises(LedgerUnavailable, match=r"127\.0\.0\.1.*does not answer") as caught:
        migrate(database)
    database.close()

    assert "hunter2" not in f"{caught.value} {caught.value.__cause__} {database.label}"
    assert database.label == "postgresql+psycopg://127.0.0.1:1/books"


@ON_POSTGRESQL
def test_a_connection_that_was_cut_is_made_anew(
    postgres: Server, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends all our connections while they rest: the next read does not notice."""
    monkeypatch.setattr(connecting, "RESTED_SECONDS", 0.0)
    with database.reading() as connection:
        connection.execute(text("SELECT 1"))
    postgres.cut_off(str(database.engine.url.database))

    there = tables(database)
    database.close()

    assert "customers" in there


@ON_POSTGRESQL
def test_a_write_that_always_has_to_give_way_ends(database: Database) -> None:
    """A serialization failure each time: begun anew until the tries are used up, then told as busy."""
    done = []

    def give_way(connection: Connection) -> None:
        done.append(1)
        connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION 'told so' USING ERRCODE = '40001'; END $$")

    with pytest.raises(LedgerUnavailable, match=r"is busy: told so\. Try again"):
        database.write(give_way)
    database.close()

    assert len(done) == TRIES


@ON_POSTGRESQL
def test_who_has_time_begins_anew_for_as_long(database: Database) -> None:
    """A race lost twice as often as others may try is won at last; one that is always lost ends in time."""
    done: list[int] = []

    def give_way(connection: Connection, losses: int) -> int:
        done.append(1)
        if len(done) <= losses:
            connection.exec_driver_sql(
                "DO $$ BEGIN RAISE EXCEPTION 'told so' USING ERRCODE = '40P01'; END $$"
            )
        return len(done)

    with within(3_600):
        tries = database.write(lambda one: give_way(one, 2 * TRIES))
    with pytest.raises(LedgerUnavailable, match=r"ledger .* (is busy|in time|hung up)"), within(0.2):
        database.write(lambda one: give_way(one, 1_000_000))
    database.close()

    assert tries == 2 * TRIES + 1


def test_too_many_at_once_are_told_to_come_back(database_url: str) -> None:
    """Of one connection that is taken none becomes free: busy, not broken."""
    url = engine_for(database_url, create=True).url
    database = Database(create_engine(url, pool_size=1, max_overflow=0, pool_timeout=0.01))

    with (
        database.engine.connect(),
        pytest.raises(LedgerUnavailable, match=r"is busy: no connection became free"),
        database.reading(),
    ):
        pass
    database.close()

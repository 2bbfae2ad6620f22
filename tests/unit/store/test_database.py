"""Transactions are whole or absent, migrations lead to the schema, nothing personal leaks."""

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from churn_saver.errors import LedgerError, LedgerUnavailable
from churn_saver.store.database import Database, connect, migrate
from churn_saver.store.schema import metadata

INSERT = "INSERT INTO customers (customer_id) VALUES (:one)"


@pytest.fixture
def database(url: str) -> Database:
    """Give a migrated database."""
    made = connect(url, create=True)
    migrate(made)
    return made


def tables(database: Database) -> set[str]:
    """Name the tables."""
    with database.reading() as connection:
        return set(inspect(connection).get_table_names())


def test_migrations_lead_to_the_schema(database: Database) -> None:
    """After all migrations Alembic finds nothing left to change."""
    with database.reading() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    database.close()

    assert difference == []


def test_down_and_up_again(database: Database) -> None:
    """Downgraded to nothing, every table is gone; upgraded again, the tables work and are empty."""
    with database.writing() as connection:
        connection.execute(text(INSERT), {"one": "C1"})

    migrate(database, "base")
    bare = tables(database)
    migrate(database)
    with database.writing() as connection:
        kept = connection.execute(text("SELECT count(*) FROM customers")).scalar()
        connection.execute(text(INSERT), {"one": "C1"})
    database.close()

    assert bare == {"alembic_version"}
    assert kept == 0


def test_migrating_twice_changes_nothing(database: Database) -> None:
    """At head there is nothing to do, and what is stored stays."""
    with database.writing() as connection:
        connection.execute(text(INSERT), {"one": "C1"})

    migrate(database)
    with database.reading() as connection:
        kept = connection.execute(text("SELECT count(*) FROM customers")).scalar()
    database.close()

    assert kept == 1


def test_a_newer_ledger_is_left_alone(database: Database) -> None:
    """A revision that this version does not know is named, with what to do."""
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(LedgerUnavailable, match=r"revision '9999'.*knows up to.*Install the version"):
        migrate(database)
    database.close()


def test_sqlite_is_durable(database: Database) -> None:
    """WAL, full synchronisation (2), foreign keys and patience are on for every connection."""
    with database.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    database.close()

    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_block_that_raises_changes_nothing(database: Database) -> None:
    """What was written before the error is taken back with it."""

    def fail_half_way() -> None:
        with database.writing() as connection:
            connection.execute(text(INSERT), {"one": "C1"})
            raise ZeroDivisionError("half-way")

    with pytest.raises(ZeroDivisionError, match="half-way"):
        fail_half_way()
    with database.reading() as connection:
        kept = connection.execute(text("SELECT count(*) FROM customers")).scalar()
    database.close()

    assert kept == 0


def test_a_read_sees_one_moment(database: Database) -> None:
    """What another connection writes during a read is not seen by it, only by the next."""
    count = text("SELECT count(*) FROM customers")

    with database.reading() as reader:
        before = reader.execute(count).scalar()
        with database.writing() as writer:
            writer.execute(text(INSERT), {"one": "C1"})
        during = reader.execute(count).scalar()
    with database.reading() as reader:
        after = reader.execute(count).scalar()
    database.close()

    assert (before, during, after) == (0, 0, 1)


def test_writers_take_turns(database: Database) -> None:
    """Eight threads that read and then write lose no step: 8 × 5 = 40."""

    def step() -> None:
        for _ in range(5):
            with database.writing() as connection:
                last = connection.execute(text("SELECT max(id) FROM customers")).scalar() or 0
                connection.execute(
                    text("INSERT INTO customers VALUES (:id, :id, NULL, NULL)"), {"id": last + 1}
                )

    threads = [threading.Thread(target=step) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        count = connection.execute(text("SELECT count(*) FROM customers")).scalar()
    database.close()

    assert count == 40


def test_a_table_may_be_replaced_while_others_refer_to_it(database: Database) -> None:
    """Within the block references are not enforced, before and after they are, on the same connection."""
    lonely = "INSERT INTO outbox VALUES (7, '2026-03-02')"
    pragma = "PRAGMA foreign_keys"

    with database.rebuilding() as connection:
        during = connection.exec_driver_sql(pragma).scalar()
        connection.exec_driver_sql(lonely)
        connection.exec_driver_sql("DELETE FROM outbox")
        connection.execute(text(INSERT), {"one": "C1"})
    with database.writing() as connection:
        after = connection.exec_driver_sql(pragma).scalar()
        kept = connection.execute(text("SELECT count(*) FROM customers")).scalar()
    with pytest.raises(LedgerError, match="FOREIGN KEY"), database.writing() as connection:
        connection.exec_driver_sql(lonely)
    database.close()

    assert (during, after, kept) == (0, 1, 1)


def test_a_reference_to_nothing_takes_all_back(database: Database) -> None:
    """It is named by its table, and neither it nor what was written beside it stays."""

    def lose() -> None:
        with database.rebuilding() as connection:
            connection.execute(text(INSERT), {"one": "C1"})
            connection.exec_driver_sql("INSERT INTO outbox VALUES (7, '2026-03-02')")

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
    with database.writing() as connection:
        connection.execute(text(INSERT), {"one": "canary-4711"})

    with pytest.raises(LedgerError, match="refused a row") as caught, database.writing() as connection:
        connection.execute(text(INSERT), {"one": "canary-4711"})
    with pytest.raises(LedgerUnavailable, match="does not answer") as lost, database.reading() as connection:
        connection.execute(text("SELECT * FROM nowhere WHERE 'x' = :one"), {"one": "canary-4711"})
    database.close()

    assert "canary" not in f"{caught.value} {caught.value.__cause__} {lost.value} {lost.value.__cause__}"
    assert caught.value.__suppress_context__


def test_folders_are_made(tmp_path: Path) -> None:
    """The folder of a new ledger is made with it."""
    path = tmp_path / "a" / "b" / "ledger.db"

    made = connect(f"sqlite:///{path}", create=True)
    migrate(made)
    made.close()

    assert path.is_file()


def test_nothing_is_made_unasked(tmp_path: Path) -> None:
    """Without `create` an absent ledger is named and not made; a present one opens."""
    path = tmp_path / "a" / "ledger.db"

    with pytest.raises(LedgerUnavailable, match=r"no ledger at .*ledger\.db"):
        connect(f"sqlite:///{path}", create=False)

    assert not path.parent.exists()

    migrate(made := connect(f"sqlite:///{path}", create=True))
    made.close()
    again = connect(f"sqlite:///{path}", create=False)
    migrate(again)
    again.close()


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("ledger.db", "not a URL"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("nosuch://host/db", "nosuch.*cannot be loaded"),
    ],
)
def test_urls_that_cannot_be_used(url: str, match: str) -> None:
    """A URL that names no database says what is wanted."""
    with pytest.raises(LedgerUnavailable, match=match):
        connect(url, create=True)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Where a file stands in the way of the folder, the path is named."""
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(LedgerUnavailable, match=r"taken/ledger\.db cannot be made"):
        connect(f"sqlite:///{tmp_path}/taken/ledger.db", create=True)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A text file in the place of the ledger is refused, not overwritten."""
    path = tmp_path / "ledger.db"
    path.write_text("customer_id,contact\n" * 100)
    found = connect(f"sqlite:///{path}", create=True)

    with pytest.raises(LedgerUnavailable, match="file is not a database"):
        migrate(found)
    found.close()

    assert path.read_text().startswith("customer_id")


def test_a_password_is_not_shown(url: str) -> None:
    """The label of a ledger, used in every message, hides the password."""
    database = connect(url, create=True)
    server = Database(database.engine.execution_options())
    database.engine.url = database.engine.url.set(username="me", password="hunter2")

    label = Database(database.engine).label
    database.close()
    server.close()

    assert "hunter2" not in label
    assert "***" in label


def test_an_older_driver_connection_is_closed(database: Database) -> None:
    """After `close` the file can be opened for writing by anybody else at once."""
    path = str(database.engine.url.database)
    database.close()

    other = sqlite3.connect(path, timeout=0.1)
    other.execute("BEGIN EXCLUSIVE")

    assert other.in_transaction
    other.rollback()
    other.close()

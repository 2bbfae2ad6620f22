"""Naming the bank's message in a decision loses nothing, in either direction, but for the name itself."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from churn_saver.store import Store
from churn_saver.store.database import Database, connect
from churn_saver.store.migrating import migrate
from churn_saver.store.schema import metadata
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers, silence

TABLES = ("campaigns", "customers", "settlements", "decisions", "decision_details", "reservations", "outbox")
Row = tuple[object, ...]


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Give the way to books with a banked contact, a plain one and a silence."""
    made = connect(url, create=True)
    migrate(made)
    store = Store(made)
    store.campaigns.open(campaign())
    banked = replace(offers(["A", "B"]), message_sources=["bank", "template"], message_entries=["m7", None])
    store.settle("spring", banked, NOON)
    store.settle("spring", silence(["C"]), NOON + DAY)
    yield made
    made.close()


def rows(database: Database, query: str) -> list[Row]:
    """Ask the database itself."""
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def contents(database: Database) -> dict[str, list[dict[str, object]]]:
    """Give all rows of all tables."""
    with database.reading() as connection:
        return {
            table: [
                dict(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY 1")).mappings()
            ]
            for table in TABLES
        }


def narrowed(
    wide: dict[str, list[dict[str, object]]], narrow: dict[str, list[dict[str, object]]]
) -> dict[str, list[dict[str, object]]]:
    """Give the rows of one state with the columns of another."""
    names = {table: list(some[0]) for table, some in narrow.items()}
    return {table: [{name: row[name] for name in names[table]} for row in wide[table]] for table in TABLES}


def test_the_message_of_the_bank_is_recorded(database: Database) -> None:
    """A plain sentence and silence have none."""
    assert rows(database, "SELECT message_source, message_entry FROM decisions ORDER BY id") == [
        ("bank", "m7"), ("template", None), ("none", None),
    ]  # fmt: skip


def test_down_forgets_the_entry_and_nothing_else(database: Database) -> None:
    """Every other value of every table is as it was, the source of the message too."""
    before = contents(database)

    migrate(database, "0002")
    after = contents(database)
    with database.reading() as connection:
        columns = {one["name"] for one in inspect(connection).get_columns("decisions")}

    assert after == narrowed(before, after)
    assert "message_entry" not in columns


def test_up_the_decisions_there_are_have_no_entry(database: Database) -> None:
    """The books read on, and Alembic finds nothing to change, after three rounds."""
    migrate(database, "0002")
    before = contents(database)
    migrate(database)
    for _ in range(2):
        migrate(database, "0002")
        migrate(database)
    with database.reading() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)

    assert narrowed(contents(database), before) == before
    assert rows(database, "SELECT DISTINCT message_entry FROM decisions") == [(None,)]
    assert Store(database).verify("spring", NOON).reserved_minor == 2_000
    assert difference == []

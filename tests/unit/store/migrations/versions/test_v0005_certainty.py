"""Between 0004 and 0005 nothing is lost, and further down nothing that must be kept."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from churn_saver.errors import LedgerError
from churn_saver.store import Answer, Answering, Store
from churn_saver.store.backup import verify_all
from churn_saver.store.database import Database, connect
from churn_saver.store.migrating import migrate
from churn_saver.store.schema import metadata
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers, silence
from tests.writing import writing

Row = tuple[object, ...]
OLD_SETTLEMENT = """
    UPDATE settlements SET idempotency_key = 'header:old' WHERE id = 2
"""


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Give the way to books with two contacts, one of them sent, and a silence."""
    made = connect(url, create=True)
    migrate(made)
    store = Store(made)
    store.campaigns.open(campaign())
    mixed = replace(offers(["A", "B"]), channels=["sms", "email"])
    first, _ = store.settle("spring", mixed, NOON).decision_ids
    store.outbox.sent(first, NOON)
    store.settle("spring", silence(["C"]), NOON + DAY)
    yield made
    made.close()


def rows(database: Database, query: str) -> list[Row]:
    """Ask the database itself."""
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def change(database: Database, statement: str) -> None:
    """Change the database itself."""
    with writing(database) as connection:
        connection.execute(text(statement))


def columns_of(database: Database, table: str) -> set[str]:
    """Name the columns of a table."""
    with database.reading() as connection:
        return {str(column["name"]) for column in inspect(connection).get_columns(table)}


def test_down_a_waiting_message_has_its_channel_again(database: Database) -> None:
    """And up it stands in its decision; the decision that was sent keeps its own all the way."""
    migrate(database, "0004")
    below = columns_of(database, "outbox")
    waits = rows(database, "SELECT channel FROM outbox")
    migrate(database)

    assert "channel" in below
    assert not below & {"country", "is_uncertain"}
    assert waits == [("email",)]
    assert "channel" not in columns_of(database, "outbox")
    assert rows(database, "SELECT channel FROM decisions ORDER BY id") == [("sms",), ("email",), (None,)]


def test_a_ledger_of_0004_tells_the_channel_of_what_waits(database: Database) -> None:
    """There it stood in the outbox alone; it comes along, and the next dispatcher is told."""
    migrate(database, "0004")
    change(database, "UPDATE decisions SET channel = NULL")
    change(database, "UPDATE outbox SET channel = 'push'")
    with database.rebuilding() as connection:
        connection.execute(text("ALTER TABLE decisions DROP COLUMN channel"))
    migrate(database)

    (message,) = Store(database).outbox.claim(9, NOON, "a", DAY)

    assert message.channel == "push"
    assert rows(database, "SELECT channel FROM decisions ORDER BY id") == [(None,), ("push",), (None,)]


def test_three_rounds_leave_chains_and_money_whole(database: Database) -> None:
    """Alembic finds nothing to change, and what is settled then is covered too."""
    for _ in range(3):
        migrate(database, "0004")
        migrate(database)
    with database.reading() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    store = Store(database)
    store.settle("spring", offers(["D"]), NOON + DAY)

    assert difference == []
    assert {name: check.older for name, check in verify_all(store, NOON).items()} == {None: 0, "spring": 0}
    change(database, "UPDATE decisions SET channel = 'email' WHERE channel = 'sms'")
    with pytest.raises(LedgerError, match=r"settlement 1 or one of its decisions was changed"):
        verify_all(store, NOON)


def test_the_key_of_a_table_still_leads_to_its_settlement(database: Database) -> None:
    """A table that was answered before the upgrade is answered from the settlement under its key."""
    migrate(database, "0004")
    change(database, OLD_SETTLEMENT)
    empty = "X''" if database.engine.dialect.name == "sqlite" else "''"
    change(
        database,
        "INSERT INTO answers (key, request_digest, status, body, made_at) "
        f"VALUES ('header:old', {empty}, 200, {empty}, '2026-03-02 17:00:00.000000')",
    )
    migrate(database)

    assert rows(database, "SELECT key, settlement_ref FROM answers") == [("header:old", 2)]


def test_down_the_keys_of_tables_are_forgotten(database: Database) -> None:
    """An older version would look for the decisions under the key, where they are not any more."""
    store = Store(database)
    table = Answering("t", b"x" * 32, lambda _: Answer(200, b""), is_table=True)
    one = Answering("o", b"x" * 32, lambda _: Answer(200, b"one"))
    store.settle("spring", silence(["D", "E"]), NOON + DAY, answers=[table])
    store.settle("spring", silence(["F"]), NOON + DAY, answers=[one])

    migrate(database, "0004")

    assert rows(database, "SELECT key FROM answers") == [("o",)]

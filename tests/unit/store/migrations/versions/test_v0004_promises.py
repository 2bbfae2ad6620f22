"""The promises' columns and tables come and go without a loss to customers, decisions and money."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from churn_saver.store import Store
from churn_saver.store.database import Database, connect
from churn_saver.store.migrating import migrate
from churn_saver.store.schema import metadata
from tests.builders import NOON, campaign
from tests.migrated import tables
from tests.unit.store.batches import DAY, offers, silence

TABLES = ("campaigns", "customers", "settlements", "decisions", "decision_details", "reservations", "outbox")
MADE = {"outcomes", "answers", "audit", "chains", "suppressions", "controls", "keys"}
ADDED = {
    "campaigns": {"is_paced"},
    "customers": {"erased_at"},
    "decisions": {"details_digest"},
    "decision_details": {"salt"},
    "outbox": {
        "time_zone", "channel", "attempts", "claimed_until", "claimed_by", "fault", "gave_up_at",
        "country", "is_uncertain",  # of 0005, which lies on the way
    },
}  # fmt: skip
Row = tuple[object, ...]


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Give the way to books with two contacts, one of them sent, and a silence."""
    made = connect(url, create=True)
    migrate(made)
    store = Store(made)
    store.campaigns.open(campaign())
    first, _ = store.settle("spring", offers(["A", "B"]), NOON).decision_ids
    store.outbox.sent(first, NOON)
    store.settle("spring", silence(["C"]), NOON + DAY)
    store.suppress("C", NOON + DAY)
    yield made
    made.close()


def rows(database: Database, query: str) -> list[Row]:
    """Ask the database itself."""
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def columns_of(database: Database, table: str) -> list[str]:
    """Name the columns of a table."""
    with database.reading() as connection:
        return [str(column["name"]) for column in inspect(connection).get_columns(table)]


def contents(database: Database) -> dict[str, list[Row]]:
    """Give all rows of the tables that were there before, but for the new columns."""
    found = {}
    for table in TABLES:
        names = sorted(set(columns_of(database, table)) - ADDED.get(table, set()))
        found[table] = sorted(rows(database, f"SELECT {', '.join(names)} FROM {table}"), key=repr)
    return found


def test_down_drops_what_was_added_and_nothing_else(database: Database) -> None:
    """Every other value of every table is as it was: customers, decisions and money."""
    before = contents(database)

    migrate(database, "0003")

    assert contents(database) == before
    assert not tables(database) & MADE
    assert not any(names & set(columns_of(database, table)) for table, names in ADDED.items())


def test_up_again_the_books_read_on(database: Database) -> None:
    """After three rounds Alembic finds nothing to change, and money and switches are as they were."""
    before = contents(database)
    for _ in range(3):
        migrate(database, "0003")
        migrate(database)
    with database.reading() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    store = Store(database)

    assert difference == []
    assert contents(database) == before
    assert store.verify("spring", NOON).reserved_minor == 1_900
    assert not store.campaigns.get("spring").is_paced
    assert rows(database, "SELECT attempts, claimed_by, gave_up_at FROM outbox") == [(0, None, None)]


def test_the_chains_begin_after_what_is_there(database: Database) -> None:
    """Three decisions are older than the chain of their campaign; what comes now stands in it."""
    migrate(database, "0003")
    migrate(database)
    store = Store(database)

    before = store.verify_chain("spring")
    store.campaigns.set_limit("spring", 600_000, NOON + DAY)
    store.settle("spring", silence(["D"]), NOON + DAY)
    after = store.verify_chain("spring")

    assert (before.rows, before.older) == (len(["base", "older", "older"]), 3)  # of 0005
    assert (after.rows, after.older) == (len(["base", "older", "older", "limit", "settle"]), 3)
    assert store.verify_chain(None).rows == len(["begin", "marked", "base"])
    begun = rows(database, "SELECT content FROM audit WHERE campaign_ref = 0 AND number = 1")
    assert begun == [('{"campaigns":1,"customers":3,"settlements":2}',)]


def test_a_secret_is_drawn_for_each_ledger(database: Database) -> None:
    """32 bytes, others at every upgrade."""
    query = "SELECT purpose, value FROM keys"
    ((purpose, first),) = rows(database, query)
    migrate(database, "0003")
    migrate(database)
    ((_, second),) = rows(database, query)

    assert purpose == "suppression"
    assert isinstance(first, bytes)
    assert len(first) == 32
    assert first != second


def test_a_fresh_ledger_begins_at_nothing(url: str) -> None:
    """Everything in it is covered, from the first row on."""
    made = connect(url, create=True)
    migrate(made)
    begun = rows(made, "SELECT number, kind, content FROM audit WHERE number = 1")
    heads = rows(made, "SELECT campaign_ref, number FROM chains")
    made.close()

    assert begun == [(1, "begin", '{"campaigns":0,"customers":0,"settlements":0}')]
    assert heads == [(0, 2)]  # with the base of 0005

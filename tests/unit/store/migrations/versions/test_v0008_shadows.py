"""Between 0007 and 0008 nothing is lost but what a shadow would have done."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from churn_saver.domain.versions import Role, Version
from churn_saver.store import Store
from churn_saver.store.backup import verify_all
from churn_saver.store.database import Database, connect
from churn_saver.store.migrating import migrate
from churn_saver.store.schema import metadata
from tests.builders import NOON, campaign
from tests.migrated import contents, tables
from tests.shadowing import shadowed
from tests.unit.store.batches import offers

TABLES = (
    "campaigns", "customers", "settlements", "decisions", "decision_details", "reservations", "outbox",
    "controls", "protocols", "versions", "roles", "audit", "chains",
)  # fmt: skip
VERSION = Version("knapsack", {"MANIFEST.json": "a" * 64})


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Give the way to books with a contact, and a shadow that was asked about it."""
    made = connect(url, create=True)
    migrate(made)
    store = Store(made)
    store.campaigns.open(campaign())
    store.registry.register(VERSION, "", "ops", NOON)
    store.registry.promote(VERSION.digest, Role.SHADOW, "ops", NOON)
    names = store.settle("spring", offers(["A"]), NOON).decision_ids
    store.shadows.keep([shadowed(VERSION.digest, list(names))])
    yield made
    made.close()


def test_down_the_table_goes_and_nothing_else(database: Database) -> None:
    """An older version could not erase a customer from it; every other row is as it was, below and above."""
    before = contents(database, TABLES)

    migrate(database, "0007")
    below, names = contents(database, TABLES), tables(database)
    migrate(database)

    assert "shadows" not in names
    assert below == before == contents(database, TABLES)
    assert contents(database, ["shadows"]) == {"shadows": []}


def test_three_rounds_make_what_the_store_wants(database: Database) -> None:
    """Alembic finds nothing to change, the chains hold, and a shadow can be kept."""
    for _ in range(3):
        migrate(database, "0007")
        migrate(database)
    with database.reading() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    store = Store(database)
    (columns,) = store.records()

    assert difference == []
    assert set(verify_all(store, NOON)) == {None, "spring"}
    assert store.shadows.keep([shadowed(VERSION.digest, [str(columns["decision_id"][0])])]) == 1

"""Between 0006 and 0007 nothing is lost, and a version that was registered stays on the way down."""

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
from tests.unit.store.batches import offers

TABLES = (
    "campaigns", "customers", "settlements", "decisions", "decision_details", "reservations", "outbox",
    "controls", "protocols", "audit", "chains",
)  # fmt: skip
VERSION = Version("knapsack", {"MANIFEST.json": "a" * 64})


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Give the way to books with a contact and a switch that was thrown."""
    made = connect(url, create=True)
    migrate(made)
    store = Store(made)
    store.campaigns.open(campaign())
    store.settle("spring", offers(["A"]), NOON)
    store.set_control(baseline=True, stopped=False, by="ops", now=NOON)
    yield made
    made.close()


def test_down_empty_tables_go_and_nothing_else(database: Database) -> None:
    """Every row of every other table is as it was, below and above."""
    before = contents(database, TABLES)

    migrate(database, "0006")
    below, names = contents(database, TABLES), tables(database)
    migrate(database)

    assert not names & {"versions", "roles"}
    assert below == before == contents(database, TABLES)


def test_versions_and_roles_stay_on_the_way_down(database: Database) -> None:
    """Up again they are as they were, the champion is champion, and the chain holds."""
    store = Store(database)
    store.registry.register(VERSION, "", "ops", NOON)
    store.registry.promote(VERSION.digest, Role.CHAMPION, "ops", NOON)
    before = store.registry.list(), store.registry.changes()

    for _ in range(2):
        migrate(database, "0006")
        assert {"versions", "roles"} <= tables(database)
        migrate(database)

    assert (store.registry.list(), store.registry.changes()) == before
    assert store.control().roles.champion == VERSION.digest
    assert set(verify_all(store, NOON)) == {None, "spring"}


def test_three_rounds_make_what_the_store_wants(database: Database) -> None:
    """Alembic finds nothing to change, and a version can be registered."""
    for _ in range(3):
        migrate(database, "0006")
        migrate(database)
    with database.reading() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)

    assert difference == []
    assert Store(database).registry.register(VERSION, "", "ops", NOON)

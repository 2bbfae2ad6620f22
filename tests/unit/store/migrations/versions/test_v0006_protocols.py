"""Between 0005 and 0006 nothing is lost, and a protocol that was written stays on the way down."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

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
    "audit", "chains",
)  # fmt: skip
TOLD = {"metric": "retained"}


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Give the way to books with two campaigns, one of them with a contact."""
    made = connect(url, create=True)
    migrate(made)
    store = Store(made)
    store.campaigns.open(campaign())
    store.campaigns.open(campaign(campaign_id="summer"))
    store.settle("spring", offers(["A"]), NOON)
    yield made
    made.close()


def test_down_an_empty_table_goes_and_nothing_else(database: Database) -> None:
    """Every row of every other table is as it was, below and above."""
    before = contents(database, TABLES)

    migrate(database, "0005")
    below, names = contents(database, TABLES), tables(database)
    migrate(database)

    assert "protocols" not in names
    assert below == before == contents(database, TABLES)


def test_a_protocol_stays_on_the_way_down(database: Database) -> None:
    """Up again it is the one that was recorded, and chains and money hold."""
    store = Store(database)
    store.protocols.record("summer", TOLD, NOON)
    recorded = store.protocols.of("summer")

    for _ in range(2):
        migrate(database, "0005")
        assert "protocols" in tables(database)
        migrate(database)

    assert recorded is not None
    assert store.protocols.of("summer") == recorded
    assert set(verify_all(store, NOON)) == {None, "spring", "summer"}


def test_three_rounds_make_what_the_store_wants(database: Database) -> None:
    """Alembic finds nothing to change, and a protocol can be written."""
    for _ in range(3):
        migrate(database, "0005")
        migrate(database)
    with database.reading() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    store = Store(database)
    store.protocols.record("summer", TOLD, NOON)

    assert difference == []
    assert store.verify_chain("summer").rows == 2

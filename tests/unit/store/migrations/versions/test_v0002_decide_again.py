"""Moving the next decision from settlements to decisions loses nothing, in either direction."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from churn_saver.domain.campaign import Campaign
from churn_saver.errors import LedgerError
from churn_saver.store import Store
from churn_saver.store.columns import UtcDateTime
from churn_saver.store.database import Database, connect
from churn_saver.store.migrating import migrate
from churn_saver.store.schema import metadata
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers, silence
from tests.writing import writing

Row = tuple[object, ...]
OLD = """
INSERT INTO campaigns (campaign_id, starts_at, horizon_days, limit_minor, reserved_minor, spent_minor,
    currency, price, holdout_share, exploration_share, per_7_days, per_30_days, per_period, cooldown_days,
    allowance_units, salt)
    VALUES ('spring', '2026-03-01 17:00:00.000000', 90, 500000, 1000, 0,
    'USD', 0, 0, 0, 1, 2, 2, 7,
    6, 'salt');
INSERT INTO customers (customer_id) VALUES ('A'), ('B');
INSERT INTO settlements (campaign_ref, settled_at, next_decision_at, price, policy, models, code,
    row_count, refused)
    VALUES (1, '2026-03-02 17:00:00.000000', '2026-03-03 12:30:00.250000', 0, 'knapsack', 'm', '1',
    2, '[]'),
    (1, '2026-03-02 18:00:00.000000', '2026-03-03 18:00:00.000000', 0, 'knapsack', 'm', '1',
    1, '[[0, 2]]');
INSERT INTO decisions (id, decision_id, settlement_ref, campaign_ref, customer_ref, number, choice, intended,
    reasons, excluded, needs_minor, contact_minor, message_source)
    VALUES (1048576, X'000102030405060708090a0b0c0d0e0f', 1, 1, 1, 0, 3, 3, 0, X'', 1000, 100, 'template'),
           (1048577, X'100102030405060708090a0b0c0d0e0f', 1, 1, 2, 0, 0, 0, 2048, X'', 0, 0, 'none');
INSERT INTO decision_details (decision_ref, features) VALUES (1048576, '{}'), (1048577, '{}');
INSERT INTO reservations (decision_ref, campaign_ref, customer_ref, contacted_at, units, contact_minor,
    offer_minor, expires_on, is_held)
    VALUES (1048576, 1, 1, '2026-03-02 17:00:00.000000', 2, 100,
    900, '2026-03-18', TRUE);
INSERT INTO outbox (decision_ref, send_at) VALUES (1048576, '2026-03-02 17:00:00.000000');
"""
"""Books of revision 0001: one contact and one silence settled together, and a settlement of nothing."""


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Give the way to a database of revision 0001 that is empty."""
    made = connect(url, create=True)
    migrate(made, "0001")
    yield made
    made.close()


def rows(database: Database, query: str) -> list[Row]:
    """Ask the database itself."""
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def spelled(statement: str, dialect: str) -> str:
    """Spell bytes and moments in UTC as a database does; they are written here as SQLite does."""
    if dialect == "sqlite":
        return statement
    return re.sub(r"(:\d\d\.\d{6})'", r"\1+00'", statement.replace("X'", r"'\x"))


def filled(database: Database) -> Store:
    """Write the old books, bring them up, and open them."""
    with writing(database) as connection:
        for statement in OLD.strip().removesuffix(";").split(";\n"):
            connection.exec_driver_sql(spelled(statement, connection.dialect.name))
    migrate(database)
    return Store(database)


def test_up_every_decision_takes_over_the_moment_of_its_settlement(database: Database) -> None:
    """To the microsecond, without a delay: not due just before, due then."""
    store = filled(database)
    due_at = datetime(2026, 3, 3, 12, 30, 0, 250_000, tzinfo=UTC)

    found = store.decision("000102030405060708090a0b0c0d0e0f")
    before = store.read("spring", ["A", "B"], due_at - timedelta(microseconds=1)).history

    assert (found.delay_days, found.next_decision_at) == (0, due_at)
    assert before.due.tolist() == [False, False]
    assert store.read("spring", ["A", "B"], due_at).history.due.tolist() == [True, True]


def test_up_the_campaigns_there_are_become_meant_for_200(database: Database) -> None:
    """The number that serve.yaml had; all else is as it was."""
    store = filled(database)

    found = store.campaigns.get("spring")

    assert found == campaign(customers=200)


def test_up_no_row_and_no_rule_is_lost(database: Database) -> None:
    """Money still adds up, what refers to a copied table still does, and the database guards both."""
    store = filled(database)

    totals = store.verify("spring", NOON)
    posted = store.outbox.sent("000102030405060708090a0b0c0d0e0f", NOON)
    counts = [
        rows(database, f"SELECT count(*) FROM {table}")[0][0]
        for table in ("settlements", "decisions", "decision_details", "reservations", "outbox")
    ]

    assert (totals.reserved_minor, totals.free_minor, posted) == (1_000, 499_000, True)
    assert counts == [2, 2, 2, 1, 0]
    for broken in (
        "INSERT INTO outbox (decision_ref, send_at) VALUES (7, '2026-03-02')",
        "UPDATE campaigns SET reserved_minor = 500001",
        "UPDATE campaigns SET customers = NULL",
        "UPDATE decisions SET next_decision_at = NULL",
        "UPDATE decisions SET delay_days = NULL",
        "UPDATE decisions SET number = 0, customer_ref = 1",
    ):
        with pytest.raises(LedgerError, match="refused a row"):
            database.write(partial(Connection.exec_driver_sql, statement=broken))


def test_down_a_settlement_takes_the_earliest_moment_of_its_decisions(database: Database) -> None:
    """Delays of 3 and 1 are days 4 and 2, the earlier is kept; where all were refused, the day after."""
    migrate(database)
    store = Store(database)
    store.campaigns.open(campaign())
    store.settle("spring", silence(["A", "B"], delay_days=np.array([3, 1], dtype=np.int8)), NOON)
    store.settle("spring", silence(["C"], numbers=5), NOON + DAY)

    migrate(database, "0001")

    moments = text("SELECT next_decision_at FROM settlements").columns(next_decision_at=UtcDateTime)
    with database.reading() as connection:
        found = connection.execute(moments).scalars().all()
    assert found == [NOON + 2 * DAY, NOON + 2 * DAY]
    assert rows(database, "SELECT count(*) FROM decisions") == [(2,)]
    assert {"next_decision_at", "delay_days"}.isdisjoint(columns(database, "decisions"))
    assert "customers" not in columns(database, "campaigns")


def columns(database: Database, table: str) -> list[object]:
    """Name the columns of a table."""
    with database.reading() as connection:
        return [column["name"] for column in inspect(connection).get_columns(table)]


def test_down_and_up_again_and_again_ends_where_it_began(database: Database) -> None:
    """The books read the same after three rounds, and Alembic finds nothing to change."""
    store = filled(database)
    store.settle("spring", offers(["C"]), NOON)
    before: list[Campaign] = list(store.campaigns.list())
    decisions = list(store.records())

    for _ in range(3):
        migrate(database, "0001")
        migrate(database)
    with database.reading() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)

    assert list(store.campaigns.list()) == before
    assert list(store.records()) == decisions
    assert store.verify("spring", NOON).reserved_minor == 2_000
    assert difference == []

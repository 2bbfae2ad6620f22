"""Migrations lead to the schema and back, once, whoever begins them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from churn_saver.errors import LedgerUnavailable
from churn_saver.store.database import Database, connect
from churn_saver.store.migrating import migrate
from churn_saver.store.schema import metadata
from tests.migrated import tables
from tests.postgres import BLANK, ON_POSTGRESQL, Server
from tests.writing import writing

INSERT = "INSERT INTO customers (customer_id) VALUES (:one)"


def test_migrations_lead_to_the_schema(database: Database) -> None:
    """After all migrations Alembic finds nothing left to change."""
    with database.reading() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    database.close()

    assert difference == []


def test_down_and_up_again(database: Database) -> None:
    """Downgraded to nothing, every table is gone; upgraded again, the tables work and are empty."""
    with writing(database) as connection:
        connection.execute(text(INSERT), {"one": "C1"})

    migrate(database, "base")
    bare = tables(database)
    migrate(database)
    with writing(database) as connection:
        kept = connection.execute(text("SELECT count(*) FROM customers")).scalar()
        connection.execute(text(INSERT), {"one": "C1"})
    database.close()

    assert bare == {"alembic_version"}
    assert kept == 0


def test_migrating_twice_changes_nothing(database: Database) -> None:
    """At head there is nothing to do, and what is stored stays."""
    with writing(database) as connection:
        connection.execute(text(INSERT), {"one": "C1"})

    migrate(database)
    with database.reading() as connection:
        kept = connection.execute(text("SELECT count(*) FROM customers")).scalar()
    database.close()

    assert kept == 1


def test_a_newer_ledger_is_left_alone(database: Database) -> None:
    """A revision that this version does not know is named, with what to do."""
    with writing(database) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(LedgerUnavailable, match=r"revision '9999'.*knows up to.*Install the version"):
        migrate(database)
    database.close()


@ON_POSTGRESQL
def test_one_process_migrates_and_others_wait(postgres: Server, database_url: str) -> None:
    """Four open a server's bare database at the same time: it is migrated once, and all go on."""
    with postgres.database(BLANK) as bare:
        opened = [connect(bare, create=True) for _ in range(4)]
        with ThreadPoolExecutor(len(opened)) as pool:
            list(pool.map(migrate, opened))
        there = tables(opened[0])
        for one in opened:
            one.close()

    assert there == {*metadata.tables, "alembic_version"}

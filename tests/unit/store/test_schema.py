"""The tables hold on both databases and guard the promises themselves."""

import pytest
from sqlalchemy import Connection, Table, create_engine, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex, CreateTable

from churn_saver.store.schema import campaigns, metadata

POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]

PERSONAL = {"customer_id", "name", "message", "features", "violations"}


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
def test_every_table_is_postgresql_too(table: Table) -> None:
    """The DDL compiles for PostgreSQL, with zones kept and numbers of rows of 64 bits."""
    ddl = str(CreateTable(table).compile(dialect=POSTGRESQL))
    indexes = [str(CreateIndex(index).compile(dialect=POSTGRESQL)) for index in table.indexes]

    assert "CREATE TABLE" in ddl
    assert "DATETIME" not in ddl
    assert ddl.count("TIMESTAMP WITH TIME ZONE") == sum(
        column.name == "at" or (column.name.endswith(("_at", "_until")) and column.name != "valid_until")
        for column in table.columns
    )
    numbers = [one.name for one in table.columns if one.name == "id" or one.name.endswith("_ref")]
    assert ddl.count("BIGSERIAL") + ddl.count("BIGINT") >= len(numbers) - (table.name == "controls")
    assert all("CREATE INDEX" in index for index in indexes)


def test_locks_are_taken_where_the_database_has_them() -> None:
    """A locked read says FOR UPDATE on PostgreSQL; SQLite's write lock makes it needless there."""
    query = select(campaigns.c.id).with_for_update()

    assert "FOR UPDATE" in str(query.compile(dialect=POSTGRESQL))


def test_who_a_customer_is_stands_in_two_tables() -> None:
    """Erasure has to touch `customers` and `decision_details` only."""
    holders = {table.name for table in metadata.sorted_tables if PERSONAL & set(table.columns.keys())}

    assert holders == {"customers", "decision_details"}


@pytest.fixture
def connection() -> Connection:
    """Give a scratch database with all tables."""
    connection = create_engine("sqlite://").connect()
    metadata.create_all(connection)
    return connection


@pytest.mark.parametrize(
    ("reserved", "spent"), [(-1, 0), (0, -1), (60, 41)], ids=["negative", "negative", "over"]
)
def test_the_database_itself_refuses_a_broken_promise(
    connection: Connection, reserved: int, spent: int
) -> None:
    """Of a limit of 100, 60 reserved and 41 spent is one too many, whatever the code does."""
    plain = {
        column.name: 0 for column in campaigns.columns if column.name not in ("starts_at", "closed_at", "id")
    }
    names = ", ".join([*plain, "starts_at"])
    values = plain | {"limit_minor": 100, "reserved_minor": reserved, "spent_minor": spent}
    statement = f"INSERT INTO campaigns ({names}) VALUES ({', '.join('?' * (len(values) + 1))})"

    with pytest.raises(IntegrityError, match="CHECK constraint failed"):
        connection.exec_driver_sql(statement, (*values.values(), "2026-03-01"))
    connection.close()
    connection.engine.dispose()

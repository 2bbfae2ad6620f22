"""What stands in a database, whatever revision it has."""

from collections.abc import Sequence

from sqlalchemy import inspect, text

from churn_saver.store.database import Database


def contents(database: Database, names: Sequence[str]) -> dict[str, list[tuple[object, ...]]]:
    """Give all rows of some tables."""
    with database.reading() as connection:
        return {
            name: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2"))]
            for name in names
        }


def tables(database: Database) -> set[str]:
    """Name all tables."""
    with database.reading() as connection:
        return set(inspect(connection).get_table_names())

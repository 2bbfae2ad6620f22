"""Insert many rows given as columns.

SQLAlchemy prepares the statement and converts the values, column by column; the rows go straight
to the driver. Row by row, its own executemany costs twice what the database needs for the work.
Knows no table.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from sqlalchemy import Connection, Dialect, LargeBinary, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from churn_saver.errors import LedgerError
from churn_saver.store.columns import UtcDateTime

_INSERT: Mapping[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
"""One clause, two spellings in SQLAlchemy: ON CONFLICT DO NOTHING."""


def insert_columns(
    connection: Connection,
    table: Table,
    columns: Mapping[str, Sequence[object]],
    skip_existing: bool = False,
) -> None:
    """Insert rows; a column of the table that is not given gets NULL.

    Args:
        connection: In a writing transaction.
        table: Where to.
        columns: By column name, all of one length; none of length 0 is written.
        skip_existing: Leave a row out when a unique column has its value already.
    """
    if not len(next(iter(columns.values()))):
        return
    dialect = connection.dialect
    compiled = _compiled(table, dialect, tuple(columns), skip_existing)
    names = compiled.positiontup or list(columns)
    values = [_bound(table.c[name].type, columns[name], dialect) for name in names]
    rows: Iterable[tuple[object, ...]] = zip(*values, strict=True)
    if compiled.positional:
        connection.exec_driver_sql(str(compiled), list(rows))
    else:
        connection.exec_driver_sql(str(compiled), [dict(zip(names, row, strict=True)) for row in rows])


@lru_cache(maxsize=128)
def _compiled(table: Table, dialect: Dialect, names: tuple[str, ...], skip_existing: bool) -> SQLCompiler:
    """Word a statement once for each kind of row: it takes ten times what inserting one row does."""
    statement = _INSERT[dialect.name](table)
    if skip_existing:
        statement = statement.on_conflict_do_nothing()
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    if not isinstance(compiled, SQLCompiler):
        raise LedgerError(f"an insert into {table.name} has no SQL, wanted a dialect that writes it")
    return compiled


def _bound(kind: TypeEngine[object], values: Sequence[object], dialect: Dialect) -> Sequence[object]:
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    # Both drivers take bytes as they are; SQLAlchemy would wrap each one.
    if convert is None or isinstance(kind, LargeBinary):
        return values
    if isinstance(kind, UtcDateTime):
        # A batch knows few moments, and writing one out is the dearest conversion there is.
        known = {value: None if value is None else convert(value) for value in set(values)}
        return [known[value] for value in values]
    return [None if value is None else convert(value) for value in values]

"""Insert many rows given as columns.

SQLAlchemy prepares the statement and converts the values, column by column; the rows go straight
to the driver. Row by row, its own executemany costs twice what the database needs for the work.
Knows no table.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection, Dialect, LargeBinary, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from churn_saver.errors import LedgerError
from churn_saver.store.columns import UtcDateTime
from churn_saver.store.prepared import handed

Convert = Callable[[object], object]
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
    made = _worded(table, connection.dialect, tuple(columns), skip_existing)
    values = [_bound(bind, columns[name]) for name, bind in made.binds.items()]
    rows: Iterable[tuple[object, ...]] = zip(*values, strict=True)
    if made.positional:
        handed(connection, made.sql, list(rows)).close()
    else:
        handed(connection, made.sql, [dict(zip(made.binds, row, strict=True)) for row in rows]).close()


@dataclass(frozen=True, slots=True)
class _Bind:
    """How a column's values become what the driver takes."""

    convert: Convert | None
    """Of one value; None: the driver takes it as it is."""
    few: bool = False
    """A batch knows few different values, so each is converted once."""


@dataclass(frozen=True, slots=True)
class _Worded:
    """A statement as the driver takes it."""

    sql: str
    positional: bool
    binds: Mapping[str, _Bind]
    """By column, in the order of the parameters."""


@lru_cache(maxsize=128)
def _worded(table: Table, dialect: Dialect, names: tuple[str, ...], skip_existing: bool) -> _Worded:
    """Word a statement once for each kind of row: it takes ten times what inserting one row does."""
    statement = _INSERT[dialect.name](table)
    if skip_existing:
        statement = statement.on_conflict_do_nothing()
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    if not isinstance(compiled, SQLCompiler):
        raise LedgerError(f"an insert into {table.name} has no SQL, wanted a dialect that writes it")
    ordered = compiled.positiontup or list(names)
    binds = {name: _bind(table.c[name].type, dialect) for name in ordered}
    return _Worded(str(compiled), compiled.positional, binds)


def _bind(kind: TypeEngine[object], dialect: Dialect) -> _Bind:
    # Both drivers take bytes as they are; SQLAlchemy would wrap each one.
    if isinstance(kind, LargeBinary):
        return _Bind(None)
    # Writing a moment out is the dearest conversion there is.
    return _Bind(kind.dialect_impl(dialect).bind_processor(dialect), isinstance(kind, UtcDateTime))


def _bound(bind: _Bind, values: Sequence[object]) -> Sequence[object]:
    convert = bind.convert
    if convert is None:
        return values
    if bind.few:
        known = {value: None if value is None else convert(value) for value in set(values)}
        return [known[value] for value in values]
    return [None if value is None else convert(value) for value in values]

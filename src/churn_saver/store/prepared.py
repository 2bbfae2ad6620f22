"""Statements that every request executes: worded once for a database, then handed straight to its driver.

SQLAlchemy words them, and says how values go in and come out. What it does around each execution costs
several times what the database needs for the statement itself, and is left out here; what the driver raises
leaves as SQLAlchemy tells it, which also lets go of a connection that broke. Knows no table.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Connection, Delete, Dialect, Insert, Row, Select, Update
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from churn_saver.errors import LedgerError

Clause = Select[*tuple[Any, ...]] | Insert | Update | Delete
Found = Row[*tuple[Any, ...]]
"""A row whose values are had by name, by place, and one after another."""
Bound = Sequence[object] | Mapping[str, object]
"""Values by place or by name, as the driver wants them."""
_Convert = Callable[[object], object]
_PIPELINES = "psycopg"
"""Driver that sends statements before those in front of them have answered."""


class Prepared:
    """A statement that is executed again and again; safe to share between threads."""

    def __init__(self, clause: Clause) -> None:
        """Take the statement, whose values are bind parameters: none of them a list."""
        self.clause = clause

    def rows(self, connection: Connection, values: Mapping[str, object]) -> list[Found]:
        """Execute it and give what it finds.

        Args:
            connection: In a transaction.
            values: By name of their parameters, the same names each time.
        """
        cursor, worded = self._executed(connection, values)
        try:
            return worded.read(cursor)
        except connection.dialect.loaded_dbapi.Error as error:
            connection._handle_dbapi_exception(error, worded.sql, None, cursor, None)
        finally:
            cursor.close()

    def first(self, connection: Connection, values: Mapping[str, object]) -> Found | None:
        """Execute it and give the first row that it finds; None: there is none."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def run(self, connection: Connection, values: Mapping[str, object]) -> None:
        """Execute it where nothing is to be found."""
        self._executed(connection, values)[0].close()

    def _executed(
        self, connection: Connection, values: Mapping[str, object]
    ) -> "tuple[DBAPICursor, _Worded]":
        worded = _worded(self, connection.dialect, tuple(values))
        return handed(connection, worded.sql, [worded.bound(values)]), worded


Asked = tuple[Prepared, Mapping[str, object]]
"""A statement, and its values by name of their parameters."""


def together(connection: Connection, *asked: Asked) -> list[list[Found]]:
    """Execute several and give what each finds, in their order: a server is waited for once, not after each.

    Each sees what those before it wrote and locked, as if they were executed one after another.

    Args:
        connection: In a transaction.
        asked: None of them needs what another one finds.
    """
    if connection.dialect.driver != _PIPELINES:
        return [one.rows(connection, values) for one, values in asked]
    with unawaited(connection):
        executed = [one._executed(connection, values) for one, values in asked]
    found = []
    for cursor, worded in executed:
        found.append(worded.read(cursor))
        cursor.close()
    return found


def handed(connection: Connection, sql: str, rows: Sequence[Bound]) -> DBAPICursor:
    """Hand a statement to the driver.

    Args:
        connection: In a transaction.
        sql: As the driver takes it.
        rows: Values as it takes them, one at least: it is executed once for each.

    Returns:
        The driver's cursor, open.
    """
    cursor, several = None, len(rows) > 1
    try:
        cursor = connection.connection.cursor()
        for told in connection.dispatch.before_cursor_execute:
            told(connection, cursor, sql, rows if several else rows[0], None, several)
        if several:
            cursor.executemany(sql, cast(Sequence[Sequence[object]], rows))
        else:
            cursor.execute(sql, rows[0])
    except connection.dialect.loaded_dbapi.Error as error:
        connection._handle_dbapi_exception(error, sql, None, cursor, None)
    return cursor


@contextmanager
def unawaited(connection: Connection) -> Iterator[None]:
    """Have a server work on the statements of a block while the next ones are sent, not one after another.

    Which saves the way to it and back for all that find nothing; a fault of theirs is raised by the next one
    that finds something, or by the end of the block. All of them are handed over here or by `handed`. A block
    within another one is a part of it. SQLite is next door: nothing is different.

    Source: https://www.psycopg.org/psycopg3/docs/advanced/pipeline.html
    """
    driver = cast(Any, connection.connection.driver_connection)
    if connection.dialect.driver != _PIPELINES or driver.pgconn.pipeline_status:
        yield
        return
    try:
        with driver.pipeline():
            yield
    except connection.dialect.loaded_dbapi.Error as error:
        connection._handle_dbapi_exception(error, None, None, None, None)


class _Worded:
    """A statement as one database takes it."""

    def __init__(self, compiled: SQLCompiler, clause: Clause) -> None:
        self.sql, self._dialect = str(compiled), compiled.dialect
        self._given = {name: value for name, value in compiled.params.items() if value is not None}
        kinds = {name: bind.type for bind, name in compiled.bind_names.items()}
        self._positional = bool(compiled.positional)
        self._binds = [(name, self._into(kinds[name])) for name in compiled.positiontup or kinds]
        columns = () if isinstance(clause, Update | Delete) else tuple(clause.exported_columns)
        self._types = tuple(column.type for column in columns)
        shown = [column.key or "" for column in columns]
        row: Any = namedtuple("Found", [*shown], rename=True)  # type: ignore[misc]
        self._row = cast(Callable[[Iterable[object]], Found], row._make)
        self._out: Sequence[tuple[int, _Convert]] | None = None

    def bound(self, values: Mapping[str, object]) -> Bound:
        """Give the values as the driver takes them."""
        given = self._given
        rows = {
            name: into(value) if into is not None and value is not None else value
            for name, into in self._binds
            for value in (values[name] if name in values else given[name],)
        }
        return rows if not self._positional else tuple([rows[name] for name, _ in self._binds])

    def read(self, cursor: DBAPICursor) -> list[Found]:
        """Give what was found, as the columns' types say."""
        found = cursor.fetchall()
        if self._out is None:
            # Only now the driver says as what it gives them.
            kinds = zip(self._types, cursor.description, strict=True)
            outs = [(place, self._from(kind, told[1])) for place, (kind, told) in enumerate(kinds)]
            self._out = [(place, out) for place, out in outs if out is not None]
        if not self._out:
            return [self._row(row) for row in found]
        return [self._row(self._converted(row, self._out)) for row in found]

    @staticmethod
    def _converted(row: Iterable[object], out: Sequence[tuple[int, _Convert]]) -> list[object]:
        values = list(row)
        for place, convert in out:
            values[place] = convert(values[place])
        return values

    def _into(self, kind: TypeEngine[object]) -> _Convert | None:
        return kind.dialect_impl(self._dialect).bind_processor(self._dialect)

    def _from(self, kind: TypeEngine[object], told: object) -> _Convert | None:
        return kind.dialect_impl(self._dialect).result_processor(self._dialect, told)


@lru_cache(maxsize=256)
def _worded(prepared: Prepared, dialect: Dialect, names: tuple[str, ...]) -> _Worded:
    compiled = prepared.clause.compile(dialect=dialect, column_keys=list(names))
    if not isinstance(compiled, SQLCompiler):
        raise LedgerError("a statement has no SQL, wanted a dialect that writes it. Report this as a defect.")
    return _Worded(compiled, prepared.clause)

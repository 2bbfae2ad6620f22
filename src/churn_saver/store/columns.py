"""Column types that mean the same on SQLite and PostgreSQL.

Knows no table.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import BigInteger, ColumnElement, DateTime, Dialect, Integer, LargeBinary, String
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator

from churn_saver.errors import LedgerError

IN_LIST = 10_000
"""Most values of one IN list: SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535."""
Value = TypeVar("Value")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, stored in UTC and given back aware; SQLite would silently drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn an aware moment into UTC.

        Raises:
            LedgerError: the moment has no zone (SQLAlchemy hands it on as StatementError).
        """
        return None if value is None else utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the moment back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class HexId(TypeDecorator[str]):
    """A 16-byte id, hex outside: half the size of its text in the one index that is in random order."""

    impl = LargeBinary(16)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Turn hex into bytes."""
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Turn bytes into hex."""
        return None if value is None else value.hex()


def utc(moment: datetime) -> datetime:
    """Give a moment in UTC.

    Raises:
        LedgerError: the moment has no zone, so nobody knows when it is.
    """
    if moment.tzinfo is None:
        raise LedgerError(f"time {moment.isoformat()} has no zone, wanted an aware time such as UTC")
    return moment.astimezone(UTC)


def chunks(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Cut a list into pieces that one IN list can hold."""
    for start in range(0, len(values), IN_LIST):
        yield values[start : start + IN_LIST]


def among(column: ColumnElement[int], refs: Sequence[int]) -> Iterator[ColumnElement[bool]]:
    """Give conditions that together find the rows of these numbers, each at most once.

    Customers are numbered as they are first seen, so a table that is decided again comes in runs:
    one range is read five times as fast as a list of as many numbers.

    Args:
        column: Of row numbers.
        refs: Rising, without doubles.
    """
    if refs and refs[-1] - refs[0] == len(refs) - 1:
        yield column.between(refs[0], refs[-1])
    else:
        yield from (column.in_(some) for some in chunks(refs))


def row_key() -> BigInteger:
    """Type of a row's own number."""
    # SQLite numbers rows by itself only when the column is spelled INTEGER.
    return BigInteger().with_variant(Integer(), "sqlite")


def plain_text(length: int) -> String:
    """Type of a word in byte order: ranges of keys and the order of row locks depend on it."""
    return String(length).with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")

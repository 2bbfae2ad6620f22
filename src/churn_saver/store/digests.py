"""Digests of rows: what the audit chain holds instead of the rows themselves.

Rows are taken as columns, so that a batch costs little more than its bytes. Details stand in a
digest of their own, with a salt that erasure takes away: nobody can then try names against it.
Knows no chain.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Boolean, Date, Double, Integer, LargeBinary, Table
from sqlalchemy.types import TypeEngine

from churn_saver.store.columns import UtcDateTime

SALT_BYTES = 16
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
Values = Sequence[object] | NDArray[np.float64]
RowsByColumn = Mapping[str, Values]
"""By name, of one length; an array is of numbers, NaN where a list has None."""


def salts(n: int) -> list[bytes]:
    """Draw n salts."""
    drawn = token_bytes(SALT_BYTES * n)
    return [drawn[start : start + SALT_BYTES] for start in range(0, len(drawn), SALT_BYTES)]


def details_digest(salt: bytes, fields: Sequence[object]) -> bytes:
    """Digest what is personal in a decision: SHA-256 over the salt and the fields as netstrings.

    Args:
        salt: Of this decision.
        fields: Customer's id, name, message, violations and features, text or None.

    Source: https://cr.yp.to/proto/netstrings.txt (lengths keep apart what two fields share)
    """
    told = "".join(["-" if field is None else f"{len(field)}:{field}" for field in cast(list[str], fields)])
    return sha256(salt + told.encode("utf-8", "surrogatepass")).digest()


def columns_digest(*tables: tuple[Table, RowsByColumn]) -> bytes:
    """Digest rows of some tables, by the types of their columns, so that both databases agree.

    Args:
        tables: Each with some of its columns by name, in any order, all of a table of one length.
    """
    whole = sha256()
    for table, columns in tables:
        for column in table.columns:
            if column.name in columns:
                values = columns[column.name]
                whole.update(f"\n{table.name}.{column.name} {len(values)}\n".encode())
                for part in _bytes_of(column.type, values):
                    whole.update(part)
    return whole.digest()


def _bytes_of(kind: TypeEngine[object], values: Values) -> Iterator[bytes]:
    if isinstance(kind, Double) or isinstance(values, np.ndarray):
        # None becomes NaN, which no column holds; adding 0 makes -0.0, which SQLite does not keep, 0.0.
        yield (np.array(values, dtype="<f8") + 0.0).tobytes()
        return
    if None in values:
        yield bytes(value is None for value in values)
    if isinstance(kind, LargeBinary):
        parts = [b"" if value is None else cast(bytes, value) for value in values]
        yield np.array([len(part) for part in parts], dtype="<i8").tobytes()
        yield b"".join(parts)
    elif isinstance(kind, Integer | Boolean):
        yield np.array([value or 0 for value in values] if None in values else values, dtype="<i8").tobytes()
    elif isinstance(kind, Date | UtcDateTime):
        known = {None: 0} | {value: _whole(value) for value in set(values) - {None}}
        yield np.array([known[value] for value in values], dtype="<i8").tobytes()
    else:
        yield json.dumps(list(values)).encode()


def _whole(value: object) -> int:
    """Count microseconds of a moment, days of a date."""
    if isinstance(value, datetime):
        return (value - _EPOCH) // _MICROSECOND
    return cast(date, value).toordinal()

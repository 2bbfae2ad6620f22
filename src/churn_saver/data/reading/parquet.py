"""A stream of Parquet → grids, a slice of rows at a time.

Typed columns become the text that a CSV would have. Knows nothing of what a cell may hold.
"""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import polars as pl
from polars.exceptions import PanicException, PolarsError

from churn_saver.data.reading.grid import Grid, refused
from churn_saver.errors import TableError

MAGIC = b"PAR1"
ROWS = 100_000
"""Rows read at a time."""
_UNREADABLE = (PolarsError, OSError, PanicException)
"""What polars raises on damaged files: it may panic, which is no Exception."""


def schema(stream: BinaryIO, file: str) -> dict[str, pl.DataType]:
    """Give names and types of the columns.

    Raises:
        TableError: not a whole Parquet file.
    """
    stream.seek(0)
    try:
        return dict(pl.read_parquet_schema(stream))
    except _UNREADABLE as error:
        raise _damaged(file, 0, error) from None


def is_cell(dtype: pl.DataType) -> bool:
    """Say whether values of a type are single cells: no lists, structures or bytes."""
    return not (dtype.is_nested() or dtype in (pl.Binary, pl.Object))


def grids(stream: BinaryIO, file: str, rows: int = ROWS) -> Iterator[Grid]:
    """Yield the rows, a slice at a time; at least one grid, though it may be empty.

    Raises:
        TableError: the file is damaged; says at which row.
    """
    types = schema(stream, file)
    header = tuple(types)
    numbers = [i for i, dtype in enumerate(types.values()) if dtype.is_numeric() or dtype == pl.Boolean]
    done = 0
    yield Grid(header, 1, pl.DataFrame(schema={str(i): pl.String for i in range(len(header))}), _lines(0, 0))
    while True:
        stream.seek(0)
        try:
            frame = pl.scan_parquet(stream).slice(done, rows).collect()
        except _UNREADABLE as error:
            raise _damaged(file, done + 2, error) from None
        if frame.height == 0:
            return
        cells = pl.DataFrame(
            [_as_text(column).alias(str(i)) for i, column in enumerate(frame.iter_columns())]
        )
        not_text = {i: cells[str(i)].is_not_null() for i in numbers}
        yield Grid(header, 1, cells, _lines(done, frame.height), not_text=not_text)
        done += frame.height


def _lines(done: int, height: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(done + 2, done + height + 2, dtype=np.int64)


def _as_text(column: pl.Series) -> pl.Series:
    if not is_cell(column.dtype):
        return pl.repeat(f"<{column.dtype}>", len(column), dtype=pl.String, eager=True)
    if isinstance(column.dtype, pl.Datetime | pl.Duration):
        return column.dt.to_string("iso")
    text = column.cast(pl.String)
    # pandas turns whole numbers into 1.0 as soon as one of them is missing.
    return text.str.strip_suffix(".0") if column.dtype.is_float() else text


def _damaged(file: str, line: int, error: BaseException) -> TableError:
    why = str(error).splitlines()[0] if str(error) else type(error).__name__
    return refused(file, line, why, "a whole Parquet file", "The file is damaged: export it again.")

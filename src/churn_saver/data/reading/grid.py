"""Rows as they came: strings, the line of every row, and what keeps a row from being read at all.

Knows neither where the rows came from nor what a cell may hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.errors import Fault, TableError

WHOLE_FILE = "(file)"
"""Stands where a fault names a column, when it is the file that cannot be read."""
WHOLE_ROW = "(row)"
"""Stands where a fault names a column, when it is the row that cannot be read."""
_MARK = "\ufeff"
LONGEST_SHOWN = 200
"""Characters of a value that a fault keeps."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a row cannot be read."""

    column: str
    value: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, or some rows of it, as it came: every cell a string."""

    header: tuple[str, ...]
    """Names in the file, in order; may repeat."""
    header_line: int
    cells: pl.DataFrame
    """Strings, (rows, columns); column i is named str(i). A short row is filled with null, what a
    long row has too much stands in its last cell."""
    lines: NDArray[np.int64]
    """First line of each row in the file, (rows,); in a Parquet file row number + 1."""
    troubles: Mapping[int, tuple[Trouble, ...]] = field(default_factory=dict)
    """Row → what is wrong with it; none of its cells is judged."""
    not_text: Mapping[int, pl.Series] = field(default_factory=dict)
    """Column → which of its cells were a number or a truth value before they became strings."""
    raw: Sequence[bytes] | None = None
    """The rows themselves, where cells do not tell how a row came (JSON)."""

    def with_troubles(self, more: Mapping[int, tuple[Trouble, ...]]) -> "Grid":
        """Give the grid with further rows that cannot be read; a row keeps the trouble it has."""
        return replace(self, troubles=dict(sorted({**more, **self.troubles}.items()))) if more else self


def without_repeated_header(grid: Grid) -> Grid:
    """Mark rows that are the header again, as they come from files put one behind the other."""
    if grid.cells.height == 0:
        return grid
    # Files that were put together may each have brought a byte order mark.
    same = (grid.cells["0"].str.strip_prefix(_MARK).str.strip_chars() == grid.header[0]).fill_null(False)
    if not same.any():
        return grid
    trouble = Trouble(WHOLE_ROW, "the header again", "a row of data: take this line out")
    found = {}
    for row in same.arg_true().to_list():
        if all(
            (cell or "").removeprefix(_MARK).strip() == name
            for cell, name in zip(grid.cells.row(row), grid.header, strict=True)
        ):
            found[row] = (trouble,)
    return grid.with_troubles(found)


def as_columns(flat: Sequence[str | None], width: int) -> pl.DataFrame:
    """Give a frame of strings from its cells, row by row in one list.

    A list per row would keep the garbage collector busy for ten times as long.
    """
    return pl.DataFrame([pl.Series(str(i), flat[i::width], pl.String) for i in range(width)])


def shortened(value: str) -> str:
    """Give a value as a fault keeps it: its beginning, and how long it was."""
    if len(value) <= LONGEST_SHOWN:
        return value
    return f"{value[:LONGEST_SHOWN]}... ({len(value):,} characters)"


def refused(file: str, line: int, value: str, wanted: str, next_step: str) -> TableError:
    """Give the error that refuses a file as a whole."""
    return TableError([Fault(file, line, WHOLE_FILE, shortened(value), wanted)], next_step)

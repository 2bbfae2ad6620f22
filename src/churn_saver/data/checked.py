"""Strings → typed, checked rows; every cell that cannot be used is named by file, line and column.

Knows nothing of which tables there are. The rules of a column stand in its pandera schema; this
module turns what pandera finds back into lines of the file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pandera.errors import SchemaErrors

from churn_saver.data.columns import Column, schema_of
from churn_saver.data.parsing import Grid
from churn_saver.errors import Fault, TableError

WHOLE_ROW = "(row)"
"""Stands where a fault names a column, when a row has too few or too many cells."""
LINE, FAULT = "line", "fault"
_MEND = (
    "Mend these cells, or add --skip-bad-rows to leave these rows out and have them listed in a reject file."
)
_MEND_WHOLE = "Mend the column: it spoils every row, so --skip-bad-rows does not help."


@dataclass(frozen=True, slots=True)
class Checked:
    """A table after its check: len(frame) + len(rejects) is the number of data rows."""

    frame: pl.DataFrame
    """Good rows, canonical names, typed."""
    rejects: pl.DataFrame
    """Bad rows as they came, as strings, with `line` and `fault`."""
    faults: tuple[Fault, ...]
    """Every fault, by line."""
    ignored: tuple[str, ...] = ()
    """Columns of the file that no rule is about."""

    def require(self, skip_bad_rows: bool) -> pl.DataFrame:
        """Give the good rows.

        Args:
            skip_bad_rows: Go on without the bad ones; they stay in `rejects`.

        Raises:
            TableError: a row is bad and must not be skipped, or the table as a whole is bad.
        """
        whole_table = any(fault.line == 0 for fault in self.faults)
        if self.faults and (whole_table or not skip_bad_rows):
            raise TableError(self.faults, _MEND_WHOLE if whole_table else _MEND)
        return self.frame


def check(grid: Grid, places: Mapping[str, int], columns: Sequence[Column], file: str) -> Checked:
    """Type and check a grid.

    Args:
        grid: Cells as they came.
        places: Canonical name → index of the file's column.
        columns: What each canonical column must hold.
        file: Name of the file, for faults.
    """
    present = [column for column in columns if column.name in places]
    used = set(places.values())
    ignored = tuple(name for i, name in enumerate(grid.header) if i not in used)
    straight = np.delete(np.arange(len(grid.lines), dtype=np.int64), list(grid.ragged))
    cells = grid.cells[straight] if grid.ragged else grid.cells
    readings = {column.name: column.read(cells[str(places[column.name])]) for column in present}
    typed = pl.DataFrame([series.alias(name) for name, (series, _) in readings.items()])
    for column in present:
        wanted = column.refuses(typed[column.name])
        if wanted is not None:
            fault = Fault(file, 0, grid.header[places[column.name]], "the whole column", wanted)
            texts = dict.fromkeys(range(len(grid.lines)), short(fault))
            return Checked(typed.clear(), _rejects(grid, texts), (fault,), ignored)
    broken = _rows_that_break(typed, present)
    found = _ragged_faults(grid, file)
    for column in present:
        unreadable = readings[column.name][1].arg_true().to_numpy()
        bad = np.union1d(unreadable, broken.get(column.name, [])).astype(np.int64)
        wants = _wants(column, typed[column.name], bad, grid.lines[straight])
        found += _cell_faults(grid, straight[bad], places[column.name], wants, file)
    if not found:
        return Checked(typed, _rejects(grid, {}), (), ignored)
    found.sort(key=itemgetter(0))
    texts = {
        row: "; ".join(short(fault) for _, fault in group) for row, group in groupby(found, itemgetter(0))
    }
    good = pl.Series(~np.isin(straight, list(texts)))
    return Checked(typed.filter(good), _rejects(grid, texts), tuple(fault for _, fault in found), ignored)


def _rows_that_break(typed: pl.DataFrame, columns: Sequence[Column]) -> dict[str, NDArray[np.int64]]:
    """Find the rows whose cell breaks the schema, by column."""
    try:
        schema_of(columns).validate(typed, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        return {
            str(name): rows["index"].to_numpy().astype(np.int64) for (name,), rows in cases.group_by("column")
        }
    return {}


def _wants(column: Column, typed: pl.Series, bad: NDArray[np.int64], lines: NDArray[np.int64]) -> list[str]:
    """Say what was wanted in each bad cell; for a repeated id, name the line that had it first."""
    if not column.unique or len(bad) == 0:
        return [column.wanted] * len(bad)
    values = typed[bad]
    same = pl.DataFrame({"value": typed, "line": lines}).filter(
        pl.col("value").is_in(values.unique().to_list())
    )
    first = dict(same.group_by("value").agg(pl.col("line").min()).iter_rows())
    # A value that could not be read is null and so cannot be the repeated one.
    return [
        column.wanted if value is None else f"an id that does not stand on line {first[value]} already"
        for value in values.to_list()
    ]


def _cell_faults(
    grid: Grid, rows: NDArray[np.int64], place: int, wants: Sequence[str], file: str
) -> list[tuple[int, Fault]]:
    values = grid.cells[str(place)][rows].fill_null("").to_list()
    lines = grid.lines[rows].tolist()
    return [
        (row, Fault(file, line, grid.header[place], value, wanted))
        for row, line, value, wanted in zip(rows.tolist(), lines, values, wants, strict=True)
    ]


def _ragged_faults(grid: Grid, file: str) -> list[tuple[int, Fault]]:
    wanted = f"{len(grid.header)} cells, as in the header (is a quote left open, or a separator unquoted?)"
    return [
        (row, Fault(file, int(grid.lines[row]), WHOLE_ROW, f"{cells} cells", wanted))
        for row, cells in grid.ragged.items()
    ]


def short(fault: Fault) -> str:
    """Write a fault without file and line."""
    return str(fault).removeprefix(f"{fault.file}:{fault.line}: ")


def _rejects(grid: Grid, texts: Mapping[int, str]) -> pl.DataFrame:
    """Give the rows at the row numbers as they came, with their line and what is wrong."""
    rows = np.fromiter(texts, dtype=np.int64, count=len(texts))
    taken = {LINE, FAULT}
    names = []
    for name in grid.header:
        names.append(_free_name(name, taken))
        taken.add(names[-1])
    rejects = grid.cells[rows].fill_null("")
    rejects.columns = names
    return rejects.with_columns(
        pl.Series(LINE, grid.lines[rows], pl.Int64), pl.Series(FAULT, list(texts.values()), pl.String)
    )


def _free_name(name: str, taken: set[str]) -> str:
    """Give the name, or with the first number that makes it new: a header may repeat itself."""
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free

"""Strings → typed, checked rows; every cell that cannot be used is named by file, line and column.

Knows nothing of which tables there are. The rules of a column stand in its pandera schema; this
module turns what pandera finds back into lines of the file.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pandera.errors import SchemaErrors

from churn_saver.data.checking.rejects import as_rejects
from churn_saver.data.checking.repeats import Repeats
from churn_saver.data.meaning.columns import Column, Rule, schema_of
from churn_saver.data.reading.grid import Grid, shortened
from churn_saver.errors import Fault, TableError

Rows = NDArray[np.int64]
Found = tuple[int, Fault]
"""Row and what is wrong in it."""
_MEND = (
    "Mend these cells, or add --skip-bad-rows to leave these rows out and have them listed in a reject file."
)
_MEND_WHOLE = "Mend the column: it spoils every row, so --skip-bad-rows does not help."
_DRESSED_NUMBER = re.compile(r"^[^\w\-+.]*[-+]?[\d.,'\s_]*\d[\d.,'\s_]*[^\w.]*$")
_PLAINLY = "write it plainly, as 1234.5: no separator of thousands, decimal comma, currency or per cent sign"


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


@dataclass(frozen=True, slots=True)
class Typed:
    """The rows of a grid that could be told apart, read column by column."""

    frame: pl.DataFrame
    rows: Rows
    """Row of the grid that each one was."""
    unreadable: Mapping[str, pl.Series]
    """Column → which of its cells could not be read."""


def check(
    grid: Grid, places: Mapping[str, int], columns: Sequence[Column], file: str, rules: Sequence[Rule] = ()
) -> Checked:
    """Type and check a whole table.

    Args:
        grid: Cells as they came.
        places: Canonical name → index of the file's column.
        columns: What each canonical column must hold.
        file: Name of the file, for faults.
        rules: What the cells of a row must agree on.
    """
    typed = typed_rows(grid, places, columns)
    for column in columns:
        wanted = column.refuses(typed.frame[column.name]) if column.name in places else None
        if wanted is not None:
            return refused_whole(grid, places, typed, Fault(file, 0, column.name, "", wanted))
    return check_rows(grid, places, typed, columns, file, rules, {})


def typed_rows(grid: Grid, places: Mapping[str, int], columns: Sequence[Column]) -> Typed:
    """Read the cells of every row that could be told apart."""
    rows = np.delete(np.arange(len(grid.lines), dtype=np.int64), list(grid.troubles))
    cells = grid.cells[rows] if grid.troubles else grid.cells
    values, unreadable = [], {}
    for column in columns:
        if column.name not in places:
            continue
        place = places[column.name]
        read, bad = column.read(cells[str(place)])
        if column.text_only and place in grid.not_text:
            bad = bad | grid.not_text[place].gather(rows)
        values.append(read.alias(column.name))
        unreadable[column.name] = bad
    return Typed(pl.DataFrame(values), rows, unreadable)


def refused_whole(grid: Grid, places: Mapping[str, int], typed: Typed, fault: Fault) -> Checked:
    """Give a table that one column spoils: no row of it is good.

    Args:
        grid: Cells as they came.
        places: Canonical name → index of the file's column.
        typed: The same, typed.
        fault: Names the column by its canonical name.
    """
    own = grid.header[places[fault.column]]
    shown = Fault(fault.file, 0, own, "the whole column", fault.wanted)
    texts = dict.fromkeys(range(len(grid.lines)), shown.told())
    return Checked(typed.frame.clear(), as_rejects(grid, texts), (shown,), _ignored(grid, places))


def check_rows(
    grid: Grid,
    places: Mapping[str, int],
    typed: Typed,
    columns: Sequence[Column],
    file: str,
    rules: Sequence[Rule],
    seen: dict[str, Repeats],
) -> Checked:
    """Check typed rows, of a whole table or of the next part of one.

    Args:
        grid: Cells as they came.
        places: Canonical name → index of the file's column.
        typed: The same, typed.
        columns: What each canonical column must hold.
        file: Name of the file, for faults.
        rules: What the cells of a row must agree on.
        seen: Ids of the parts before, by column; this part's are added.
    """
    present = [column for column in columns if column.name in places]
    broken = _rows_that_break(typed.frame, present)
    found = _troubles(grid, file)
    for column in present:
        bad = np.union1d(typed.unreadable[column.name].arg_true().to_numpy(), broken.get(column.name, []))
        bad = bad.astype(np.int64)
        place = places[column.name]
        found += _cell_faults(grid, typed.rows[bad], place, [column.wanted] * len(bad), file, column.dtype)
        if column.unique:
            first = seen.setdefault(column.name, Repeats()).first_lines(
                typed.frame[column.name], grid.lines[typed.rows]
            )
            again = np.flatnonzero(first)
            wants = [f"an id that does not stand on line {line} already" for line in first[again]]
            found += _cell_faults(grid, typed.rows[again], place, wants, file, column.dtype)
    for rule in rules:
        spoiled = {row for row, _ in found}
        rows = typed.rows[typed.frame.select(rule.broken.fill_null(False)).to_series().arg_true().to_numpy()]
        rows = np.array([row for row in rows.tolist() if row not in spoiled], dtype=np.int64)
        found += _cell_faults(grid, rows, places[rule.column], [rule.wanted] * len(rows), file, None)
    ignored = _ignored(grid, places)
    if not found:
        return Checked(typed.frame, as_rejects(grid, {}), (), ignored)
    found.sort(key=itemgetter(0))
    texts = {
        row: "; ".join(fault.told() for _, fault in group) for row, group in groupby(found, itemgetter(0))
    }
    good = pl.Series(~np.isin(typed.rows, list(texts)))
    faults = tuple(fault for _, fault in found)
    return Checked(typed.frame.filter(good), as_rejects(grid, texts), faults, ignored)


def _ignored(grid: Grid, places: Mapping[str, int]) -> tuple[str, ...]:
    used = set(places.values())
    return tuple(name for i, name in enumerate(grid.header) if i not in used)


def _rows_that_break(typed: pl.DataFrame, columns: Sequence[Column]) -> dict[str, Rows]:
    """Find the rows whose cell breaks the schema, by column; ids that repeat are not looked for."""
    if typed.height == 0:
        return {}
    try:
        schema_of(columns).validate(typed, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        return {
            str(name): rows["index"].to_numpy().astype(np.int64) for (name,), rows in cases.group_by("column")
        }
    return {}


def _cell_faults(
    grid: Grid,
    rows: Rows,
    place: int,
    wants: Sequence[str],
    file: str,
    dtype: pl.DataType | type[pl.DataType] | None,
) -> list[Found]:
    values = grid.cells[str(place)][rows].fill_null("").to_list()
    lines = grid.lines[rows].tolist()
    found = []
    for row, line, value, wanted in zip(rows.tolist(), lines, values, wants, strict=True):
        hint = f" ({_PLAINLY})" if dtype == pl.Float64 and _is_dressed(value) else ""
        found.append((row, Fault(file, line, grid.header[place], shortened(value), wanted + hint)))
    return found


def _is_dressed(value: str) -> bool:
    """Say whether a cell is a number in a form that only its writer can read for sure."""
    return len(value) < 40 and any(c in value for c in ",%€$£'\u00a0 ") and bool(_DRESSED_NUMBER.match(value))


def _troubles(grid: Grid, file: str) -> list[Found]:
    return [
        (row, Fault(file, int(grid.lines[row]), trouble.column, shortened(trouble.value), trouble.wanted))
        for row, troubles in grid.troubles.items()
        for trouble in troubles
    ]

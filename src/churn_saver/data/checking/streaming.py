"""A table checked a part at a time, in memory that does not grow with it but for its ids.

Pure: bytes come from a stream, rows go to whoever asked for them. What the parts are makes no
difference to what is found: ids are compared with all that came before, and a column that can only
be judged as a whole holds its rows back until it is cleared.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

import polars as pl

from churn_saver.data.checking.checked import Checked, Typed, check_rows, refused_whole, typed_rows
from churn_saver.data.checking.repeats import Repeats
from churn_saver.data.meaning.columns import Column, Table
from churn_saver.data.reading.parsing import Part, Sizes, parts
from churn_saver.domain.progress import Progress
from churn_saver.errors import Fault

MOST_FAULTS = 1_000
"""Faults that a verdict keeps; every bad row has its own in the rejects."""
Take = Callable[[pl.DataFrame], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check of a table found: good + bad = rows."""

    rows: int
    good: int
    bad: int
    faults: tuple[Fault, ...]
    """The first `MOST_FAULTS`, in the order of the file."""
    fault_count: int
    ignored: tuple[str, ...]
    """Columns of the file that no rule is about."""
    columns: tuple[str, ...]
    """Canonical names of those that were found, in the order of the table."""
    whole: bool
    """The table as a whole is refused: one column spoils every row."""
    sha256: str = ""
    """Of the file as it stands on disk, packed or not; blank where there is none but a stream."""
    size: int = 0
    """Its bytes."""


@dataclass(frozen=True, slots=True)
class Step:
    """A part after its check, and the canonical names found so far."""

    checked: Checked
    columns: tuple[str, ...]
    whole: bool = False


def check_stream(
    stream: BinaryIO,
    file: str,
    table: Table,
    mapping: Mapping[str, str],
    good: Take,
    rejects: Take,
    report: Progress = lambda _what, _done, _total: None,
    sizes: Sizes | None = None,
) -> Verdict:
    """Check a table while it is read.

    Args:
        stream: From the beginning of the file, CSV, JSON lines or Parquet, plain or gzip.
        file: Name of the file, for faults.
        table: What to expect.
        mapping: Canonical name → the file's own name, where names alone do not tell.
        good: Takes good rows, canonical names, typed, in the order of the file; of JSON lines every column of
            the table, null where the file has none.
        rejects: Takes bad rows as they came, with `line` and `fault`, in the order of the file.
        report: Is told how many rows were checked; their total is not known before the end.
        sizes: How much is read at a time.

    Raises:
        TableError: no table, damaged, a required column is missing, or two columns mean the same. What was
            handed out before is then not the whole.
        InputError: the mapping names a column that is not there.
    """
    verdict = Verdict(0, 0, 0, (), 0, (), (), False)
    for step in steps(stream, file, table, mapping, sizes or Sizes()):
        checked = step.checked
        if checked.frame.height:
            good(checked.frame)
        if checked.rejects.height:
            rejects(checked.rejects)
        verdict = _with(verdict, step)
        report("rows checked", verdict.rows, 0)
    return verdict


def steps(
    stream: BinaryIO, file: str, table: Table, mapping: Mapping[str, str], sizes: Sizes
) -> Iterator[Step]:
    """Yield each part of a table after its check; see `check_stream`."""
    seen: dict[str, Repeats] = {}
    held: list[Part] = []
    doubts: dict[str, str | None] = {column.name: None for column in table.columns}
    """Columns that are not cleared → what is wanted of them, blank as long as that cannot be told, None as
    long as no value came."""
    for part in parts(stream, file, table.columns, mapping, sizes):
        typed = typed_rows(part.grid, part.places, table.columns)
        _weigh(doubts, typed, table.columns)
        held.append(part)
        if any(wanted is not None for wanted in doubts.values()):
            continue
        yield from _checked(held, table, file, seen, typed)
        held = []
    name, wanted = next(((name, wanted) for name, wanted in doubts.items() if wanted), ("", ""))
    if not wanted:
        yield from _checked(held, table, file, seen)
        return
    for part in held:
        typed = typed_rows(part.grid, part.places, table.columns)
        refusal = Fault(file, 0, name, "", wanted)
        yield Step(refused_whole(part.grid, part.places, typed, refusal), _names(part, table), whole=True)


def _weigh(doubts: dict[str, str | None], typed: Typed, columns: tuple[Column, ...]) -> None:
    """Clear each column that this part shows to be meant, or keep what it is in doubt for."""
    for column in columns:
        if column.name not in doubts or column.name not in typed.frame.columns:
            continue
        values = typed.frame[column.name]
        if values.null_count() == len(values):
            continue
        if column.clears(values):
            del doubts[column.name]
        else:
            doubts[column.name] = column.refuses(values) or doubts[column.name] or ""


def _checked(
    held: list[Part], table: Table, file: str, seen: dict[str, Repeats], last: Typed | None = None
) -> Iterator[Step]:
    for part in held:
        typed = last if part is held[-1] else None
        typed = typed or typed_rows(part.grid, part.places, table.columns)
        checked = check_rows(part.grid, part.places, typed, table.columns, file, table.rules, seen)
        if part.grid.raw is not None:
            checked = replace(checked, frame=_with_every_column(checked.frame, table.columns))
        yield Step(checked, _names(part, table))


def _with_every_column(frame: pl.DataFrame, columns: tuple[Column, ...]) -> pl.DataFrame:
    """Give null to columns that no line has had so far: a later line of JSON may have one."""
    absent = {
        column.name: pl.lit(None, column.dtype) for column in columns if column.name not in frame.columns
    }
    return frame.with_columns(**absent).select(column.name for column in columns)


def _names(part: Part, table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.name in part.places)


def _with(verdict: Verdict, step: Step) -> Verdict:
    checked = step.checked
    good, bad = checked.frame.height, checked.rejects.height
    # A table that is refused as a whole says so once, not once for each part of it.
    new = () if verdict.whole else checked.faults
    return replace(
        verdict,
        rows=verdict.rows + good + bad,
        good=verdict.good + good,
        bad=verdict.bad + bad,
        faults=verdict.faults + new[: MOST_FAULTS - len(verdict.faults)],
        fault_count=verdict.fault_count + len(new),
        ignored=checked.ignored,
        columns=step.columns,
        whole=step.whole,
    )

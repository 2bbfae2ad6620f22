"""A stream of CSV → grids, a piece at a time, with the exact line of every row.

Knows neither which columns are wanted nor what a cell may hold. Where every quote opens at the
beginning of a cell and closes at its end, counting quotes tells which separators and line ends
stand outside of them; polars then reads the rows whose cells are as many as the header's, and no
others. Any other piece goes to `records`, which is slow and knows why.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from churn_saver.data.reading.feed import BOM, Feed
from churn_saver.data.reading.grid import Grid, Trouble, as_columns, without_repeated_header
from churn_saver.data.reading.outline import Rows, find_rows, not_utf8, without
from churn_saver.data.reading.records import (
    MOST_KEPT,
    Record,
    fitted,
    lines_in,
    readable,
    records,
    too_long,
    trouble_of,
)

SEPARATORS = (",", ";", "\t")
_BYTES_PER_CHARACTER = 4


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written."""

    separator: str
    header: tuple[str, ...]
    line: int
    """Line of the header."""


def layout(feed: Feed) -> Layout:
    """Find separator, names and line of the header, and leave the feed behind it.

    The separator is the one that gives most names.

    Raises:
        TableError: no text, or empty.
    """
    head = feed.head()
    text = (head if feed.at_end else head[: _last_line_end(head)]).decode("utf-8", "surrogateescape")
    found: dict[str, Record] = {}
    for separator in SEPARATORS:
        every = records(text, 1, separator, feed.at_end, feed.longest)
        first = next((record for record in every if not record.is_blank), None)
        if first is not None:
            found[separator] = first
    if not found:
        raise feed.no_text("a first line that never ends")
    separator, first = max(found.items(), key=lambda item: (len(item[1].cells), item[1].broken is None))
    names = tuple(name.strip() for name in first.cells)
    if any("\x00" in name for name in names):
        raise feed.no_text("binary data or UTF-16 text")
    bad = [name for name in names if readable(name) != name]
    if bad or first.broken is not None:
        raise feed.no_text(readable(bad[0]) if bad else "a quote that never closes", first.line)
    feed.use(len(text[: first.end].encode("utf-8", "surrogateescape")), lines_in(text, 0, first.end))
    return Layout(separator, names, first.line)


def grids(feed: Feed, found: Layout) -> Iterator[Grid]:
    """Yield the rows behind the header, a piece at a time; at least one grid, though it may be empty."""
    yield _grid([], found)
    while True:
        whole = feed.held if feed.at_end else feed.held[: _last_line_end(feed.held)]
        if whole:
            rows = find_rows(whole, feed.line, found.separator, feed.at_end, feed.longest)
            grid, used, lines = _walk(whole, feed, found) if rows is None else _read(whole, rows, found)
            feed.use(used, lines)
            yield without_repeated_header(grid)
        elif len(feed.held) > _BYTES_PER_CHARACTER * feed.longest:
            yield _skip_line(feed, found)
        if feed.at_end:
            return
        feed.fill()


def _last_line_end(text: bytes) -> int:
    """Find where the last whole line ends; a CR that may belong to a CRLF is none."""
    return max(text.rfind(b"\n"), text.rfind(b"\r", 0, max(len(text) - 1, 0))) + 1


def _read(text: bytes, rows: Rows, found: Layout) -> tuple[Grid, int, int]:
    """Read the rows of a text whose places are known; also tell how many bytes and lines they used up."""
    used = int(rows.ends[-1]) if len(rows.ends) else 0
    odd = (rows.widths != len(found.header)) | (len(found.header) == 1)
    try:
        text[:used].decode()
    except UnicodeDecodeError:
        odd |= not_utf8(text, rows)
    grid = _grid([], found)
    for quoted, kept in ((True, ~odd & ~rows.literal), (False, ~odd & rows.literal)):
        cells = _polars(without(text[:used], rows, ~kept), quoted, found) if kept.any() else grid.cells[:0]
        if cells is None or cells.height != np.count_nonzero(kept):
            odd |= kept
        else:
            grid = _merged(grid, Grid(found.header, found.line, cells, rows.lines[kept]))
    walked: list[Record] = []
    for row in np.flatnonzero(odd).tolist():
        record = text[rows.starts[row] : rows.ends[row]].decode("utf-8", "surrogateescape")
        walked += records(record, int(rows.lines[row]), found.separator, True, len(text))
    return _merged(grid, _grid(walked, found)), used, text.count(b"\n", 0, used)


def _merged(grid: Grid, rest: Grid) -> Grid:
    """Put the rows of two grids in the order of their lines."""
    if not len(rest.lines) or not len(grid.lines):
        return grid if len(grid.lines) else rest
    lines = np.concatenate([grid.lines, rest.lines])
    order = np.argsort(lines, kind="stable")
    place = np.argsort(order, kind="stable")
    troubles = {int(place[len(grid.lines) + row]): trouble for row, trouble in rest.troubles.items()}
    return Grid(
        grid.header, grid.header_line, pl.concat([grid.cells, rest.cells])[order], lines[order], troubles
    )


def _polars(text: bytes, quoted: bool, found: Layout) -> pl.DataFrame | None:
    """Read rows that are known to be whole, or give None if polars cannot."""
    schema = {str(i): pl.String for i in range(len(found.header))}
    quote = '"' if quoted and b'"' in text else None
    if text.startswith(BOM):
        # polars would take one off; here it stands before a row, not before the header.
        text = BOM + text
    try:
        return pl.read_csv(text, has_header=False, schema=schema, separator=found.separator, quote_char=quote)
    except PolarsError:
        return None


def _walk(text: bytes, feed: Feed, found: Layout) -> tuple[Grid, int, int]:
    """Read a text record by record; also tell how many bytes and lines that used up."""
    decoded = text.decode("utf-8", "surrogateescape")
    walked = list(records(decoded, feed.line, found.separator, feed.at_end, feed.longest))
    end = walked[-1].end if walked else 0
    used = len(text) if end == len(decoded) else len(decoded[:end].encode("utf-8", "surrogateescape"))
    return _grid(walked, found), used, lines_in(decoded, 0, end)


def _grid(walked: list[Record], found: Layout) -> Grid:
    """Make a grid of records; blank lines are no rows."""
    width = len(found.header)
    flat: list[str | None] = []
    lines: list[int] = []
    troubles: dict[int, tuple[Trouble, ...]] = {}
    for record in walked:
        if record.is_blank:
            continue
        trouble = trouble_of(record, found.header)
        cells = record.cells
        if trouble:
            troubles[len(lines)] = trouble
            cells = [readable(cell) for cell in cells]
        flat += cells if len(cells) == width else fitted(cells, width, found.separator)
        lines.append(record.line)
    return Grid(found.header, found.line, as_columns(flat, width), np.array(lines, dtype=np.int64), troubles)


def _skip_line(feed: Feed, found: Layout) -> Grid:
    """Give up a line that is longer than any row may be, and read on behind it."""
    front = feed.held[: _BYTES_PER_CHARACTER * MOST_KEPT].decode("utf-8", "surrogateescape")
    record = too_long(front, 0, 0, feed.line, feed.longest)
    while not feed.at_end and _last_line_end(feed.held) == 0:
        feed.use(len(feed.held) - 1, 0)
        feed.fill()
    end = min((place for place in (feed.held.find(b"\r"), feed.held.find(b"\n")) if place >= 0), default=None)
    if end is None:
        feed.use(len(feed.held), 0)
    else:
        feed.use(end + (2 if feed.held.startswith(b"\r\n", end) else 1), 1)
    return _grid([record], found)

"""CSV text → records one by one, by the letter of RFC 4180, with what can be said of a broken one.

This is the slow reader that knows why; `separated` is the fast one. A quote opens a cell only at its
beginning; anywhere else it is a character. A cell whose quote does not close before a separator or
the end of a line spoils its own line only: reading goes on at the next one, so that one stray quote
never swallows what follows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from churn_saver.data.reading.grid import WHOLE_ROW, Trouble

_LINE_END = re.compile(r"\r\n|\r|\n")
_UNTIL_LONE_QUOTE = re.compile(r'"(?:[^"]++|"")*+')
MOST_KEPT = 1_000
"""Characters that are kept of a record that is too long."""
_CLOSED = "a quote that closes at the end of its cell"


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a CSV file."""

    line: int
    """Its first line."""
    start: int
    end: int
    """Where the next one begins."""
    cells: list[str]
    broken: tuple[int, str, str] | None = None
    """Number of the cell, its text and what was wanted, where the record cannot be told apart."""

    @property
    def is_blank(self) -> bool:
        """Say whether it is a line with nothing in it, and so no row."""
        return len(self.cells) == 1 and self.broken is None and not self.cells[0].strip()


@lru_cache(maxsize=8)
def _bare(separator: str) -> re.Pattern[str]:
    return re.compile(rf"[^{separator}\r\n]*")


def records(text: str, line: int, separator: str, at_end: bool, longest: int) -> Iterator[Record]:
    """Yield each whole record, blank ones too.

    Args:
        text: Begins with a record, and ends with the end of a line or of the file.
        line: The line in which it begins.
        separator: One character.
        at_end: The file ends here; otherwise a record that may go on is not yielded.
        longest: Characters that one record may have.
    """
    start = 0
    while start < len(text):
        record = _record(text, start, line, separator, at_end, longest)
        if record is None:
            return
        yield record
        line += lines_in(text, start, record.end)
        start = record.end


def _record(text: str, start: int, line: int, separator: str, at_end: bool, longest: int) -> Record | None:
    cells: list[str] = []
    bare = _bare(separator)
    place = start
    while True:
        if text.startswith('"', place):
            close = _UNTIL_LONE_QUOTE.match(text, place)
            end = len(text) if close is None else close.end()
            closed = text.startswith('"', end) and text[end + 1 : end + 2] in (separator, "\r", "\n", "")
            if end >= len(text) and not at_end and len(text) - start <= longest:
                return None
            if not closed or end - start > longest:
                return _spoiled(text, start, place, line, cells)
            cells.append(text[place + 1 : end].replace('""', '"'))
            place = end + 1
        else:
            cell = bare.match(text, place)
            assert cell is not None
            cells.append(cell[0])
            place = cell.end()
        if not text.startswith(separator, place):
            break
        place += 1
    end = min(place + (2 if text.startswith("\r\n", place) else 1), len(text))
    if end - start > longest:
        return too_long(text[start : start + MOST_KEPT], start, end, line, longest)
    return Record(line, start, end, cells)


def too_long(front: str, start: int, end: int, line: int, longest: int) -> Record:
    """Give a record of which only the beginning is kept."""
    return Record(
        line, start, end, [front[:MOST_KEPT]], (-1, front, f"a row of at most {longest:,} characters")
    )


def _spoiled(text: str, start: int, place: int, line: int, cells: list[str]) -> Record:
    """Give the lines up to the end of the one in which a quote opens as a record that is broken."""
    stop = _LINE_END.search(text, place)
    last, end = (len(text), len(text)) if stop is None else stop.span()
    opened = line + lines_in(text, start, place)
    shown = text[place:last]
    return Record(
        line, start, end, [*cells, shown], (len(cells), shown, f"{_CLOSED} (it opens on line {opened})")
    )


def lines_in(text: str, start: int, end: int) -> int:
    """Count the ends of lines in a part of a text: CRLF, LF or CR."""
    feeds, returns = text.count("\n", start, end), text.count("\r", start, end)
    return feeds + returns - (text.count("\r\n", start, end) if feeds and returns else 0)


def trouble_of(record: Record, header: tuple[str, ...]) -> tuple[Trouble, ...]:
    """Say what is wrong with a record, if anything."""
    width = len(header)
    if record.broken is not None:
        place, value, wanted = record.broken
        name = header[place] if 0 <= place < width else WHOLE_ROW
        return (Trouble(name, value, wanted),)
    if len(record.cells) != width:
        hint = "is a quote left open, or a separator unquoted?"
        if len(record.cells) == width + 1 and not record.cells[-1].strip():
            hint = "is there a separator too many at its end?"
        return (
            Trouble(WHOLE_ROW, f"{len(record.cells)} cells", f"{width} cells, as in the header ({hint})"),
        )
    return tuple(
        Trouble(name, readable(cell), "UTF-8 text: save the table as 'CSV UTF-8'")
        for name, cell in zip(header, record.cells, strict=True)
        if not cell.isascii() and readable(cell) != cell
    )


def readable(cell: str) -> str:
    r"""Write bytes that are no UTF-8 as \xeb; they come as half surrogates."""
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def fitted(cells: list[str], width: int, separator: str) -> list[str | None]:
    """Give as many cells as the header has: null for those missing, the last one takes the rest."""
    if len(cells) < width:
        return [*cells, *[None] * (width - len(cells))]
    return [*cells[: width - 1], separator.join(cells[width - 1 :])]

"""Where the records of a CSV text stand, told by counting quotes.

Where every quote opens at the beginning of a cell or closes at its end, those separators and line
ends stand outside of quotes that an even number of quotes comes before. Lines whose quotes are mere
characters, such as inch marks, are told from those first. Knows nothing of cells.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_QUOTE, _LF, _CR, _FIRST_NOT_ASCII = 34, 10, 13, 128
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Whole records of a text, (n,) each."""

    starts: Places
    ends: Places
    """Where the next one begins."""
    lines: Places
    """First line of each."""
    widths: Places
    """Number of cells."""
    literal: NDArray[np.bool_]
    """Whether its quotes are mere characters."""


def find_rows(text: bytes, line: int, separator: str, at_end: bool, longest: int) -> Rows | None:
    """Find the whole records of a text, or give None where counting quotes could be wrong."""
    if text.count(b"\r") != text.count(b"\r\n"):
        return None
    codes = np.frombuffer(text, dtype=np.uint8)
    feeds = np.flatnonzero(codes == _LF)
    quotes = np.flatnonzero(codes == _QUOTE) if b'"' in text else np.empty(0, np.int64)
    literal = quotes[:0]
    if not _well_formed(codes, quotes, ord(separator)):
        opens = _in_lines_that_open(codes, feeds, quotes, ord(separator))
        literal, quotes = quotes[~opens], quotes[opens]
        if np.any(np.searchsorted(quotes, literal) % 2) or not _well_formed(codes, quotes, ord(separator)):
            return None
    ends = _outside(feeds, quotes) + 1
    if at_end and (not len(ends) or ends[-1] < len(text)):
        if len(quotes) % 2:
            return None
        ends = np.append(ends, len(text))
    if not at_end and len(text) - (ends[-1] if len(ends) else 0) > longest:
        return None
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)[: len(ends)]
    if len(ends) and int((ends - starts).max()) > longest:
        return None
    separators = _outside(np.flatnonzero(codes == ord(separator)), quotes)
    widths = np.diff(np.searchsorted(separators, ends), prepend=0) + 1
    # Without quotes every line is a record.
    before = np.searchsorted(feeds, starts) if len(quotes) else np.arange(len(starts))
    marks = np.zeros(len(ends), dtype=np.bool_)
    marks[np.searchsorted(ends, literal, side="right")] = True
    return Rows(starts, ends, before + line, widths, marks)


def _in_lines_that_open(
    codes: NDArray[np.uint8], feeds: Places, quotes: Places, separator: int
) -> NDArray[np.bool_]:
    """Say of each quote whether its line holds one that stands first in a cell."""
    first = np.isin(codes[quotes - 1], (separator, _LF)) | (quotes == 0)
    line = np.searchsorted(feeds, quotes)
    return np.isin(line, line[first])


def _well_formed(codes: NDArray[np.uint8], quotes: Places, separator: int) -> bool:
    """Say whether each quote that should open stands first in a cell, and each that should close last.

    By induction over the quotes, those at even places then open and those at odd places close, and
    a pair of neighbours is one quote within a cell.
    """
    if not len(quotes):
        return True
    opening, closing = quotes[0::2], quotes[1::2]
    # Whether a closing quote and the opening one behind it touch, and so are one quote within a cell.
    doubled = np.diff(quotes)[1::2] == 1
    first = np.isin(codes[opening - 1], (separator, _LF))
    first[0] |= opening[0] == 0
    first[1:] |= doubled
    last = np.isin(codes[np.minimum(closing + 1, len(codes) - 1)], (separator, _LF, _CR))
    last |= closing == len(codes) - 1
    last[: len(doubled)] |= doubled
    return bool(first.all() and last.all())


def _outside(places: Places, quotes: Places) -> Places:
    """Give the places that no quotes are around."""
    return places[np.searchsorted(quotes, places) % 2 == 0] if len(quotes) else places


def not_utf8(text: bytes, rows: Rows) -> NDArray[np.bool_]:
    """Say which records are not UTF-8."""
    strange = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) >= _FIRST_NOT_ASCII)
    bad = np.zeros(len(rows.starts), dtype=np.bool_)
    for row in np.unique(np.searchsorted(rows.ends, strange, side="right")).tolist():
        try:
            text[rows.starts[row] : rows.ends[row]].decode()
        except UnicodeDecodeError:
            bad[row] = True
    return bad


def without(text: bytes, rows: Rows, odd: NDArray[np.bool_]) -> bytes:
    """Give the text without some of its records."""
    if not odd.any():
        return text
    edges = np.flatnonzero(np.diff(np.concatenate([[True], odd, [True]])))
    return b"".join(
        text[rows.starts[first] : rows.ends[last - 1]]
        for first, last in zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True)
    )

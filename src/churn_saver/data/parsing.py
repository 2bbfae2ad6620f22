"""Bytes of a CSV or Parquet file → a grid of strings, with the line of every row.

Knows neither which columns are wanted nor what a cell may hold. Files without quotes go through
polars; where its line numbers could be wrong (quotes, blank lines, ragged rows, lone carriage
returns) the csv module walks the file instead and counts.
"""

import csv
import io
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.exceptions import PolarsError

from churn_saver.errors import Fault, TableError

SEPARATORS = (",", ";", "\t")
PARQUET_MAGIC = b"PAR1"
WHOLE_FILE = "(file)"
"""Stands where a fault names a column, when it is the file that cannot be read."""
_BOM = b"\xef\xbb\xbf"
_OTHER_KINDS = {
    b"PK\x03\x04": "a zip or Excel file",
    b"\x1f\x8b": "a gzip file",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
_ROWS_AT_A_TIME = 50_000


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it came: every cell a string."""

    header: tuple[str, ...]
    """Names in the file, in order; may repeat."""
    header_line: int
    cells: pl.DataFrame
    """Strings, (rows, columns); column i is named str(i). A short row is filled with null, what a
    long row has too much stands in its last cell."""
    lines: NDArray[np.int64]
    """First line of each row in the file, (rows,); in a Parquet file row number + 1."""
    ragged: Mapping[int, int] = field(default_factory=dict)
    """Row → number of cells found, where it is not the header's."""


def parse(raw: bytes, file: str) -> Grid:
    """Read a file into strings.

    Args:
        raw: UTF-8 CSV separated by comma, semicolon or tab, with or without a byte order mark; or Parquet.
        file: Name of the file, for error messages.

    Raises:
        TableError: not UTF-8, not readable as Parquet, or empty.
    """
    if raw.startswith(PARQUET_MAGIC):
        return _parse_parquet(raw, file)
    text = utf8(raw, file)
    separator, header, header_line = _header(text, file)
    plain = b'"' not in text and text.count(b"\r") == text.count(b"\r\n")
    if plain and header_line == 1 and len(header) > 1:
        cells = _fast(text, separator, len(header))
        if cells is not None:
            lines = np.arange(2, cells.height + 2, dtype=np.int64)
            return Grid(header, header_line, cells, lines)
    return _walk(text, separator, header, header_line)


def header(raw: bytes, file: str) -> tuple[str, ...]:
    """Give the column names of a file, as they stand in it.

    Raises:
        TableError: not UTF-8, not readable as Parquet, or empty.
    """
    if raw.startswith(PARQUET_MAGIC):
        return tuple(_parquet(raw, file, 0).columns)
    return _header(utf8(raw, file), file)[1]


def utf8(raw: bytes, file: str) -> bytes:
    """Give the bytes without a byte order mark, sure to be UTF-8 text.

    Raises:
        TableError: another encoding or no text at all; names the line.
    """
    kind = next((kind for magic, kind in _OTHER_KINDS.items() if raw.startswith(magic)), None)
    if kind is None and b"\x00" in raw:
        kind = "binary data or UTF-16 text"
    if kind is not None:
        raise _refused(file, 1, f"{kind} ({raw[:4]!r}...)")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _refused(file, line, repr(raw[error.start : error.start + 8])) from None
    return raw.removeprefix(_BOM)


def _refused(file: str, line: int, value: str) -> TableError:
    fault = Fault(file, line, WHOLE_FILE, value, "CSV as UTF-8 text, or Parquet")
    return TableError([fault], "Save the table as 'CSV UTF-8' and try again.")


def _records(text: bytes, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank, with its first line."""
    # The limit is one per process; it may only grow, so that no other reader is cut short.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(text), "utf-8", newline=""), delimiter=separator)
    line = 1
    for record in reader:
        if len(record) > 1 or (record and record[0].strip()):
            yield line, record
        line = reader.line_num + 1


def _header(text: bytes, file: str) -> tuple[str, tuple[str, ...], int]:
    """Find separator, names and line of the header: the separator that gives most names."""
    found = {separator: next(_records(text, separator), None) for separator in SEPARATORS}
    separator, first = max(found.items(), key=lambda item: len(item[1][1]) if item[1] else 0)
    if first is None:
        fault = Fault(file, 1, WHOLE_FILE, "", "a header and rows")
        raise TableError([fault], "The file is empty: export it again.")
    return separator, tuple(name.strip() for name in first[1]), first[0]


def _fast(text: bytes, separator: str, width: int) -> pl.DataFrame | None:
    """Read with polars, or give None where that could be wrong.

    polars refuses a row that is too long, so when separators and lines add up no row is short or
    blank, and row i stands on line i + 2.
    """
    try:
        cells = pl.read_csv(text, separator=separator, infer_schema=False, quote_char=None)
    except PolarsError:
        return None
    lines = text.count(b"\n") + (not text.endswith(b"\n"))
    if lines != cells.height + 1 or text.count(separator.encode()) != lines * (width - 1):
        return None
    cells.columns = [str(i) for i in range(width)]
    return cells


def _walk(text: bytes, separator: str, header: tuple[str, ...], header_line: int) -> Grid:
    """Read with the csv module, which knows the line of every record."""
    width, ragged = len(header), {}
    parts = [_columns([], width)]
    # One flat list of strings: a list per row would keep the garbage collector busy for ten times as long.
    flat: list[str | None] = []
    lines = array("q")
    for line, record in islice(_records(text, separator), 1, None):
        if len(record) != width:
            ragged[len(lines)] = len(record)
            flat += _fitted(record, width, separator)
        else:
            flat += record
        lines.append(line)
        if len(lines) % _ROWS_AT_A_TIME == 0:
            parts.append(_columns(flat, width))
            flat = []
    parts.append(_columns(flat, width))
    return Grid(header, header_line, pl.concat(parts, rechunk=True), np.array(lines, dtype=np.int64), ragged)


def _columns(flat: Sequence[str | None], width: int) -> pl.DataFrame:
    return pl.DataFrame([pl.Series(str(i), flat[i::width], pl.String) for i in range(width)])


def _fitted(cells: list[str], width: int, separator: str) -> list[str | None]:
    if len(cells) < width:
        return [*cells, *[None] * (width - len(cells))]
    return [*cells[: width - 1], separator.join(cells[width - 1 :])]


def _parquet(raw: bytes, file: str, n_rows: int | None = None) -> pl.DataFrame:
    try:
        return pl.read_parquet(io.BytesIO(raw), n_rows=n_rows)
    except PolarsError as error:
        fault = Fault(file, 0, WHOLE_FILE, str(error), "a whole Parquet file")
        raise TableError([fault], "The file is damaged: export it again.") from None


def _parse_parquet(raw: bytes, file: str) -> Grid:
    frame = _parquet(raw, file)
    cells = pl.DataFrame([_as_text(column).alias(str(i)) for i, column in enumerate(frame.iter_columns())])
    return Grid(tuple(frame.columns), 1, cells, np.arange(2, frame.height + 2, dtype=np.int64))


def _as_text(column: pl.Series) -> pl.Series:
    if column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object):
        return pl.repeat(f"<{column.dtype}>", len(column), dtype=pl.String, eager=True)
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.to_string("iso")
    text = column.cast(pl.String)
    # pandas turns whole numbers into 1.0 as soon as one of them is missing.
    return text.str.strip_suffix(".0") if column.dtype.is_float() else text

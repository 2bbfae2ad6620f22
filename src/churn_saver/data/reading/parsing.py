"""A file of any kind we read → grids of strings, with the line of every row.

    CSV          UTF-8, separated by comma, semicolon or tab; with or without a byte order mark
    JSON lines   one object a line
    Parquet      known by its first bytes

each plain or gzip. Knows not what a cell may hold.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import polars as pl

from churn_saver.data.meaning.columns import Column
from churn_saver.data.meaning.naming import places
from churn_saver.data.reading import objects, parquet, separated
from churn_saver.data.reading.feed import LONGEST_RECORD, PIECE, Feed
from churn_saver.data.reading.grid import Grid, Trouble, refused
from churn_saver.errors import Fault, TableError

MOST_UNPACKED = 1 << 31
"""Bytes that a Parquet file in gzip may unpack to: it must be held whole."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is read and held at a time."""

    piece: int = PIECE
    """Bytes of text."""
    longest: int = LONGEST_RECORD
    """Bytes that one record may have."""
    rows: int = parquet.ROWS
    """Rows of Parquet."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a file, and where the wanted columns stand in them."""

    grid: Grid
    places: Mapping[str, int]
    """Canonical name → column."""


def parts(
    stream: BinaryIO, file: str, columns: Sequence[Column], mapping: Mapping[str, str], sizes: Sizes
) -> Iterator[Part]:
    """Yield the rows of a file, a part at a time: parts that hold rows, or one without any.

    Args:
        stream: From the beginning of the file; a Parquet file must let itself be read from any place.
        file: Name of the file, for faults.
        columns: Which columns are wanted.
        mapping: Canonical name → the file's own, where names alone do not tell.
        sizes: How much is read at a time.

    Raises:
        TableError: no table, damaged, a required column is missing, or two columns mean the same.
        InputError: the mapping names a column that is not there.
    """
    empty: Part | None = None
    any_rows = False
    for part in _parts(stream, file, columns, mapping, sizes):
        if len(part.grid.lines):
            any_rows = True
            yield part
        else:
            empty = part
    if empty is not None and not any_rows:
        yield empty


def _parts(
    stream: BinaryIO, file: str, columns: Sequence[Column], mapping: Mapping[str, str], sizes: Sizes
) -> Iterator[Part]:
    feed = Feed(stream, file, sizes.piece, sizes.longest)
    source = _parquet(stream, feed)
    if source is not None:
        types = parquet.schema(source, file)
        found = places(tuple(types), 1, file, columns, mapping)
        _refuse_nested(types, found, columns, file)
        for grid in parquet.grids(source, file, sizes.rows):
            yield Part(grid, found)
    elif objects.is_objects(feed.head(), file):
        keys = objects.keys_of(feed, columns, mapping)
        for grid in objects.grids(feed, keys):
            yield Part(grid, {name: place for place, name in enumerate(keys.own)})
    else:
        layout = separated.layout(feed)
        found = places(layout.header, layout.line, file, columns, mapping)
        for grid in separated.grids(feed, layout):
            yield Part(grid, found)


def header(raw: bytes, file: str) -> tuple[str, ...]:
    """Give the column names of a file, as they stand in it.

    Raises:
        TableError: no table, or damaged.
    """
    stream = io.BytesIO(raw)
    feed = Feed(stream, file)
    source = _parquet(stream, feed)
    if source is not None:
        return tuple(parquet.schema(source, file))
    if objects.is_objects(feed.head(), file):
        return tuple(objects.names_of(feed))
    return separated.layout(feed).header


def parse(raw: bytes, file: str, sizes: Sizes | None = None) -> Grid:
    """Read a CSV or Parquet file into one grid.

    Args:
        raw: The bytes of the file.
        file: Name of the file, for faults.
        sizes: How much is read at a time.

    Raises:
        TableError: no table, or damaged.
    """
    sizes = sizes or Sizes()
    stream = io.BytesIO(raw)
    feed = Feed(stream, file, sizes.piece, sizes.longest)
    source = _parquet(stream, feed)
    if source is not None:
        return _joined(parquet.grids(source, file, sizes.rows))
    return _joined(separated.grids(feed, separated.layout(feed)))


def _joined(grids: Iterator[Grid]) -> Grid:
    every = list(grids)
    troubles: dict[int, tuple[Trouble, ...]] = {}
    height = 0
    for grid in every:
        troubles |= {height + row: trouble for row, trouble in grid.troubles.items()}
        height += grid.cells.height
    cells = pl.concat([grid.cells for grid in every], rechunk=True)
    lines = np.concatenate([grid.lines for grid in every])
    return Grid(every[0].header, every[0].header_line, cells, lines, troubles)


def _parquet(stream: BinaryIO, feed: Feed) -> BinaryIO | None:
    """Give the stream to read Parquet from, if it is that."""
    while len(feed.held) < len(parquet.MAGIC) and not feed.at_end:
        feed.fill(len(parquet.MAGIC))
    if not feed.held.startswith(parquet.MAGIC):
        return None
    if not feed.is_gzip:
        return stream
    pieces = [feed.held]
    unpacked = len(feed.held)
    while not feed.at_end:
        feed.use(len(feed.held), 0)
        feed.fill()
        pieces.append(feed.held)
        unpacked += len(feed.held)
        if unpacked > MOST_UNPACKED:
            wanted = f"Parquet that unpacks to at most {MOST_UNPACKED:,} bytes"
            raise refused(feed.file, 0, "more", wanted, "Unpack the file first: gunzip FILE.")
    return io.BytesIO(b"".join(pieces))


def _refuse_nested(
    types: Mapping[str, pl.DataType], found: Mapping[str, int], columns: Sequence[Column], file: str
) -> None:
    names = list(types)
    wanted = {column.name: column.wanted for column in columns}
    faults = [
        Fault(file, 0, names[place], str(types[names[place]]), f"single values: {wanted[name]}")
        for name, place in found.items()
        if not parquet.is_cell(types[names[place]])
    ]
    if faults:
        raise TableError(faults, "Write the column as plain values, or map another one with --map.")

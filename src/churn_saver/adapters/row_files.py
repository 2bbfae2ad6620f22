"""Files that grow by rows, of any length: written beside their place, and moved there whole.

CSV and JSON lines are appended to; Parquet is written in parts that become one file at the end. Knows
nothing of what is in the rows.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from churn_saver.errors import InputError

SUFFIXES = (".parquet", ".jsonl", ".csv")


class RowFile:
    """Rows on their way to a file; see `row_file`."""

    def __init__(self, place: Path, beside: Path) -> None:
        """Take a place and a folder beside it to write in."""
        self.rows = 0
        self._place = place
        self._beside = beside
        self._whole = beside / place.name
        self._parts = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Write further rows; every frame has the same columns."""
        first, self.rows = self._parts == 0, self.rows + frame.height
        with _written(self._place):
            if self._place.suffix == ".parquet":
                frame.write_parquet(self._part(self._parts), compression="lz4")
            else:
                with self._whole.open("ab") as file:
                    if self._place.suffix == ".csv":
                        frame.write_csv(file, include_header=first)
                    else:
                        frame.write_ndjson(file)
        self._parts += 1

    def keep(self) -> None:
        """Move what was written to its place; at least one frame was added."""
        with _written(self._place):
            if self._place.suffix == ".parquet":
                parts = [self._part(number) for number in range(self._parts)]
                pl.scan_parquet(parts).sink_parquet(self._whole)
            with self._whole.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(self._whole, self._place)

    def _part(self, number: int) -> Path:
        return self._beside / f"part-{number:06}"


@contextmanager
def row_file(place: Path) -> Iterator[RowFile]:
    """Open a file for rows; unless `keep` is called, nothing of it stays.

    Args:
        place: Where it goes; its suffix is one of `SUFFIXES`.

    Raises:
        InputError: another suffix, or the place cannot be written to.
    """
    if place.suffix not in SUFFIXES:
        raise InputError(
            f"rows cannot be written to {place.name!r}, wanted a name in {' or '.join(SUFFIXES)}"
        )
    with _written(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}-"))
    try:
        yield RowFile(place, beside)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def _written(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise InputError(
            f"{place} cannot be written ({why}). Name another place, or free this one."
        ) from error

"""Which ids came before, and on which line: exact, over any number of blocks.

A table of marks by hash says which ids may have come before; those alone are looked up among all
that came. Ids are kept, so memory grows by some 40 bytes a row.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

_FEW, _MARKS = 1 << 16, 1 << 27
"""Marks to begin with, and as soon as an eighth of those could be taken. Zeroing the pages of the many costs
more than all else that is done for a small table."""


class Repeats:
    """Ids of one column that came so far."""

    def __init__(self) -> None:
        """Begin with none."""
        self._marks = np.zeros(_FEW, dtype=np.bool_)
        self._rows = 0
        self._blocks: list[pl.DataFrame] = []

    def first_lines(self, ids: pl.Series, lines: NDArray[np.int64]) -> NDArray[np.int64]:
        """Take in a block and tell for each id the line that had it first; 0 where none did.

        Args:
            ids: Ids in file order; null counts for nothing.
            lines: Line of each, rising from block to block.
        """
        block = pl.DataFrame({"id": ids, "line": lines})
        self._rows += len(ids)
        if self._rows > _FEW // 8 and len(self._marks) == _FEW:
            self._marks = np.zeros(_MARKS, dtype=np.bool_)
            for before in self._blocks:
                self._marks[self._places(before["id"])] = True
        self._blocks.append(block)
        places = self._places(ids)
        maybe = pl.Series(self._marks[places]) | ids.is_duplicated()
        self._marks[places] = True
        doubtful = ids.filter(maybe & ids.is_not_null()).unique()
        if not len(doubtful):
            return np.zeros(len(ids), dtype=np.int64)
        every = pl.concat(self._blocks).lazy().filter(pl.col("id").is_in(doubtful.implode()))
        first = every.group_by("id").agg(pl.col("line").min().alias("first"))
        found = block.lazy().join(first, on="id", how="left", maintain_order="left").collect()
        told = pl.when(pl.col("first") < pl.col("line")).then(pl.col("first")).otherwise(0)
        return found.select(told.cast(pl.Int64)).to_series().to_numpy()

    def _places(self, ids: pl.Series) -> NDArray[np.uint64]:
        return (ids.hash() % len(self._marks)).to_numpy()

"""Which ids came before, and on which line: exact, over any number of blocks.

A table of marks by hash says which ids may have come before; those alone are looked up among all
that came. Ids are kept, so memory grows by some 40 bytes a row.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

_MARKS = 1 << 27
"""Memory that nothing was written to takes no room."""


class Seen:
    """Ids of one column that came so far."""

    def __init__(self) -> None:
        """Begin with none."""
        self._marks = np.zeros(_MARKS, dtype=np.bool_)
        self._blocks: list[pl.DataFrame] = []

    def first_lines(self, ids: pl.Series, lines: NDArray[np.int64]) -> NDArray[np.int64]:
        """Take in a block and tell for each id the line that had it first; 0 where none did.

        Args:
            ids: Ids in file order; null counts for nothing.
            lines: Line of each, rising from block to block.
        """
        block = pl.DataFrame({"id": ids, "line": lines})
        self._blocks.append(block)
        places = (ids.hash() % _MARKS).to_numpy()
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

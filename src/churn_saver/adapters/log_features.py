"""What a log knows of each row, as columns of float32: numbers as they are, words as 0 and 1 or as codes.

Columns grow part by part, and what the parts are makes no difference: only at the end is it known
whether a column is one of numbers. Knows nothing of files or of what a column means.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.data.meaning.cells import read_number
from churn_saver.evidence.logged import Matrix

MOST_INDICATORS = 12
"""Distinct words up to which each has a column of its own; more become codes in one column."""


class FeatureColumn:
    """One column of what was known, on its way to numbers."""

    def __init__(self, name: str) -> None:
        """Begin without a row."""
        self.name = name
        self._parts: list[pl.Series] = []
        """Float32 where all cells of the part are numbers, else words."""

    def add(self, cells: pl.Series) -> None:
        """Take further rows: words, or numbers; null where missing."""
        if not cells.dtype.is_numeric():
            values, bad = read_number(cells)
            cells = cells if bad.any() else values
        is_number = cells.dtype.is_numeric()
        self._parts.append(cells.cast(pl.Float32, wrap_numerical=True) if is_number else cells)

    def columns(self) -> list[tuple[str, NDArray[np.float32]]]:
        """Give name and values of each column that it becomes, NaN where missing."""
        if all(part.dtype.is_numeric() for part in self._parts):
            return [(self.name, _as_floats(pl.concat(self._parts)))]
        words = pl.concat([_as_words(part) for part in self._parts])
        counts = words.drop_nulls().value_counts(sort=True)
        # Equally frequent words in their own order, so that the same file gives the same codes.
        counts = counts.sort(["count", words.name], descending=[True, False])
        distinct = counts[words.name].to_list()
        if len(distinct) > MOST_INDICATORS:
            codes = words.replace_strict(distinct, range(len(distinct)), return_dtype=pl.Float32)
            return [(self.name, _as_floats(codes))]
        return [
            (f"{self.name}={word}", _as_floats((words == word).cast(pl.Float32))) for word in sorted(distinct)
        ]


def matrix_of(columns: Sequence[FeatureColumn], rows: int) -> tuple[Matrix, tuple[str, ...]]:
    """Put the columns side by side, and name them. Shapes: → (rows, d)."""
    every = [one for column in columns for one in column.columns()]
    matrix = np.empty((rows, len(every)), dtype=np.float32)
    for place, (_, values) in enumerate(every):
        matrix[:, place] = values
    return matrix, tuple(name for name, _ in every)


def _as_floats(values: pl.Series) -> NDArray[np.float32]:
    return values.fill_null(float("nan")).to_numpy().astype(np.float32, copy=False)


def _as_words(part: pl.Series) -> pl.Series:
    """Write numbers in one way, wherever in the file they stood."""
    numbers = part if part.dtype.is_numeric() else part.cast(pl.Float64, strict=False).cast(pl.Float32)
    written = numbers.cast(pl.String)
    return written if part.dtype.is_numeric() else written.fill_null(part)

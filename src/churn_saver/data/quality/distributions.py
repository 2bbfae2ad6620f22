"""What is worth drawing of a data set: a few columns, counted so that a picture can be made of them.

Picks the columns that tell the two labels apart best, by information value, which is the PSI
between the rows of one label and those of the other. Draws nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.data.quality.drift import moved
from churn_saver.data.quality.profile import ColumnProfile, Profile, binned, rounded

BINS = 24
MOST = 3
"""Columns of numbers, and columns of words, that are picked."""
_TAIL = 0.99
"""Share of the rows that a picture must show in full; the last bin holds what lies beyond."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the rows."""

    name: str
    rows: int
    median: float
    counts: tuple[int, ...]
    """By bin."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """A column of numbers in bins of equal width, equal in the logarithm for lengths."""

    column: str
    edges: tuple[float, ...]
    """One more than bins. The bins at the ends also hold what lies beyond them."""
    groups: tuple[Group, ...]
    logarithmic: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A column of words, the most frequent first."""

    column: str
    words: tuple[tuple[str, int, int | None], ...]
    """(word, rows, ones among them); ones are None without a label."""


def distributions(frame: pl.DataFrame, known: Profile, label: str | None) -> tuple[Histogram | Words, ...]:
    """Pick and count columns of a table.

    Args:
        frame: All rows together.
        known: Its profile.
        label: Column of 0 and 1 whose two groups are compared; None: there is none.
    """
    columns = [
        column for column in known.columns if column.name != label and column.kind in ("number", "words")
    ]
    useful = [column for column in columns if (column.distinct or 0) > 1 and column.filled]
    ones: dict[str, tuple[int, ...]] = {}
    if label is not None:
        marked = frame.filter(pl.col(label).cast(pl.Int8) == 1)
        found = {column.name: binned(marked[column.name], column) for column in useful}
        ones = {name: counts for name, (counts, _) in found.items()}
        worth = {column.name: _information(column, *found[column.name]) for column in useful}
        useful.sort(key=lambda column: (-worth[column.name], column.name))
    numbers = [column.name for column in useful if column.kind == "number"][:MOST]
    words = [column for column in useful if column.kind == "words" and column.words][:MOST]
    return (
        *(_histogram(frame, name, label) for name in numbers),
        *(_words(column, ones.get(column.name)) for column in words),
    )


def text_lengths(frame: pl.DataFrame, texts: Sequence[str]) -> Histogram | None:
    """Count the lengths of some columns of text in common bins; None without a text."""
    lengths = {name: frame[name].str.len_chars().drop_nulls().to_numpy() for name in texts}
    there = {name: values.astype(np.float64) for name, values in lengths.items() if len(values)}
    largest = max((float(values.max()) for values in there.values()), default=0.0)
    if largest < 1:
        return None
    edges = np.unique(np.geomspace(1, largest + 1, BINS + 1).round())
    groups = tuple(_group(name, values, edges) for name, values in there.items())
    return Histogram("length in characters", tuple(edges.tolist()), groups, logarithmic=True)


def length_differences(frame: pl.DataFrame, better: str, worse: str) -> Histogram | None:
    """Count by how many characters the better text is the longer one; None without a pair."""
    lengths = [pl.col(name).str.len_chars().cast(pl.Int64) for name in (better, worse)]
    values = frame.select(lengths[0] - lengths[1]).to_series().drop_nulls().to_numpy().astype(np.float64)
    if len(values) == 0:
        return None
    reach = max(float(np.quantile(np.abs(values), _TAIL)), 1.0)
    step = float(np.ceil(2 * reach / (BINS - 1)))
    edges = (np.arange(BINS + 1) - BINS / 2) * step
    group = _group("all pairs", values, edges)
    return Histogram(f"{better} minus {worse}, characters", tuple(edges.tolist()), (group,), False)


def _information(column: ColumnProfile, ones: Sequence[int], missing: int) -> float:
    """Compare the ones with all other rows, in the column's own bins."""
    others = [n - k for n, k in zip((*column.counts, column.missing), (*ones, missing), strict=True)]
    if not sum(others) or not sum(ones) + missing:
        return 0.0
    return moved(others, (*ones, missing)).psi


def _histogram(frame: pl.DataFrame, name: str, label: str | None) -> Histogram:
    finite = frame.filter(pl.col(name).cast(pl.Float64).is_finite())
    values = finite[name].cast(pl.Float64).to_numpy()
    edges = _edges(values)
    groups = [("all rows", values)]
    if label is not None:
        marks = finite[label].cast(pl.Float64).fill_null(np.nan).to_numpy()
        groups = [(f"{label}: {word}", values[marks == mark]) for word, mark in (("yes", 1), ("no", 0))]
    counted = tuple(_group(group, found, edges) for group, found in groups if len(found))
    return Histogram(name, tuple(edges.tolist()), counted, logarithmic=False)


def _edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give bins of equal width; whole numbers get whole widths, and stand in the middle of a bin of 1."""
    low, high = float(values.min()), float(values.max())
    usual = float(np.quantile(values, _TAIL))
    if high - usual > (usual - low) / 4 and usual > low:
        high = usual
    if (values == np.floor(values)).all():
        step = float(np.ceil((high - low + 1) / BINS))
        edges: NDArray[np.float64] = low - 0.5 + step * np.arange(np.ceil((high - low + 1) / step) + 1)
        return edges
    return np.linspace(low, high, BINS + 1)


def _group(name: str, values: NDArray[np.float64], edges: NDArray[np.floating]) -> Group:
    bins = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    counts = np.bincount(bins, minlength=len(edges) - 1)
    return Group(name, len(values), rounded(float(np.median(values))), tuple(counts.tolist()))


def _words(column: ColumnProfile, ones: Sequence[int] | None) -> Words:
    names = (*column.words, "others")
    marks: Sequence[int | None] = [None] * len(names) if ones is None else ones
    counted = zip(names, column.counts, marks, strict=True)
    return Words(column.name, tuple((word, n, found) for word, n, found in counted if n))

"""Have two samples come from one law: Kolmogorov-Smirnov, chi-square.

Samples and counts in, figures out. A missing value is a value: a bin of its own among counts, and
below every number for Kolmogorov-Smirnov, so that a column that falls silent moves too. The tests
take rows as independent: hand in one row a customer.

Source: the Kolmogorov law with Stephens' correction, "EDF statistics for goodness of fit", JASA 69
(1974); Cramér's V, "Mathematical methods of statistics" (1946), chapter 21.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, kolmogorov

from churn_saver.domain.stability_index import stacked_counts
from churn_saver.errors import InputError

Floats: TypeAlias = NDArray[np.float64]

LEAST_EXPECTED = 5
"""Chi-square: cells of smaller expectation are pooled (Cochran's rule)."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One test of two samples having one law."""

    statistic: float
    effect: float
    """In [0, 1]: the largest distance of the two distribution functions, or Cramér's V."""
    p: float
    """Chance of at least this statistic when both samples have one law."""


def kolmogorov_smirnov(reference: Floats, current: Floats) -> Compared:
    """Compare two samples of numbers; NaN is missing and counts as a value below all others.

    The p-value is the asymptotic one with Stephens' correction; with ties, and so with missing
    values, it is too large rather than too small.

    Shapes: (n,), (m,).

    Raises:
        InputError: a sample without rows, or an infinite value.
    """
    sides = []
    for name, sample in (("reference", reference), ("current", current)):
        if len(sample) == 0 or np.isinf(sample).any():
            raise InputError(
                f"{name} has {len(sample)} rows, {int(np.isinf(sample).sum())} of them infinite: wanted "
                f"rows, all finite or missing"
            )
        sides.append(np.sort(np.where(np.isnan(sample), -np.inf, sample)))
    old, new = sides
    steps = np.concatenate(sides)
    below_old = np.searchsorted(old, steps, side="right") / len(old)
    below_new = np.searchsorted(new, steps, side="right") / len(new)
    distance = float(np.abs(below_old - below_new).max())
    root = float(np.sqrt(len(old) * len(new) / (len(old) + len(new))))
    return Compared(distance, distance, float(kolmogorov((root + 0.12 + 0.11 / root) * distance)))


def chi_square(reference: Floats, current: Floats) -> Compared:
    """Compare two counts over the same categories, after Pearson.

    Categories that expect fewer than `LEAST_EXPECTED` rows on either side are pooled, the rarest of
    both sides together first, until none does; one category left shows no difference, p = 1.

    Shapes: counts, both (k,), k ≥ 1.

    Raises:
        InputError: not the same categories, a negative count, or a side without rows.
    """
    counts = _pooled(stacked_counts(reference, current))
    total = counts.sum()
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / total
    statistic = float(((counts - expected) ** 2 / expected).sum())
    freedom = counts.shape[1] - 1
    if freedom == 0:
        return Compared(0.0, 0.0, 1.0)
    return Compared(statistic, float(np.sqrt(statistic / total)), float(chdtrc(freedom, statistic)))


def _pooled(counts: Floats) -> Floats:
    """Add up the rarest categories until the pool, and every other one, expects enough rows."""
    order = np.argsort(counts.sum(axis=0), kind="stable")
    counts = counts[:, order]
    rows = counts.sum(axis=0)
    least = LEAST_EXPECTED * counts.sum() / counts.sum(axis=1).min()
    first = int(np.searchsorted(rows, least, side="left"))
    if first == 0:
        return counts
    # The pool takes the next category as long as it is too small itself.
    enough = int(np.searchsorted(np.cumsum(rows), least, side="left")) + 1
    cut = min(max(first, enough), counts.shape[1])
    return np.column_stack([counts[:, :cut].sum(axis=1), counts[:, cut:]])

"""Have two samples come from one law: population stability index, Kolmogorov-Smirnov, chi-square.

Samples and counts in, figures out. A missing value is a value: a bin of its own among counts, and
below every number for Kolmogorov-Smirnov, so that a column that falls silent moves too. The tests
take rows as independent: hand in one row a customer.

Source: PSI and its χ² law from Yurdakul, "Statistical properties of population stability index"
(2018), as in https://rdrr.io/cran/PDtoolkit/man/psi.html; the Kolmogorov law with Stephens'
correction, "EDF statistics for goodness of fit", JASA 69 (1974); Cramér's V, "Mathematical methods
of statistics" (1946), chapter 21.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, chdtri, kolmogorov

from churn_saver.errors import InputError

Floats: TypeAlias = NDArray[np.float64]

LEAST_EXPECTED = 5
"""Chi-square: cells of smaller expectation are pooled (Cochran's rule)."""
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Compared:
    """One test of two samples having one law."""

    statistic: float
    effect: float
    """In [0, 1]: the largest distance of the two distribution functions, or Cramér's V."""
    p: float
    """Chance of at least this statistic when both samples have one law."""


def psi(reference: Floats, current: Floats) -> float:
    """Give Σ (a − e)·ln(a / e) over bins, e and a the shares of reference and current.

    Half a row is added to each bin of either side, (n_i + ½) / (n + k/2), so that a bin that is
    empty on one side stays finite; bins empty on both are left out. With the same bins it is
    symmetric: swapping the samples changes nothing.

    Shapes: counts, both (k,), k ≥ 1.

    Raises:
        InputError: not the same bins, a negative count, or a side without rows.
    """
    counts = _both(reference, current)
    shares = counts + _HALF
    expected, actual = shares / shares.sum(axis=1, keepdims=True)
    return float(((actual - expected) * np.log(actual / expected)).sum())


def psi_by_chance(bins: int, reference_rows: int, current_rows: int, chance: float) -> float:
    """Give the PSI that two samples of one law pass with this chance: χ²(bins − 1)·(1/n + 1/m)."""
    if bins <= 1:
        return 0.0
    return float(chdtri(bins - 1, chance)) * (1 / reference_rows + 1 / current_rows)


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
    counts = _pooled(_both(reference, current))
    total = counts.sum()
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / total
    statistic = float(((counts - expected) ** 2 / expected).sum())
    freedom = counts.shape[1] - 1
    if freedom == 0:
        return Compared(0.0, 0.0, 1.0)
    return Compared(statistic, float(np.sqrt(statistic / total)), float(chdtrc(freedom, statistic)))


def _both(reference: Floats, current: Floats) -> Floats:
    """Stack counts that can be compared, without the bins that are empty on both sides."""
    fine = reference.ndim == 1 and reference.shape == current.shape
    if not fine or not (reference.sum() > 0 and current.sum() > 0) or min(reference.min(), current.min()) < 0:
        raise InputError(
            f"counts of {reference.shape} and {current.shape} bins with {reference.sum():g} and "
            f"{current.sum():g} rows: wanted the same bins, no count below 0, and rows on both sides"
        )
    counts = np.array([reference, current], dtype=np.float64)
    return counts[:, counts.sum(axis=0) > 0]


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

"""Population stability index: how far two counts over the same bins lie apart, and how far by chance.

The one definition of `data` and of `evidence`; which bins, and what is called a move, is theirs.

Source: formula and customary limits of 0.1 and 0.25 in https://arxiv.org/abs/2303.01227; the χ² law from
Yurdakul, "Statistical properties of population stability index" (2018), as in
https://rdrr.io/cran/PDtoolkit/man/psi.html.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from churn_saver.errors import InputError

Floats: TypeAlias = NDArray[np.float64]

_HALF = 0.5


def psi(reference: Floats, current: Floats) -> float:
    """Give Σ (a − e)·ln(a / e) over bins, e and a the shares of reference and current.

    Half a row is added to each bin of either side, (n_i + ½) / (n + k/2), so that a bin that is
    empty on one side stays finite; bins empty on both are left out. With the same bins it is
    symmetric: swapping the samples changes nothing.

    Shapes: counts, both (k,), k ≥ 1.

    Raises:
        InputError: not the same bins, a negative count, or a side without rows.
    """
    shares = stacked_counts(reference, current) + _HALF
    expected, actual = shares / shares.sum(axis=1, keepdims=True)
    return float(((actual - expected) * np.log(actual / expected)).sum())


def psi_by_chance(reference: Floats, current: Floats, chance: float) -> float:
    """Give the PSI that two samples of one law pass with this chance: χ²(k − 1)·(1/n + 1/m).

    Shapes: as `psi`; k counts the bins that are empty on one side at most.

    Raises:
        InputError: as `psi`.
    """
    counts = stacked_counts(reference, current)
    bins = counts.shape[1]
    return 0.0 if bins == 1 else float(chdtri(bins - 1, chance) * (1 / counts.sum(axis=1)).sum())


def stacked_counts(reference: Floats, current: Floats) -> Floats:
    """Stack counts that can be compared, without the bins that are empty on both sides, (2, k).

    Raises:
        InputError: as `psi`.
    """
    fine = reference.ndim == 1 and reference.shape == current.shape
    if not fine or not (reference.sum() > 0 and current.sum() > 0) or min(reference.min(), current.min()) < 0:
        raise InputError(
            f"counts of {reference.shape} and {current.shape} bins with {reference.sum():g} and "
            f"{current.sum():g} rows: wanted the same bins, no count below 0, and rows on both sides"
        )
    counts = np.array([reference, current], dtype=np.float64)
    return counts[:, counts.sum(axis=0) > 0]

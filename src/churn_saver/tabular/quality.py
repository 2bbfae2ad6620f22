"""How good probabilities are: ranking, calibration, sharpness, and whether a ladder of offers holds.

Labels are 0 or 1, probabilities in [0, 1], both (n,). Every figure is defined in docs/metrics.md.
Knows nothing of models.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import InputError

Floats = NDArray[np.float64]

BINS = 15
"""Bins of every calibration error."""
_LEAST = 1e-15
"""Probabilities are kept this far from 0 and 1 inside a logarithm."""


@dataclass(frozen=True, slots=True)
class LadderFaults:
    """Customers whose offers do not rise in probability along the ladder."""

    ties: int
    """Customers with two neighbouring offers of equal probability."""
    violations: int
    """Customers with a larger offer of smaller probability."""
    customers: int


def auc(label: Floats, p: Floats) -> float:
    """Chance that a 1 scores above a 0, ties counting half.

    Raises:
        InputError: only one label.
    """
    ones = float(label.sum())
    zeros = len(label) - ones
    if ones == 0 or zeros == 0:
        raise InputError(f"AUC of {int(ones)} ones and {int(zeros)} zeros, wanted both labels")
    order = np.argsort(p, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(p[order]) != 0))
    ones_at = np.add.reduceat(label[order], starts)
    zeros_at = np.diff(np.append(starts, len(p))) - ones_at
    zeros_below = np.cumsum(zeros_at) - zeros_at
    return float(np.sum(ones_at * (zeros_below + zeros_at / 2)) / (ones * zeros))


def brier(label: Floats, p: Floats) -> float:
    """Mean squared distance of probability and label."""
    return float(np.mean((p - label) ** 2))


def log_loss(label: Floats, p: Floats) -> float:
    """Mean of −ln of the probability given to what happened, natural logarithm."""
    kept = np.clip(p, _LEAST, 1 - _LEAST)
    return float(-np.mean(label * np.log(kept) + (1 - label) * np.log1p(-kept)))


def ece(label: Floats, p: Floats, bins: int = BINS, equal_mass: bool = False) -> float:
    """Expected calibration error: |mean probability − share of ones| of each bin, by its rows.

    Args:
        label: 0 or 1, (n,).
        p: Probabilities, (n,).
        bins: How many.
        equal_mass: Bins of equal row count, ties in row order; else of equal width.
    """
    place = _equal_mass(p, bins) if equal_mass else _equal_width(p, bins)
    gaps = np.bincount(place, p - label, minlength=bins)
    return float(np.abs(gaps).sum() / len(p))


def ece_floor(p: Floats, rng: np.random.Generator, draws: int, equal_mass: bool = False) -> float:
    """Calibration error that chance alone gives: the mean when the probabilities are exactly true."""
    labels = rng.random((draws, len(p))) < p
    return float(np.mean([ece(label.astype(np.float64), p, equal_mass=equal_mass) for label in labels]))


def roc_points(label: Floats, p: Floats, most: int = 200) -> Floats:
    """Give the ROC curve as (false positive share, true positive share), (k, 2), k ≤ most + 2."""
    order = np.argsort(-p, kind="stable")
    last_of_tie = np.flatnonzero(np.append(np.diff(p[order]) != 0, True))
    hits = np.cumsum(label[order])[last_of_tie]
    misses = last_of_tie + 1 - hits
    curve = np.column_stack([misses / max(misses[-1], 1), hits / max(hits[-1], 1)])
    kept = np.unique(np.linspace(0, len(curve) - 1, min(most, len(curve))).astype(np.int64))
    return np.vstack([[0.0, 0.0], curve[kept]])


def reliability_points(label: Floats, p: Floats, bins: int = BINS) -> Floats:
    """Give (mean probability, share of ones, rows) of each equal-mass bin that has rows, (k, 3)."""
    place = _equal_mass(p, bins)
    rows = np.bincount(place, minlength=bins)
    has = rows > 0
    mean = np.bincount(place, p, minlength=bins)[has] / rows[has]
    share = np.bincount(place, label, minlength=bins)[has] / rows[has]
    return np.column_stack([mean, share, rows[has]])


def ladder_faults(ladder: Floats) -> LadderFaults:
    """Count customers whose offers tie or fall. Shapes: (n, 4)."""
    steps = np.diff(ladder, axis=1)
    return LadderFaults(int((steps == 0).any(axis=1).sum()), int((steps < 0).any(axis=1).sum()), len(ladder))


def _equal_width(p: Floats, bins: int) -> NDArray[np.int64]:
    return np.minimum((p * bins).astype(np.int64), bins - 1)


def _equal_mass(p: Floats, bins: int) -> NDArray[np.int64]:
    place = np.empty(len(p), dtype=np.int64)
    place[np.argsort(p, kind="stable")] = np.arange(len(p)) * bins // max(len(p), 1)
    return place

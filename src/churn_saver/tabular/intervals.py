"""Every figure with its 95 % bootstrap interval, and the difference of two models on the same rows.

Rows are resampled with replacement by the generator handed in; intervals are percentiles of the
resampled figures. The calibration error is never below 0, so its interval leans upwards: read it
beside the floor.

Source: percentile bootstrap, Efron and Tibshirani, "An introduction to the bootstrap", chapter 13.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.tabular.quality import auc, brier, ece, ece_floor, log_loss

Floats = NDArray[np.float64]
Statistic = Callable[[Floats, Floats], float]

COVERED = 0.95
"""Share of resamples inside an interval."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and where it would fall on other rows of the same kind."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scores:
    """What is reported of one set of probabilities."""

    rows: int
    auc: Interval
    ece: Interval
    """Equal-width bins."""
    ece_equal_mass: Interval
    brier: Interval
    log_loss: Interval
    ece_floor: float
    """Equal-width calibration error of a perfect model of this size."""


def scores(label: Floats, p: Floats, rng: np.random.Generator, draws: int) -> Scores:
    """Score probabilities with intervals. Shapes: (n,), (n,).

    Raises:
        InputError: only one label.
    """
    statistics: Sequence[Statistic] = (auc, ece, _ece_equal_mass, brier, log_loss)
    found = intervals(statistics, label, p, rng, draws)
    return Scores(len(label), found[0], found[1], found[2], found[3], found[4], ece_floor(p, rng, draws))


def intervals(
    statistics: Sequence[Statistic], label: Floats, p: Floats, rng: np.random.Generator, draws: int
) -> tuple[Interval, ...]:
    """Give each statistic of (label, p) with its interval, all on the same resamples."""
    order = np.argsort(p, kind="stable")
    # Sorted once, so that every resample comes out sorted: sorting is most of the work.
    label, p = label[order], p[order]
    return bootstrap(
        lambda rows: [one(label[rows], p[rows]) for one in statistics], len(label), rng, draws, label
    )


def difference(
    statistic: Statistic, label: Floats, p: Floats, other: Floats, rng: np.random.Generator, draws: int
) -> Interval:
    """Give statistic(p) − statistic(other), both on the same resampled rows."""
    return bootstrap(
        lambda rows: [statistic(label[rows], p[rows]) - statistic(label[rows], other[rows])],
        len(label), rng, draws, label,
    )[0]  # fmt: skip


def bootstrap(
    figures: Callable[[NDArray[np.int64]], Sequence[float]],
    n: int,
    rng: np.random.Generator,
    draws: int,
    label: Floats | None = None,
) -> tuple[Interval, ...]:
    """Give figures with their intervals.

    Args:
        figures: Works them out from row numbers, in rising order and with repeats.
        n: Rows to draw from, and to draw.
        rng: Draws them.
        draws: Resamples.
        label: 0 or 1, (n,); a resample without both labels is drawn again. None: any will do.
    """
    values = figures(np.arange(n))
    drawn: list[Sequence[float]] = []
    while len(drawn) < draws:
        rows = np.repeat(np.arange(n), np.bincount(rng.integers(0, n, n), minlength=n))
        if label is None or 0 < label[rows].sum() < n:
            drawn.append(figures(rows))
    tail = 100 * (1 - COVERED) / 2
    low, high = np.percentile(np.array(drawn), [tail, 100 - tail], axis=0)
    return tuple(Interval(float(v), float(a), float(b)) for v, a, b in zip(values, low, high, strict=True))


def _ece_equal_mass(label: Floats, p: Floats) -> float:
    return ece(label, p, equal_mass=True)

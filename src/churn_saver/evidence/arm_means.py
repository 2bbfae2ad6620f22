"""The mean of an arm, as it stands for the treated customers, and how it varies.

Strata are weighted by their treated customers, and inside a stratum a holdout customer counts by the
odds of having been treated: both arms then speak of the customers who were treated, and the treated
arm's own figures are what was seen. Where all were drawn with one probability, every weight is 1.

Source: Imbens and Rubin (2015), chapters 9 and 12; the effective size of a share from its variance,
Korn and Graubard, "Confidence intervals for proportions with small expected number of positive
counts", Survey Methodology 24 (1998); for a Kaplan-Meier share Rothman, "Estimation of confidence
limits for the cumulative probability of survival in life table analysis", J. Chronic Diseases 31 (1978).
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import InputError
from churn_saver.evidence.censoring import Following, following, pseudo_values
from churn_saver.evidence.followed import Followed
from churn_saver.evidence.shares import Interval, wilson
from churn_saver.evidence.strata import strata

Floats: TypeAlias = NDArray[np.float64]
Spread: TypeAlias = tuple[Floats, ...]
"""Pseudo-values (`evidence/censoring`) of the customers of each cell."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean and the first moments of its error."""

    value: float
    variance: float
    """Of the mean, from the spread with n − 1."""
    third: float
    """Third central moment of the mean, unbiased; 0 with fewer than three customers."""
    freedom: float
    """Degrees of freedom of the variance, after Welch and Satterthwaite."""
    plain_variance: float
    """Of the mean, from the spread with n."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One arm in one stratum."""

    rows: NDArray[np.bool_]
    """Its customers, (n,)."""
    among: Following
    """What each of them stands for."""
    share: float
    """Of the treated customers, those in this stratum."""


def cells(followed: Followed, treated: bool) -> tuple[Cell, ...]:
    """Cut an arm into strata.

    Raises:
        InputError: fewer than two customers of the arm somewhere, or nobody followed to the end.
    """
    drawn = followed.treated_probability
    number = strata(drawn, followed.treated.astype(np.float64))
    odds = np.ones(len(followed)) if treated else drawn / (1.0 - drawn)
    name = "treated arm" if treated else "holdout"
    found = []
    for stratum in range(int(number.max()) + 1):
        inside = number == stratum
        rows = inside & (followed.treated == treated)
        if rows.sum() < 2:
            raise InputError(
                f"the {name} has {int(rows.sum())} customer, wanted two or more: one cannot show how "
                f"customers vary. Hold more customers out"
            )
        weight = odds[rows] / odds[rows].max()
        among = following(followed.time[rows], followed.known[rows], weight, name)
        share = float((inside & followed.treated).sum() / followed.treated.sum())
        found.append(Cell(rows, among, share))
    return tuple(found)


def spread(value: Floats, arm: tuple[Cell, ...]) -> Spread:
    """Give the pseudo-values of each cell of an arm; those of a sum are the sums of theirs.

    Args:
        value: Of all customers, (n,).
        arm: Its cells.
    """
    return tuple(pseudo_values(value[cell.rows], cell.among) for cell in arm)


def mean_of(spread: Spread, arm: tuple[Cell, ...]) -> Mean:
    """Estimate the mean of an arm.

    Args:
        spread: Pseudo-values, by cell.
        arm: Its cells.
    """
    parts = np.array([(cell.share, *_moments(one)) for cell, one in zip(arm, spread, strict=True)])
    share, size, mean, square, cube = parts.T
    variances = share**2 * square / size
    total = float(variances.sum())
    freedom = float(size.sum()) - len(arm)
    if total > 0:
        freedom = total**2 / float((variances**2 / (size - 1)).sum())
    return Mean(
        float(share @ mean), total, float(share**3 @ (cube / size**2)), freedom,
        float((variances * (size - 1) / size).sum()),
    )  # fmt: skip


def share_of(spread: Spread, arm: tuple[Cell, ...]) -> tuple[float, float]:
    """Estimate a share of an arm, and the number of customers that would show it as surely.

    The number is share·(1 − share) / variance, which is n where n customers are all known. A share of
    0 or 1 shows no variance: there it is (Σw)² / Σw² of what the known customers stand for.

    Args:
        spread: Pseudo-values of a 0 or 1, by cell.
        arm: Its cells.
    """
    mean = mean_of(spread, arm)
    share = min(max(mean.value, 0.0), 1.0)
    if mean.plain_variance > 0 and 0 < share < 1:
        return share, max(share * (1 - share) / mean.plain_variance, 1.0)
    parts = [cell.share * cell.among.standing_for / cell.among.standing_for.sum() for cell in arm]
    return float(round(share)), 1.0 / float(sum((part**2).sum() for part in parts))


def wilson_of(share: float, size: float, level: float) -> Interval:
    """Give a share its score interval, for any effective size above 0."""
    low, high = wilson(np.array([min(share * size, size)]), np.array([size]), level)
    return Interval(share, float(low[0]), float(high[0]))


def _moments(value: Floats) -> tuple[float, float, float, float]:
    """Give size, mean, variance and third central moment, the last two unbiased."""
    n, mean = len(value), float(value.mean())
    apart = value - mean
    square = apart * apart
    cube = float(square @ apart) * n / ((n - 1) * (n - 2)) if n > 2 else 0.0
    return float(n), mean, float(square.sum()) / (n - 1), cube

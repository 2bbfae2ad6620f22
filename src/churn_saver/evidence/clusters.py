"""Rows that belong to one unit: dealt to folds together, summed together, one draw together.

Knows nothing of what is estimated: it takes values and their influence functions.

Source: the influence function of an average, summed by cluster, as in Liang and Zeger,
"Longitudinal data analysis using generalized linear models", 1986, with the factor G/(G − 1);
degrees of freedom from Satterthwaite, "An approximate distribution of estimates of variance
components", 1946, with the kurtosis of the cluster sums; uneven ends from Hall, "On the removal of
skewness by transformation", 1992, the cubic g₁.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from churn_saver.errors import InputError
from churn_saver.evidence.skewness import reaches

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

COVERED = 0.95
"""What an interval is meant to cover."""
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Units:
    """The units of a log, as dense codes."""

    code: Whole
    """0..count − 1, (n,)."""
    count: int

    def sums(self, values: Floats) -> Floats:
        """Sum the rows of each unit. Shapes: (n,) → (count,)."""
        return np.bincount(self.code, values, minlength=self.count).astype(np.float64, copy=False)

    def folds(self, count: int, seed: int) -> Whole:
        """Deal units to folds of equally many, shuffled; a unit's rows stay together.

        Shapes: → (n,), values 0..count − 1.

        Raises:
            InputError: fewer units than folds.
        """
        if self.count < count:
            raise InputError(
                f"the log has {self.count} units, wanted at least {count}, one for each fold: take fewer "
                f"folds, or a longer log"
            )
        dealt = np.empty(self.count, dtype=np.int64)
        dealt[np.random.default_rng(seed).permutation(self.count)] = np.arange(self.count) % count
        return dealt[self.code]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, what sampling does to it, and what no sample shows."""

    value: float
    standard_error: float
    """Clustered by unit."""
    low: float
    high: float
    """Ends of the interval, 95 % unless told: t quantiles on the standard error, uneven where the rows are,
    then moved out by the doubts below."""
    freedom: float
    """Degrees of freedom of the t quantile."""
    doubt_low: float = 0.0
    doubt_high: float = 0.0
    """How far below, and above, the truth may lie for reasons other than sampling: weights that were cut,
    propensities that were estimated."""


def units_of(unit: Whole) -> Units:
    """Code units densely. Shapes: (n,)."""
    distinct, code = np.unique(unit, return_inverse=True)
    return Units(code, len(distinct))


def estimate(
    value: float,
    influence: Floats,
    units: Units,
    doubt: tuple[float, float] = (0.0, 0.0),
    level: float = COVERED,
) -> Estimate:
    """Give a value its standard error and its interval, 95 % unless told.

    SE² = G/(G − 1) · Σ_g T_g² / n², T_g the sum of the influence over unit g. The t quantile has
    min(G − 1, 2G/(κ − 1)) degrees of freedom, κ = G·ΣT⁴/(ΣT²)²: few units, or few that carry the variance,
    widen the interval; with many it is the normal one. Where few units carry much of one sign, as rare arms
    do, an even interval misses on one side: each end is the farther of the even one and Hall's, with G − 1
    degrees of freedom and skewness ΣT³/(ΣT²)^1.5.

    Args:
        value: The estimate.
        influence: Its influence function at each row, of mean 0, (n,).
        units: Of the same rows.
        doubt: How much lower, and higher, the truth may be for reasons other than sampling; not negative.
        level: Coverage of the interval, inside (0, 1).

    Raises:
        InputError: only one unit, or a level outside (0, 1).
    """
    if not 0 < level < 1:
        raise InputError(f"level is {level}, wanted a share inside (0, 1), such as {COVERED}")
    if units.count < 2:
        raise InputError(
            f"the log has {units.count} unit, wanted at least two: one customer cannot show how customers "
            f"vary, add others"
        )
    sums = units.sums(influence)
    total = float(np.sum(sums**2))
    error = float(np.sqrt(units.count / (units.count - 1) * total)) / len(influence)
    freedom, skew = units.count - 1.0, 0.0
    if total > 0:
        parts = sums / np.sqrt(total)
        freedom = min(freedom, 2 * units.count / max(units.count * float(np.sum(parts**4)) - 1, _LEAST))
        skew = float(np.sum(parts**3))
    even, plain = student.ppf((1 + level) / 2, [freedom, units.count - 1.0]).tolist()
    down, up = (max(even, end) * error for end in reaches(plain, skew))
    low, high = doubt
    return Estimate(value, error, value - down - low, value + up + high, freedom, low, high)

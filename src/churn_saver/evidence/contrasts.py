"""How sure the difference and the ratio of two arms are, where arms are unequal and money is skewed.

A share has Wilson's interval at its effective size, a difference of shares Newcombe's, a ratio of two
positive figures the one that follows from the interval of each. A difference of money has Welch's
interval, its ends moved outwards where the skewness says so, never inwards: with a holdout of one in
twenty and money whose few large amounts make the mean, Welch's misses on one side too often, and a
third moment of few customers is not sure enough to narrow anything.

Source: Newcombe, Statistics in Medicine 17 (1998), method 10 (`evidence/shares`); Donner and Zou,
"Closed-form confidence intervals for functions of the normal mean and standard deviation",
Statistical Methods in Medical Research 21 (2012), the ratio; Welch, "The generalization of Student's
problem when several different population variances are involved", Biometrika 34 (1947);
`evidence/skewness`.
"""

import numpy as np
from scipy.special import stdtrit

from churn_saver.evidence.arm_means import Mean
from churn_saver.evidence.shares import Interval
from churn_saver.evidence.skewness import reaches

_ROUNDING = 1e-12
"""Error, as a part of the figure, below which it is one of rounding."""


def mean_interval(mean: Mean, level: float) -> Interval:
    """Give a mean its interval, as `mean_difference` does."""
    return _skewed(mean.value, mean.variance, mean.third, mean.freedom, level)


def mean_difference(mean: Mean, other: Mean, level: float) -> Interval:
    """Give mean − other its interval.

    D ± t·SE with Welch's degrees of freedom, its ends moved by the skewness of D, third moment over SE³.

    Args:
        mean: Of the treated arm.
        other: Of the holdout, drawn independently.
        level: Coverage, inside (0, 1).
    """
    variance = mean.variance + other.variance
    squares = mean.variance**2 / mean.freedom + other.variance**2 / other.freedom
    freedom = variance**2 / squares if variance > 0 else mean.freedom + other.freedom
    return _skewed(mean.value - other.value, variance, mean.third - other.third, freedom, level)


def ratio(figure: Interval, other: Interval) -> Interval | None:
    """Give figure / other its interval, from the interval of each.

    Returns:
        None where either is not above 0, or the lower end of the other: a ratio says nothing then.
    """
    if figure.value <= 0 or other.value <= 0 or other.low <= 0:
        return None
    product = figure.value * other.value
    down, up = _folded(figure, figure.low), _folded(figure, figure.high)
    other_down, other_up = _folded(other, other.low), _folded(other, other.high)
    # The textbook's lower end, multiplied out: it divides by `other_up`, which may be 0 or below.
    low = down / (product + np.sqrt(max(product**2 - down * other_up, 0.0)))
    high = (product + np.sqrt(max(product**2 - up * other_down, 0.0))) / other_down
    return Interval(figure.value / other.value, float(low), float(high))


def _folded(figure: Interval, end: float) -> float:
    return end * (2 * figure.value - end)


def _skewed(value: float, variance: float, third: float, freedom: float, level: float) -> Interval:
    error = float(np.sqrt(variance))
    if error <= _ROUNDING * abs(value):
        return Interval(value, value, value)
    reach = float(stdtrit(freedom, 0.5 + level / 2))
    below, above = reaches(reach, third / error**3)
    return Interval(value, value - error * below, value + error * above)

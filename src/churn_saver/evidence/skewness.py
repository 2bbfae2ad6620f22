"""How far an interval reaches where an estimate is skewed, and what that takes from the even one: nothing.

T = (estimate − truth)/error of skewness A is skewed too, for its error moves with it; g(T) = T + A·T²/3 +
A²·T³/27 + A/6 is so no more, to the first order. Each end is the farther of those of T and of g(T): a few
large amounts make an even interval miss on one side, and a third moment of few customers is not sure
enough to narrow the other.

Source: Hall, "On the removal of skewness by transformation", JRSS B 54 (1992), the cubic g₁; Zhou and
Dinh, "Nonparametric confidence intervals for the one- and two-sample problems", Biostatistics 6 (2005),
for two samples.
"""

import numpy as np

_STRAIGHT = 1e-8
"""Skewness below which the transformation is the identity to every digit that counts."""


def reaches(quantile: float, skewness: float) -> tuple[float, float]:
    """Give how far an interval reaches below and above its estimate, in standard errors.

    Args:
        quantile: Of the even interval, such as 1.96; above 0.
        skewness: A, the third central moment of the estimate over its error cubed.

    Returns:
        Two numbers, neither below the quantile.
    """
    return max(quantile, _untransformed(quantile, skewness)), max(
        quantile, -_untransformed(-quantile, skewness)
    )


def _untransformed(y: float, skewness: float) -> float:
    """Give T with g(T) = y."""
    if abs(skewness) < _STRAIGHT:
        return y
    return float(3 / skewness * (np.cbrt(1 + skewness * (y - skewness / 6)) - 1))

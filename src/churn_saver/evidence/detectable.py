"""The smallest effect that a sample can show, and the sample that an effect wants.

Asked before a campaign and beside its result: what is not found in a sample too small for it may well
be there. The normal law throughout; a holdout of a few dozen shows a little less than is said here.

Source: Bloom, "Minimum detectable effects: a simple way to report the statistical power of
experimental designs", Evaluation Review 19 (1995); for shares Fleiss, Levin and Paik, "Statistical
methods for rates and proportions" (2003), chapter 4, unpooled and without continuity correction.
"""

import numpy as np
from scipy.special import ndtri

from churn_saver.errors import InputError
from churn_saver.evidence.shares import normal_quantile

LEVEL = 0.95
"""Coverage of the interval that must lie clear of 0: two-sided."""
POWER = 0.8
"""Chance with which it does."""


def smallest_effect(standard_error: float, level: float = LEVEL, power: float = POWER) -> float:
    """Give the effect that would lie clear of 0 with that chance.

    (z of the level + z of the power) standard errors: 2.80 of them at 95 % and 80 %.

    Units: those of the standard error.

    Raises:
        InputError: a standard error that is none, a level or a power outside (0, 1).
    """
    if not 0 <= standard_error < np.inf:
        raise InputError(f"the standard error is {standard_error}, wanted a number, 0 or above")
    return _reach(level, power) * standard_error


def share_size(
    effect: float, share: float, holdout_share: float, level: float = LEVEL, power: float = POWER
) -> int:
    """Give the customers wanted, both arms together, for an effect on a share.

    N = (z + z')² · (q·(1 − q)/(1 − h) + p·(1 − p)/h) / effect², q = p + effect, h the holdout's share.

    Args:
        effect: Difference of the shares, such as 0.02; of either sign.
        share: p, retained without contact.
        holdout_share: h, inside (0, 1).
        level: Of the two-sided interval.
        power: Chance to find it.

    Raises:
        InputError: no effect, a share outside [0, 1] with or without it, or a holdout share, level or
            power outside (0, 1).
    """
    treated = share + effect
    if not (0 <= share <= 1 and 0 <= treated <= 1):
        raise InputError(f"the share is {share} and {treated:g} with its effect, wanted both from 0 to 1")
    return _size(effect, treated * (1 - treated), share * (1 - share), holdout_share, _reach(level, power))


def money_size(
    effect_minor: float,
    spread_minor: float,
    holdout_share: float,
    level: float = LEVEL,
    power: float = POWER,
) -> int:
    """Give the customers wanted, both arms together, for an effect on a mean of money.

    Args:
        effect_minor: Difference of the means, minor units a customer; of either sign.
        spread_minor: Standard deviation over customers, minor units, the same in both arms.
        holdout_share: Inside (0, 1).
        level: Of the two-sided interval.
        power: Chance to find it.

    Raises:
        InputError: no effect, a spread below 0, or a holdout share, level or power outside (0, 1).
    """
    if not 0 <= spread_minor < np.inf:
        raise InputError(f"the spread is {spread_minor} minor units, wanted a number, 0 or above")
    return _size(effect_minor, spread_minor**2, spread_minor**2, holdout_share, _reach(level, power))


def _size(effect: float, variance: float, other: float, holdout_share: float, reach: float) -> int:
    if not 0 < holdout_share < 1:
        raise InputError(f"the holdout's share is {holdout_share}, wanted it inside (0, 1), such as 0.05")
    if effect == 0 or not np.isfinite(effect):
        raise InputError(f"the effect is {effect}, wanted a number other than 0: no sample shows none")
    wanted = reach**2 * (variance / (1 - holdout_share) + other / holdout_share) / effect**2
    return max(int(np.ceil(wanted)), 4)


def _reach(level: float, power: float) -> float:
    if not 0 < power < 1:
        raise InputError(f"power is {power}, wanted a chance inside (0, 1), such as {POWER}")
    return normal_quantile(level) + float(ndtri(power))

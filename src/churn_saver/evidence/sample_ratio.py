"""Whether the arms have the sizes that were drawn for: the sample-ratio check.

A customer is drawn into an arm with a recorded probability. Where the counts cannot come from those
probabilities, something lost or moved customers after the draw, and no comparison of the arms holds.
Knows nothing of outcomes: it is asked first.

Source: Fabijan et al., "Diagnosing sample ratio mismatch in online controlled experiments", KDD 2019;
one probability: exact binomial test, both tails doubled; several: the normal law of a sum of unequal
draws and Pearson's chi-square over strata, the smaller p-value doubled (Bonferroni).
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, chdtrc, ndtr, ndtri
from scipy.stats import binom

from churn_saver.errors import InputError
from churn_saver.evidence.strata import strata

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

ALPHA = 0.001
"""Chance of a false alarm: the check stops a report, so it must be rarer than the findings it guards."""
FOUND = 0.99
"""Chance with which a skew is to be found, where a size is asked for."""
_STEP = 1.01
_CLOSE = 1.1


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Counts against the probabilities that were drawn with."""

    customers: int
    treated: int
    expected: float
    """Treated customers that the probabilities let expect."""
    p_value: float
    alpha: float

    @property
    def is_mismatch(self) -> bool:
        """Whether the counts cannot come from the recorded probabilities."""
        return self.p_value < self.alpha

    @property
    def verdict(self) -> str:
        """Say it in plain words."""
        seen = (
            f"{self.treated:,} of {self.customers:,} customers are in the treated arm, and "
            f"{self.expected:,.1f} were to be expected (p {_told(self.p_value)})"
        )
        if self.is_mismatch:
            return (
                f"The arms do not have the sizes that were drawn for: {seen}. Customers were lost or moved "
                f"after the draw, so no figure of this campaign can be trusted: find out which, and where."
            )
        return f"The arms have the sizes that were drawn for: {seen}."


def sample_ratio(treated: Flags, treated_probability: Floats, alpha: float = ALPHA) -> SampleRatio:
    """Check the sizes of the arms.

    Args:
        treated: The arm of each customer, (n,).
        treated_probability: With which the customer was drawn into the treated arm, inside (0, 1), (n,).
        alpha: Chance of a false alarm, inside (0, 1).

    Raises:
        InputError: no customers, lengths that differ, or a probability outside (0, 1).
    """
    _refuse(treated, treated_probability, alpha)
    p, count, expected = treated_probability, int(treated.sum()), float(treated_probability.sum())
    if p.max() - p.min() < 1e-12:
        value = _exact(len(p), count, float(p[0]))
    else:
        value = min(1.0, 2 * min(_pooled(count - expected, p), _by_stratum(treated, p)))
    return SampleRatio(len(p), count, expected, value, alpha)


def chance_of_finding(customers: int, share: float, skewed: float, alpha: float = ALPHA) -> float:
    """Give the chance that the exact check finds a skew.

    Args:
        customers: Of both arms.
        share: Of the treated arm, as recorded.
        skewed: Of the treated arm, as it came out in truth.
        alpha: Of the check.
    """
    # Rejected is a count whose tail under the recorded share is below alpha / 2.
    low = int(binom.ppf(alpha / 2, customers, share)) - 1
    high = int(binom.isf(alpha / 2, customers, share)) + 1
    below = float(bdtr(low, customers, skewed)) if low >= 0 else 0.0
    return below + (float(bdtrc(high - 1, customers, skewed)) if high <= customers else 0.0)


def size_to_find(share: float, skewed: float, alpha: float = ALPHA, found: float = FOUND) -> int:
    """Give a number of customers with which a skew is found often enough.

    Started from the normal law and raised until the exact chance is there at that size and at forty up to
    a tenth above, for with steps of whole customers it rises and falls a little.

    Raises:
        InputError: shares that do not lie inside (0, 1), or do not differ.
    """
    if not (0 < share < 1 and 0 < skewed < 1) or share == skewed:
        raise InputError(
            f"the recorded share is {share} and the skewed one {skewed}, wanted two that differ, "
            f"inside (0, 1)"
        )
    spread = -ndtri(alpha / 2) * np.sqrt(share * (1 - share)) + ndtri(found) * np.sqrt(skewed * (1 - skewed))
    size = int(np.ceil((spread / (share - skewed)) ** 2))
    while min(chance_of_finding(n, share, skewed, alpha) for n in _up_to_a_tenth(size)) < found:
        size = int(np.ceil(size * _STEP))
    return size


def _exact(customers: int, count: int, p: float) -> float:
    tail = min(bdtr(count, customers, p), bdtrc(count - 1, customers, p) if count else 1.0)
    return min(1.0, 2 * float(tail))


def _pooled(apart: float, p: Floats) -> float:
    """Two-sided p-value of a sum of unequal draws, half a customer nearer for the steps of a count."""
    z = max(abs(apart) - 0.5, 0.0) / np.sqrt(float((p * (1 - p)).sum()))
    return float(2 * ndtr(-z))


def _by_stratum(treated: Flags, p: Floats) -> float:
    """P-value of Pearson's chi-square, one degree of freedom for each stratum."""
    place = strata(p, p)
    apart, spread = np.bincount(place, treated - p), np.bincount(place, p * (1 - p))
    return float(chdtrc(len(spread), float((apart**2 / spread).sum())))


def _up_to_a_tenth(size: int) -> list[int]:
    return [round(size * grown) for grown in np.linspace(1, _CLOSE, 40)]


def _told(p_value: float) -> str:
    return "below 0.0001" if p_value < 0.0001 else f"= {p_value:.2g}"


def _refuse(treated: Flags, p: Floats, alpha: float) -> None:
    if not 0 < alpha < 1:
        raise InputError(f"alpha is {alpha}, wanted a chance inside (0, 1), such as {ALPHA}")
    if treated.ndim != 1 or not len(treated) or treated.shape != p.shape or treated.dtype != np.bool_:
        raise InputError(
            f"there are arms of shape {treated.shape} and type {treated.dtype} beside probabilities of shape "
            f"{p.shape}, wanted (n,) of true and false, and one probability for each"
        )
    bad = np.flatnonzero(~((p > 0) & (p < 1)))
    if len(bad):
        raise InputError(
            f"row {bad[0]}: treated_probability is {p[bad[0]]:g}, wanted above 0 and below 1. Leave "
            f"customers who could only be in one arm out of both, and say how many; {len(bad):,} rows are so"
        )

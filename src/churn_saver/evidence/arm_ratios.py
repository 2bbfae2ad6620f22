"""The sample-ratio check of a trial with several arms, or of choices that were drawn at random.

As `evidence/sample_ratio`, which is exact where there are two arms and one probability. Here every row
may have probabilities of its own, 0 among them where a gate left an arm out.

Source: Pearson's chi-square with the covariance of a sum of unequal multinomial draws, which is the
classic one where all rows have the same probabilities; Rao, "Linear statistical inference and its
applications" (1973), section 6b, for the generalised inverse.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from churn_saver.errors import InputError
from churn_saver.evidence.sample_ratio import ALPHA

Floats: TypeAlias = NDArray[np.float64]
Whole: TypeAlias = NDArray[np.integer]

_SUM = 1e-6
"""How far the probabilities of a row may be from 1 together: files round."""


@dataclass(frozen=True, slots=True)
class ArmRatios:
    """Counts of k arms against the probabilities that were drawn with."""

    counts: tuple[int, ...]
    expected: tuple[float, ...]
    p_value: float
    """By chi-square, so rough where an arm is to be expected fewer than some ten times."""
    alpha: float

    @property
    def is_mismatch(self) -> bool:
        """Whether the counts cannot come from the recorded probabilities."""
        return self.p_value < self.alpha

    @property
    def verdict(self) -> str:
        """Say it in plain words; of a mismatch name the arm that is furthest from its expectation."""
        if not self.is_mismatch:
            return f"All {len(self.counts)} arms have the sizes that were drawn for (p = {self.p_value:.2g})."
        apart = [abs(c - e) / max(e, 1.0) ** 0.5 for c, e in zip(self.counts, self.expected, strict=True)]
        worst = int(np.argmax(apart))
        return (
            f"The arms do not have the sizes that were drawn for (p below {self.alpha:g}): arm {worst} has "
            f"{self.counts[worst]:,} rows, and {self.expected[worst]:,.1f} were to be expected. Rows were "
            f"lost or moved after the draw, so no value of this log can be trusted: find out which and where."
        )


def arm_ratios(arm: Whole, probabilities: Floats, alpha: float = ALPHA) -> ArmRatios:
    """Check the sizes of k arms.

    Args:
        arm: What was drawn, 0..k − 1, (n,).
        probabilities: Of every arm in every row, (n, k), each row summing to 1.
        alpha: Chance of a false alarm, inside (0, 1).

    Raises:
        InputError: shapes that do not fit, rows whose probabilities are none or do not sum to 1, an arm
            that is not among them or was drawn with probability 0, or an alpha outside (0, 1).
    """
    _refuse(arm, probabilities, alpha)
    arms = probabilities.shape[1]
    counts, expected = np.bincount(arm, minlength=arms), probabilities.sum(axis=0)
    covariance = np.diag(expected) - probabilities.T @ probabilities
    apart = counts - expected
    inverse, rank = np.linalg.pinv(covariance, rcond=1e-9, hermitian=True), _rank(covariance)
    value = float(chdtrc(rank, float(apart @ inverse @ apart))) if rank else 1.0
    return ArmRatios(tuple(counts.tolist()), tuple(expected.tolist()), value, alpha)


def _rank(covariance: Floats) -> int:
    return int(np.linalg.matrix_rank(covariance, tol=1e-9 * float(np.abs(covariance).max()), hermitian=True))


def _refuse(arm: Whole, p: Floats, alpha: float) -> None:
    if not 0 < alpha < 1:
        raise InputError(f"alpha is {alpha}, wanted a chance inside (0, 1), such as {ALPHA}")
    if arm.ndim != 1 or p.ndim != 2 or len(arm) != len(p) or not len(arm) or p.shape[1] < 2:
        raise InputError(
            f"there are arms of shape {arm.shape} beside probabilities of shape {p.shape}, wanted (n,) and "
            f"(n, k), two arms or more, one row or more"
        )
    if not np.issubdtype(arm.dtype, np.integer):
        raise InputError(f"arm is of type {arm.dtype}, wanted whole numbers from 0 to {p.shape[1] - 1}")
    none = ~((p >= 0) & (p <= 1)).all(axis=1) | ~(np.abs(p.sum(axis=1) - 1) <= _SUM)
    _refuse_rows(none, "has probabilities that are not from 0 to 1, or do not sum to 1")
    _refuse_rows((arm < 0) | (arm >= p.shape[1]), f"has an arm that is not from 0 to {p.shape[1] - 1}")
    _refuse_rows(p[np.arange(len(arm)), arm] == 0, "has an arm that was drawn with probability 0")


def _refuse_rows(bad: NDArray[np.bool_], fault: str) -> None:
    rows = np.flatnonzero(bad)
    if len(rows):
        raise InputError(f"row {rows[0]} {fault}; {len(rows):,} rows are so. Mend them at their source")

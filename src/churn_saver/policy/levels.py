"""How the churn risk of one customer moves: a Markov chain of levels on the logit of the usual risk.

Shared by the reward and by everything that simulates it. Knows nothing of contacts, offers or
money. Source: `levels` and `transitions` of ops/configs/env.yaml, which are assumptions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.config import EnvSettings

RISK_DAYS = 30
"""A churn risk is a probability over this many days."""
MIN_RISK = 1e-6
"""Risks are clipped into [MIN_RISK, 1 − MIN_RISK], so that every logit is finite."""
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class RiskLevels:
    """The levels in rising order of their shift, and how a day moves a customer between them."""

    shifts: tuple[float, ...]
    """Added to the logit of the usual risk, (L,), rising."""
    transitions: tuple[tuple[float, ...], ...]
    """Daily probabilities from level (row) to level, (L, L)."""

    @classmethod
    def of(cls, env: EnvSettings) -> "RiskLevels":
        """Read the levels of a settings file and put them in order of their shift."""
        shifts = list(env.levels.values())
        order = sorted(range(len(shifts)), key=shifts.__getitem__)
        return cls(
            tuple(shifts[i] for i in order),
            tuple(tuple(env.transitions[i][j] for j in order) for i in order),
        )

    def stationary(self) -> NDArray[np.float64]:
        """Give the distribution that a day leaves unchanged, (L,).

        Where a chain has several (levels that never meet), the one of least length.
        """
        size = len(self.shifts)
        balance = np.vstack([np.array(self.transitions).T - np.eye(size), np.ones(size)])
        solution = np.linalg.lstsq(balance, np.append(np.zeros(size), 1.0), rcond=None)[0]
        weights: NDArray[np.float64] = np.clip(solution, 0.0, None)
        weights /= weights.sum()
        return weights

    def daily_hazards(self, usual_logit: NDArray[np.float64]) -> NDArray[np.float64]:
        """Hazard of one day at each level: 30 days of it give risk σ(usual_logit + shift).

        −ln(1 − σ(x)) = ln(1 + e^x), over 30.  Shapes: (n,) → (L, n).
        """
        shifted = np.asarray(usual_logit)[None, :] + np.array(self.shifts)[:, None]
        hazards: NDArray[np.float64] = np.logaddexp(0.0, shifted) / RISK_DAYS
        return hazards

    def calibrated_logit(self, mean_risk: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the usual logit b at which Σ π_s σ(b + shift_s) is the risk, by bisection.

        For a customer never seen before: a score is then taken as the mean over the levels in
        which the customer may be.  Shapes: (n,) → (n,).  Error: at most 1e-9.
        """
        wanted = np.clip(mean_risk, MIN_RISK, 1.0 - MIN_RISK)
        centre = logit(wanted)
        low, high = centre - self.shifts[-1], centre - self.shifts[0]
        weights = self.stationary()
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            mean = np.zeros_like(middle)
            for weight, shift in zip(weights, self.shifts, strict=True):
                mean += weight / (1.0 + np.exp(-(middle + shift)))
            below = mean < wanted
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return 0.5 * (low + high)

    def between(
        self, risk_shift: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Place a shift between its two neighbouring levels, clipped at both ends.

        Shapes: (n,) → lower level (n,), upper level (n,), weight of the upper one (n,).
        """
        shifts = np.array(self.shifts)
        last = len(shifts) - 1
        lower = np.clip(np.searchsorted(shifts, risk_shift, side="right") - 1, 0, max(last - 1, 0))
        upper = np.minimum(lower + 1, last)
        width = shifts[upper] - shifts[lower]
        apart = width > 0.0
        weight = np.where(apart, (risk_shift - shifts[lower]) / np.where(apart, width, 1.0), 0.0)
        return lower.astype(np.int64), upper.astype(np.int64), np.clip(weight, 0.0, 1.0)


def logit(risk: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give ln(p / (1 − p)) of risks clipped into [MIN_RISK, 1 − MIN_RISK]; NaN stays NaN."""
    clipped = np.clip(risk, MIN_RISK, 1.0 - MIN_RISK)
    result: NDArray[np.float64] = np.log(clipped) - np.log1p(-clipped)
    return result

"""What happens to a customer between one decision and the next: moves of level, days survived, margin.

Nothing is decided on these days, so they depend on the customer, the level, the protected days left
and the number of days alone. A step is never longer than `N_DELAYS` days, so more protection than
that makes no difference to it. Knows nothing of contacts, money spent or policies.
"""

from dataclasses import dataclass

import numpy as np

from churn_saver.policy.dynamics import N_DELAYS, Dynamics, Floats


@dataclass(frozen=True, slots=True)
class Passage:
    """1 + d days without a decision, d = 0..7; i is the number of protected days left, at most 8."""

    arrive: Floats
    """Chance to be there after 1 + d days, and at which level, (n, i: 9, d: 8, L from, L to)."""
    earned: Floats
    """Margin expected on the way, minor units, (n, i: 9, d: 8, L from)."""

    @classmethod
    def of(cls, dynamics: Dynamics) -> "Passage":
        """Work out the steps of all customers.

        arrive_d = arrive_{d−1} · diag(survival) · T;  earned_d = earned_{d−1} + margin/30 · Σ alive.
        """
        n, size = len(dynamics), dynamics.n_levels
        arrive = np.empty((n, 1 + N_DELAYS, N_DELAYS, size, size))
        earned = np.empty((n, 1 + N_DELAYS, N_DELAYS, size))
        for inside in range(1 + N_DELAYS):
            there = np.broadcast_to(np.eye(size), (n, size, size))
            margin = np.zeros((n, size))
            for day in range(N_DELAYS):
                alive = there * dynamics.survival[1 if day < inside else 0][:, None, :]
                margin = margin + dynamics.daily_margin_minor[:, None] * alive.sum(axis=2)
                there = alive @ dynamics.transitions
                arrive[:, inside, day], earned[:, inside, day] = there, margin
        return cls(arrive, earned)

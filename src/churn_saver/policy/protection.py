"""What an accepted offer does: for some days the customer's hazard is lower.

Several offers are not added up: the one that lasts longest protects. Knows nothing of acceptance or of what
a day is worth.
"""

import numpy as np
from numpy.typing import NDArray

from churn_saver.policy.levels import RISK_DAYS

Floats = NDArray[np.float64]


def days_left(days_since_accepted: Floats, protected_days: tuple[int, ...]) -> NDArray[np.int64]:
    """Give the whole days that accepted offers still protect.

    Args:
        days_since_accepted: Days since each offer was last accepted, (n, 4), inf: never.
        protected_days: How long each protects.

    Shapes: → (n,).
    """
    left: Floats = np.maximum(np.array(protected_days) - np.floor(days_since_accepted), 0.0).max(axis=1)
    return left.astype(np.int64)


def retained(alone: Floats, days: int, hazard_factor: float) -> Floats:
    """Give the chance to stay for 30 days of which the first ones are protected.

    S = exp(−h · (factor · D + 30 − D)) with h = −ln(alone) / 30, and no more than 30 days.

    Args:
        alone: Chance to stay for 30 days without protection, (n,).
        days: Of protection.
        hazard_factor: What is left of the hazard on a protected day.

    Shapes: → (n,).
    """
    inside = min(days, RISK_DAYS)
    kept: Floats = alone ** ((hazard_factor * inside + RISK_DAYS - inside) / RISK_DAYS)
    return kept

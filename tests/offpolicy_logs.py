"""Small logs of decisions, written out by hand."""

from collections.abc import Sequence

import numpy as np

from churn_saver.evidence.logged import Logged


def log_of(
    arm: Sequence[int],
    propensity: Sequence[float] | None,
    reward: Sequence[float],
    unit: Sequence[int] | None = None,
    arms: int = 2,
) -> Logged:
    """Give a log in which every arm is allowed and the one feature is the row's number."""
    rows = len(arm)
    return Logged.checked(
        unit=np.arange(rows) if unit is None else np.array(unit),
        arm=np.array(arm),
        propensity=None if propensity is None else np.array(propensity, dtype=np.float64),
        allowed=np.ones((rows, arms), dtype=np.bool_),
        reward=np.array(reward, dtype=np.float64),
        features=np.arange(rows, dtype=np.float32)[:, None],
    )


def always(arm: int, rows: int, arms: int = 2) -> np.ndarray:
    """Give the policy that does one thing, (rows, arms)."""
    return np.tile(np.eye(arms)[arm], (rows, 1))

"""Predictors of one split each, whose scores are worked out by hand; and trees that see no difference.

A stump of ten ones and ten zeros, rate 1, λ = 1, has leaves of ±Σ(p − y) / (Σp(1 − p) + 1) = ±5 / 3.5.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from churn_saver.tabular.boosting import Recipe, Trees, grow
from churn_saver.tabular.calibration import Beta, Isotonic
from churn_saver.tabular.predictors import AcceptModel, Predictors, RiskModel, accept_names

LEAF = 5 / 3.5
"""Log-odds of the upper leaf; the lower one has −LEAF, and both as many rows, so trees start from 0."""
HIGH_RISK = 0.1 + 0.5 * (2 + LEAF) / 4
"""Of tenures below 24 months: straight between 10 % at −2 and 60 % at 2."""
LOW_RISK = 0.1 + 0.5 * (2 - LEAF) / 4
_STUMP = Recipe(1, 1, 1.0, 0.0, 1.0, 1.0, 0)


@cache
def tiny_predictors(version: str = "tiny") -> Predictors:
    """Give a risk that falls at two years of tenure, and an acceptance that jumps at 10 %."""
    tenure = np.repeat([[0.0], [24.0]], 10, axis=0).astype(np.float32)
    risk = grow([tenure], np.repeat([1.0, 0.0], 10), None, ["tenure_months"], _STUMP)
    offers = np.repeat([0.0, 5.0, 10.0, 15.0], 5)
    x = np.column_stack([np.full(20, 0.3), offers, np.full(20, 12.0)]).astype(np.float32)
    names = accept_names(("tenure_months",))
    accept = grow([x], (offers >= 10).astype(np.float64), None, names, _STUMP)
    return Predictors(
        RiskModel(risk, Isotonic(np.array([-2.0, 2.0]), np.array([0.1, 0.6]))),
        AcceptModel(accept, Beta(1.0, 1.0, 0.0), 1e-6),
        version,
    )


@dataclass(frozen=True)
class _Level:
    """A booster that scores every row 0, and no column does anything."""

    width: int

    def inplace_predict(
        self, data: NDArray[np.float32], *, predict_type: str, validate_features: bool
    ) -> NDArray[np.float32]:
        """Score every row 0."""
        return np.zeros(len(data), dtype=np.float32)

    def predict(self, data: object, *, pred_contribs: bool) -> NDArray[np.float32]:
        """Split nothing over the columns."""
        rows: int = data.num_row()  # type: ignore[attr-defined]
        return np.zeros((rows, self.width + 1), dtype=np.float32)

    def save_raw(self, raw_format: str) -> bytearray:
        """Give nothing."""
        return bytearray()

    def set_param(self, params: dict[str, int]) -> None:
        """Take no note."""


def level(names: tuple[str, ...]) -> Trees:
    """Give trees that see no difference between customers."""
    return Trees(names, _Level(len(names)))

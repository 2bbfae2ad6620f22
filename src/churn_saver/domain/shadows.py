"""What a shadow would have done: a version that is asked about the decisions of others, and decides nothing.

Columns, as a proposal's are. Knows neither who asks it nor where this is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Shadowed:
    """What one version would have done about n customers; row i belongs to decision i."""

    version: str
    """SHA-256, hex."""
    decision_ids: Sequence[str]
    """Of the decisions that were made, (n,); empty text: none was recorded."""
    choice: NDArray[np.int8]
    """What it would have done, (n,), 0..4. No text was made, so none was blocked."""
    intended: NDArray[np.int8]
    """The same without holdout and budget, (n,)."""
    probability: NDArray[np.float64]
    """Of what the decision itself intended, under the shadow's rung without exploration, (n,)."""
    chances: NDArray[np.float64]
    """Of every choice under that rung, (n, 5)."""
    needs_minor: NDArray[np.int64]
    """Most that its choice would have cost, (n,)."""
    churn_risk: NDArray[np.float64]
    """By its own predictors, (n,)."""
    accept_prob: NDArray[np.float64]
    """Chance that the intended offer (else offer 0) is accepted, fatigue included, (n,)."""
    expected_value: NDArray[np.float64]
    """Gain of the intended contact over never contacting, less expected cost, minor units, (n,)."""
    price: NDArray[np.float64]
    """λ that it was asked at, its own, (n,)."""

    def __len__(self) -> int:
        """Count the decisions."""
        return len(self.choice)

    def named(self, decision_ids: Sequence[str]) -> "Shadowed":
        """Give the rows with the names of the decisions that were made, (n,)."""
        return replace(self, decision_ids=decision_ids)

    def recorded(self) -> "Shadowed":
        """Give the rows whose decision was recorded."""
        rows = np.array([place for place, one in enumerate(self.decision_ids) if one], dtype=np.int64)
        columns = {
            name: getattr(self, name)[rows]
            for name in self.__slots__
            if name not in ("version", "decision_ids")
        }
        return Shadowed(self.version, [self.decision_ids[row] for row in rows.tolist()], **columns)

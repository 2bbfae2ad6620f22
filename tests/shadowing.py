"""What shadows would have done, written out by hand, and a watch that remembers what it was told."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from churn_saver.decide.beside import Fault
from churn_saver.domain.shadows import Shadowed


def shadowed(version: str, names: list[str], **changes: Any) -> Shadowed:
    """Give a shadow that would have contacted everybody with 10 % at the most of 10.00."""
    n = len(names)
    plain: dict[str, Any] = {
        "choice": np.full(n, 3, dtype=np.int8),
        "intended": np.full(n, 3, dtype=np.int8),
        "probability": np.ones(n),
        "chances": np.tile([0.0, 0.0, 0.0, 1.0, 0.0], (n, 1)),
        "needs_minor": np.full(n, 1_000, dtype=np.int64),
        "churn_risk": np.full(n, 0.4),
        "accept_prob": np.full(n, 0.3),
        "expected_value": np.full(n, 250.5),
        "price": np.full(n, 0.7),
    }
    return Shadowed(version=version, decision_ids=names, **(plain | changes))


@dataclass
class Told:
    """A watch that remembers."""

    kept: list[int] = field(default_factory=list)
    missed: list[tuple[int, Fault, str]] = field(default_factory=list)

    def shadowed(self, decisions: int) -> None:
        """Remember how many are kept."""
        self.kept.append(decisions)

    def unshadowed(self, decisions: int, fault: Fault, error: Exception | None = None) -> None:
        """Remember how many are not, and why."""
        self.missed.append((decisions, fault, type(error).__name__))


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; what is worked out beside the answers says to nobody when it is done."""
    for _ in range(6_000):
        if is_so():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not come about within a minute")

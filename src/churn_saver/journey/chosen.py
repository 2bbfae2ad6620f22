"""What a rung wants for n customers. Knows no rung."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Price: TypeAlias = float | NDArray[np.float64]
"""λ for all, or one for each customer, (n,)."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a rung wants for n customers, before arm and text."""

    choice: NDArray[np.int8]
    """(n,), 0..4."""
    probability: NDArray[np.float64]
    """Of the choice, (n,)."""
    unwanted: NDArray[np.int64]
    """`Reason` flags the rung gives for declining, (n,)."""
    delay_days: NDArray[np.int8]
    """Decide again after 1 + this many days, (n,), 0..7; 0 of a rung that has no say in it."""
    policy: str
    """As `Decider.label`."""
    chances: NDArray[np.float64] | None = None
    """Of every choice under the rung, (n, 5); None: it draws nothing, so its choice is certain."""
    prices: Price = 0.0
    """λ that it was made at."""


def certain(
    choice: NDArray[np.int8],
    unwanted: NDArray[np.int64],
    policy: str,
    delay_days: NDArray[np.int8] | None = None,
) -> Chosen:
    """Say what a rung wants that draws nothing.

    Args:
        choice: (n,), 0..4.
        unwanted: `Reason` flags for declining, (n,).
        policy: As `Decider.label`.
        delay_days: (n,); None: the rung has no say in when to decide again.
    """
    n = len(choice)
    delays = np.zeros(n, dtype=np.int8) if delay_days is None else delay_days
    return Chosen(choice, np.ones(n), unwanted, delays, policy)

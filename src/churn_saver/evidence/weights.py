"""Importance weights: what they are, how few rows carry them, and what cutting the largest costs.

Knows nothing of rewards.

Source: effective sample size as in Kish, "Survey sampling", 1965, and Owen, "Monte Carlo theory,
methods and examples", chapter 9; truncation as in Ionides, "Truncated importance sampling", 2008.
"""

from dataclasses import dataclass

import numpy as np

from churn_saver.errors import InputError
from churn_saver.evidence.logged import Floats, Logged
from churn_saver.evidence.support import chance_of_logged, propensity_of

TOP_SHARE = 0.01
"""Rows of largest weight that are looked at together."""


@dataclass(frozen=True, slots=True)
class Clipping:
    """What was cut off the weights."""

    threshold: float | None
    """Largest weight that was let stand; None: nothing was cut."""
    rows: int
    """Rows whose weight was cut."""
    cut_share: float
    """Weight that was cut, of all weight."""
    cut_mean: float
    """The same per row of the log: m of the bias bound."""


@dataclass(frozen=True, slots=True)
class Weights:
    """π/p of every row, as used, and how evenly it lies."""

    used: Floats
    """(n,)."""
    mean: float
    """Before cutting; 1 in expectation where propensities are right and support is whole."""
    effective_rows: float
    """(Σw)²/Σw²: rows of equal weight that would be worth as much."""
    largest: float
    top_share: float
    """Share of all weight in the hundredth of rows (at least one) that has most."""
    clipping: Clipping


def effective_rows(weight: Floats) -> float:
    """Give (Σw)²/Σw² of weights that are not negative; 0 where all are 0. Shapes: (n,)."""
    squares = float(np.sum(weight**2))
    return float(weight.sum()) ** 2 / squares if squares > 0 else 0.0


def weights_of(log: Logged, target: Floats, clip: float | None) -> Weights:
    """Weigh what was done by target over logging probability.

    Args:
        log: With propensities.
        target: Supported by the log, (n, k).
        clip: Largest weight; None: let all stand.

    Raises:
        InputError: a clip that is no number above 0.
    """
    if clip is not None and not (np.isfinite(clip) and clip > 0):
        raise InputError(f"clip is {clip:g}, wanted a weight above 0, or None to cut nothing")
    whole = chance_of_logged(log, target) / propensity_of(log)
    used = whole if clip is None else np.minimum(whole, clip)
    total, cut = float(whole.sum()), float((whole - used).sum())
    top = max(1, int(np.ceil(TOP_SHARE * len(used))))
    return Weights(
        used=used,
        mean=total / len(whole),
        effective_rows=effective_rows(used),
        largest=float(used.max()),
        top_share=float(np.partition(used, len(used) - top)[-top:].sum() / used.sum()),
        clipping=Clipping(clip, int((whole > used).sum()), cut / total, cut / len(whole)),
    )

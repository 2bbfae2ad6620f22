"""Customers who were drawn with like probabilities, put together.

Inside a stratum the arms are comparable up to weights; between strata they may differ in everything
that moved with the probability: who was asked, when, for how long they have been followed. Knows
nothing of outcomes.

Source: Imbens and Rubin, "Causal inference for statistics, social, and biomedical sciences" (2015),
chapter 9, stratified randomised experiments.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.intp]

MOST = 20
"""Strata at most, so that many different probabilities do not leave a handful of customers in each."""
LEAST = 20
"""Customers of either arm in a stratum at least, where there are so many."""
_GRAINS = 1_000
"""Of more distinct probabilities than this, neighbours are put together first."""
_DIGITS = 12
"""Probabilities that differ only beyond this are one: 1 − .95 is not .05 to the last bit."""


def strata(probability: Floats, treated: Floats) -> Codes:
    """Number the strata, 0.., by rising probability.

    Equal probabilities stay together; neighbours are put together until a stratum has `LEAST`
    customers of either arm and one in `MOST` of all of them.

    Shapes: (n,), (n,) → (n,).

    Args:
        probability: Of being drawn into the treated arm.
        treated: 1 for treated, 0 for holdout; or the chance of either, where arms must not be looked at.
    """
    _, place = np.unique(np.round(probability, _DIGITS), return_inverse=True)
    arms = (np.bincount(place, treated), np.bincount(place, 1.0 - treated))
    sizes: Floats = np.column_stack(arms).astype(np.float64)
    if len(sizes) > _GRAINS:
        passed = np.cumsum(sizes.sum(axis=1))
        _, grain = np.unique(np.ceil(passed / passed[-1] * _GRAINS), return_inverse=True)
        sizes = np.column_stack([np.bincount(grain, sizes[:, arm]) for arm in (0, 1)])
        place = grain[place]
    return _together(sizes)[place]


def _together(sizes: Floats) -> Codes:
    """Close a stratum as soon as both arms are large enough; what is left over joins the last one.

    Shapes: (k, 2) → (k,).
    """
    wanted = np.maximum(LEAST, sizes.sum(axis=0) / MOST) * (1 - 1e-9)
    number = np.zeros(len(sizes), dtype=np.intp)
    stratum, room = 0, np.zeros(2)
    for k, size in enumerate(sizes):
        number[k] = stratum
        room += size
        if (room >= wanted).all():
            stratum, room = stratum + 1, np.zeros(2)
    return np.minimum(number, max(stratum - 1, 0))

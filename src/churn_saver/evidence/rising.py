"""Ladders that rise: what is known to grow with the offer is made to, as little changed as can be.

Source: the min-max formula of Robertson, Wright and Dykstra, "Order restricted statistical inference"
(1988), theorem 1.4.4. It needs no loop over rows, where pooling neighbours would.
"""

import numpy as np

from churn_saver.evidence.logged import Floats


def rising_ladder(effects: Floats) -> Floats:
    """Give the rising ladder nearest to each row, by squares: max over i ≤ j of min over l ≥ j of mean(i..l).

    Shapes: (n, a) → (n, a).
    """
    arms = effects.shape[1]
    total = np.concatenate([np.zeros((len(effects), 1)), np.cumsum(effects, axis=1)], axis=1)
    found = np.full(effects.shape, -np.inf)
    for first in range(arms):
        least = np.full(len(effects), np.inf)
        for last in range(arms - 1, first - 1, -1):
            least = np.minimum(least, (total[:, last + 1] - total[:, first]) / (last + 1 - first))
            found[:, last] = np.maximum(found[:, last], least)
    # Sums of different order may differ in their last digit.
    return np.maximum.accumulate(found, axis=1)

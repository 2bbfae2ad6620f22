"""What acceptance probabilities are worth when an offer is chosen by them.

Sending offer k is worth p_k · (m − pct_k) bills: m is the margin that one acceptance keeps, as a
multiple of the bill (an assumption, set in tabular.yaml), pct_k the discount it costs. Needs the
true probabilities, so it is known on semi-synthetic tables only. Knows no budget and no customers.
"""

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import OFFER_PERCENTS

Floats = NDArray[np.float64]


def offer_values(ladder: Floats, margin_kept: float) -> Floats:
    """Give the worth of sending each offer.

    Shapes: (n, 4) → (n, 4).  Units: bills of the customer.
    """
    return ladder * (margin_kept - np.array(OFFER_PERCENTS) / 100)


def choices(ladder: Floats, margin_kept: float) -> NDArray[np.int64]:
    """Choose the offer that these probabilities make worth most, the smaller on a tie. (n, 4) → (n,)."""
    return np.asarray(offer_values(ladder, margin_kept).argmax(axis=1), dtype=np.int64)


def regret(truth: Floats, chosen: NDArray[np.int64], margin_kept: float) -> float:
    """Give what the choices lose, as a share of the value of choosing by the truth.

    Shapes: truth (n, 4), chosen (n,) of 0..3.
    """
    values = offer_values(truth, margin_kept)
    best = values.max(axis=1).sum()
    return float(1 - values[np.arange(len(values)), chosen].sum() / best)


def constant_regret(truth: Floats, margin_kept: float) -> float:
    """Give the regret of the one offer that is best when everyone gets the same. (n, 4)."""
    values = offer_values(truth, margin_kept)
    return float(1 - values.sum(axis=0).max() / values.max(axis=1).sum())

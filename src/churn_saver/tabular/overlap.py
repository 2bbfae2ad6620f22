"""What a table of past offers can show: who got which offer, and how far that was left to chance.

Knows nothing of models. With the propensity of each logged offer, rows are weighted so that every
offer is judged on the same mix of customers; without it, a difference between offers may be a
difference between the customers who got them, and the report says "associational".

Source: inverse-propensity weights and effective sample size as in Owen, "Monte Carlo theory,
methods and examples", chapter 9.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import OFFER_PERCENTS
from churn_saver.errors import InputError

Floats = NDArray[np.float64]

FEW_ROWS = 200
"""An offer with fewer rows than this is warned about."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much the weights leave to learn from."""

    effective_rows: float
    """(Σw)² / Σw²: rows of equal weight that would be worth as much."""
    least_propensity: float
    clipped_share: float
    """Share of rows whose propensity was below the floor."""


@dataclass(frozen=True, slots=True)
class OfferSeen:
    """What the table shows of one rung of the ladder."""

    offer_pct: int
    rows: int
    accepted_share: float
    """Of the rows; NaN without rows."""


def weights(propensity: Floats, floor: float) -> tuple[Floats, Overlap]:
    """Weigh each row by one over the chance that it got its offer.

    Args:
        propensity: Chance of the logged offer, (n,), in (0, 1].
        floor: Smaller chances count as this: one rare row must not outweigh a hundred.

    Returns:
        Weights of mean 1, (n,), and the overlap.

    Raises:
        InputError: a propensity that is not in (0, 1].
    """
    if not ((propensity > 0) & (propensity <= 1)).all():
        wrong = propensity[~((propensity > 0) & (propensity <= 1))][0]
        raise InputError(
            f"propensity is {wrong}, wanted a chance above 0 and at most 1 of the offer that was made: "
            f"mend the column or leave it out"
        )
    raw = 1 / np.maximum(propensity, floor)
    overlap = Overlap(
        effective_rows=float(raw.sum() ** 2 / (raw**2).sum()),
        least_propensity=float(propensity.min()),
        clipped_share=float((propensity < floor).mean()),
    )
    return raw / raw.mean(), overlap


def offers_seen(offer_pct: Floats, accepted: Floats, weight: Floats | None = None) -> tuple[OfferSeen, ...]:
    """Count rows and acceptances of each rung. Shapes: (n,) each."""
    weight = np.ones_like(accepted) if weight is None else weight
    found = []
    for percent in OFFER_PERCENTS:
        here = offer_pct == percent
        mass = float(weight[here].sum())
        share = float((weight * accepted)[here].sum() / mass) if mass > 0 else float("nan")
        found.append(OfferSeen(percent, int(here.sum()), share))
    return tuple(found)


def warnings_of(seen: tuple[OfferSeen, ...], weighted: bool) -> tuple[str, ...]:
    """Say what about the offers makes the model doubtful, each with what to do."""
    said = []
    for one in seen:
        if one.rows == 0:
            said.append(
                f"no row has offer {one.offer_pct} %: its acceptance is drawn from the neighbouring offers; "
                f"send it to a few customers"
            )
        elif one.rows < FEW_ROWS:
            said.append(
                f"only {one.rows} rows have offer {one.offer_pct} %, wanted {FEW_ROWS}: "
                f"its acceptance is rough; send it to more customers"
            )
    known = [one for one in seen if one.rows]
    for lower, higher in pairwise(known):
        if higher.accepted_share < lower.accepted_share:
            cause = "even after weighting" if weighted else "a sign that harder customers got larger offers"
            said.append(
                f"acceptance falls from {lower.accepted_share:.3f} at {lower.offer_pct} % to "
                f"{higher.accepted_share:.3f} at {higher.offer_pct} % ({cause}): "
                + ("check the propensity column" if weighted else "log the propensity of each offer")
            )
    return tuple(said)

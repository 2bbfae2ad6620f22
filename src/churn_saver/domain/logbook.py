"""A campaign's decisions as the books hold them, with what became of each: what all evidence is read from.

Columns, oldest decision first. Knows nothing of files or databases, and judges nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.campaign import Campaign

Moments = NDArray[np.datetime64]
"""UTC, in microseconds; NaT: not."""
Days = NDArray[np.datetime64]
"""Calendar days; NaT: none."""


@dataclass(frozen=True, slots=True)
class Logbook:
    """n decisions of one campaign."""

    campaign: Campaign
    decision_ids: Sequence[str]
    """(n,)."""
    customer_ids: Sequence[str]
    """(n,); of who was erased, what the books put in its place."""
    customer: NDArray[np.int64]
    """The books' number of the customer, (n,): the same customer, the same number."""
    number: NDArray[np.int64]
    """Decisions made before it for the customer in the campaign, (n,)."""
    decided_at: Moments
    """(n,)."""
    choice: NDArray[np.int8]
    """What was done, (n,), 0..4; see `domain.action`."""
    intended: NDArray[np.int8]
    """What would have been done without holdout and shield, (n,)."""
    reasons: NDArray[np.int64]
    """`Reason` flags, (n,)."""
    excluded: NDArray[np.int32]
    """`Reason` flags per choice, (n, 5); 0 where allowed."""
    probability: NDArray[np.float64]
    """Of the intended action under who decided, exploration included, (n,); NaN: not recorded."""
    arm_probability: NDArray[np.float64]
    """Of the customer's arm, holdout or treated, (n,)."""
    churn_risk: NDArray[np.float64]
    """(n,), NaN where nothing could score."""
    accept_prob: NDArray[np.float64]
    """(n,), NaN where nothing could score."""
    expected_value: NDArray[np.float64]
    """Minor units, (n,)."""
    price: NDArray[np.float64]
    """λ at the moment of the decision, (n,)."""
    policies: Sequence[str]
    """Who decided, as the record names it, (n,)."""
    models: Sequence[str]
    """Version of the predictors, or none, (n,)."""
    features: Sequence[str | None]
    """JSON of what the customer was scored on, (n,); None: erased."""
    expires_on: Days
    """Last day on which an answer was waited for, with the time that it may take, (n,); NaT: no contact."""
    accepted_at: Moments
    """(n,)."""
    declined_at: Moments
    """(n,)."""
    retained_at: Moments
    """(n,): the day until which it was known that he stayed."""
    churned_at: Moments
    """(n,)."""
    sent_at: Moments
    """When the message went out, (n,)."""
    contact_spent_minor: NDArray[np.int64]
    """(n,)."""
    offer_spent_minor: NDArray[np.int64]
    """(n,)."""

    def __len__(self) -> int:
        """Count the decisions."""
        return len(self.decision_ids)

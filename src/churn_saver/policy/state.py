"""What a policy sees of a customer, and what it answers: the same for simulator, evaluation and service.

The documented nine inputs come first, in their order. With them alone two customers who differ in
what comes next look the same (base risk and level are confounded), so the full set adds five. A
policy whose price is an input sees λ last. Knows nothing of how a policy decides.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import N_OFFERS
from churn_saver.policy.dynamics import N_DELAYS, Dynamics

NINE = (
    "churn_risk",
    "accept_prob_0",
    "accept_prob_1",
    "accept_prob_2",
    "accept_prob_3",
    "budget_remaining",
    "days_since_contact",
    "cooldown_active",
    "fatigue_count",
)
"""The documented inputs: 30-day probability now with protection; chance to accept each offer when
rested; fraction of the customer's allowance left; days, at most the cooldown; 0 or 1; contacts in the
fixed 30-day period."""
FULL = (*NINE, "value", "time_left", "protection_left", "day_in_period", "risk_shift")
"""With the monthly bill in currency units, the fraction of the campaign left, protected days left, days
since the period began, and the logit of the unprotected risk now minus that of the usual one."""
PRICE = "price"
"""λ, where the price of budget is an input; the last one."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class States:
    """m states of customers at a decision; see `dynamics` for the ranges."""

    customer: Ints
    """Row of the population, (m,)."""
    day: Ints
    """(m,)."""
    level: Ints
    """(m,)."""
    protection: Ints
    """(m,)."""
    wait: Ints
    """(m,)."""
    fatigue: Ints
    """(m,)."""
    units: Ints
    """(m,)."""

    def __len__(self) -> int:
        """Count the states."""
        return len(self.customer)


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a policy does in m states: P(contact) · P(offer) · P(delay), the offer only with a contact."""

    contact: Floats
    """Probability of a contact now, (m,); 0 where it is closed."""
    offer: Floats
    """Probability of each offer, given a contact, (m, 4); rows sum to 1."""
    delay: Floats
    """Probability of each delay, (m, 8); rows sum to 1."""

    @classmethod
    def sure(cls, contact: NDArray[np.bool_], offer: Ints, delay: Ints) -> "Decisions":
        """Take a deterministic policy's answers. Shapes: each (m,)."""
        return cls(contact.astype(np.float64), np.eye(N_OFFERS)[offer], np.eye(N_DELAYS)[delay])


Policy = Callable[[States], Decisions]
"""Decides for any number of states at once; the same state always gets the same answer."""


def open_choices(dynamics: Dynamics, states: States) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say which contacts and which offers the caps leave open. Shapes: → (m,), (m, 4)."""
    contact = (states.wait == 0) & (states.fatigue < dynamics.contact_cap)
    offers = dynamics.offer_units[None, :] <= states.units[:, None]
    return contact, offers

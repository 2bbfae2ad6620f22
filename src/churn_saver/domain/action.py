"""The offer ladder and what can be done about one customer.

A *choice* is an int8 in 0..4 so that a million fit in a megabyte: 0 is no contact, 1 + k is a
contact now with offer k of the ladder.
"""

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.money import discount_minor

OFFER_PERCENTS = (0, 5, 10, 15)
"""The ladder, in whole per cent of the next bill; 0 is a message without a discount."""
N_OFFERS = len(OFFER_PERCENTS)
N_CHOICES = 1 + N_OFFERS
NO_CONTACT = 0
ALLOWANCE_UNIT_PERCENT = 5
"""A customer's allowance is counted in units of this many per cent of one bill."""
MAX_DELAY_DAYS = 7
"""Most days that a decision may put off the next one, beyond the one day that always lies between."""
OFFER_UNITS = tuple(percent // ALLOWANCE_UNIT_PERCENT for percent in OFFER_PERCENTS)


class Reason(IntFlag):
    """Why a choice was ruled out, or why nothing was done; flags, so that all of them are kept."""

    NONE = 0
    NO_CAMPAIGN = 1
    """No campaign is open at this moment."""
    STATE_UNREADABLE = 2
    """What the store knows of the customer could not be read: every gate counts as closed."""
    SUPPRESSED = 4
    """On the suppression list."""
    OPTED_OUT = 8
    """The customer said no to messages, or explicit consent is required and absent."""
    COOLDOWN = 16
    """Contacted less than `cooldown_days` ago."""
    CAP_7_DAYS = 32
    CAP_30_DAYS = 64
    CAP_PERIOD = 128
    """The policy's own cap per fixed 30-day period is used up."""
    ALLOWANCE = 256
    """The customer's own allowance of discounts does not cover the offer."""
    BUDGET = 512
    """The campaign's free budget does not cover what the offer could cost."""
    HOLDOUT = 1024
    """In the holdout: scored and recorded, never contacted."""
    NOT_WORTH_IT = 2048
    """No allowed contact gains more than it costs at the price of budget."""
    MESSAGE_BLOCKED = 4096
    """The shield let no text through."""
    BELOW_THRESHOLD = 8192
    """The rung contacts only above a threshold of its own."""
    NOT_CHOSEN = 16384
    """The rung leaves the customer alone whatever a contact is worth: by its draw, or always."""
    STOPPED = 32768
    """Somebody has thrown the switch that stops all contacts."""

    def words(self) -> list[str]:
        """Name the flags as they appear in responses and CSV, lowest first."""
        return [flag.name.lower() for flag in Reason if flag in self and flag.name]


@dataclass(frozen=True, slots=True)
class Action:
    """What to do about one customer."""

    contact: bool
    offer_idx: int
    """Rung of the ladder, 0..3; 0 when there is no contact."""
    delay_days: int
    """Decide again after 1 + delay_days days."""

    @classmethod
    def of_choice(cls, choice: int, delay_days: int = 0) -> "Action":
        """Read a choice 0..4 as an action."""
        return cls(choice != NO_CONTACT, max(choice - 1, 0), delay_days)


def choice_costs_minor(bill_minor: NDArray[np.int64], contact_cost_minor: int) -> NDArray[np.int64]:
    """Most that each choice can cost: the contact and, if accepted, the discount.

    Shapes: bill_minor (n,) → (n, 5), column 0 is no contact.  Units: minor units.
    """
    costs = np.zeros((len(bill_minor), N_CHOICES), dtype=np.int64)
    for offer_idx, percent in enumerate(OFFER_PERCENTS):
        costs[:, 1 + offer_idx] = contact_cost_minor + discount_minor(percent, bill_minor)
    return costs

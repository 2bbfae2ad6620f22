"""Limits that were broken, counted from the decisions alone: a check on the gates, without their code.

A contact is a decision to contact, whatever became of it. Counted by the limits as they stand now: one that
was lowered since may look broken. Sees one campaign: contacts of other campaigns count for a customer's
caps too, and are not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import N_CHOICES, NO_CONTACT, OFFER_UNITS
from churn_saver.domain.campaign import PERIOD_DAYS
from churn_saver.domain.logbook import Logbook, Moments

Whole = NDArray[np.int64]
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class BrokenCaps:
    """How often limits were broken."""

    contacts: int
    customers: int
    """Who were contacted."""
    counts: Mapping[str, int]
    """By limit, in words: contacts that it forbade; of the allowance, customers who accepted more; of the
    budget, 1 where more was spent than its limit."""

    @property
    def total(self) -> int:
        """Add them up."""
        return sum(self.counts.values())


def broken_caps(log: Logbook) -> BrokenCaps:
    """Count what the campaign's own limits forbade and was done."""
    caps, contacted = log.campaign.caps, log.choice != NO_CONTACT
    order = np.lexsort((log.decided_at[contacted], log.customer[contacted]))
    customer, at = log.customer[contacted][order], log.decided_at[contacted][order]
    spent = int(log.contact_spent_minor.sum() + log.offer_spent_minor.sum())
    counts = {
        f"{caps.per_7_days} in 7 days": _too_many(customer, at, caps.per_7_days, 7),
        f"{caps.per_30_days} in 30 days": _too_many(customer, at, caps.per_30_days, 30),
        f"{caps.per_period} in a period": _in_periods(log, customer, at),
        f"{caps.cooldown_days} days between": _too_many(customer, at, 1, caps.cooldown_days),
        "allowance": _overdrawn(log),
        "budget": int(spent > log.campaign.limit_minor),
    }
    return BrokenCaps(len(customer), len(np.unique(customer)), counts)


def _too_many(customer: Whole, at: Moments, most: int, days: int) -> int:
    """Count contacts that come less than so many days after the one `most` before them."""
    if most < 1:
        return len(customer)
    same = customer[most:] == customer[:-most]
    return int((same & (at[most:] - at[:-most] < days * _DAY)).sum())


def _in_periods(log: Logbook, customer: Whole, at: Moments) -> int:
    """Count contacts beyond the cap of their fixed period."""
    start = np.datetime64(log.campaign.starts_at.replace(tzinfo=None), "us")
    period = (at - start) // (PERIOD_DAYS * _DAY)
    _, made = np.unique(np.stack([customer, period]), axis=1, return_counts=True)
    return int(np.maximum(made - log.campaign.caps.per_period, 0).sum())


def _overdrawn(log: Logbook) -> int:
    """Count customers who accepted more discounts than their allowance."""
    units = np.zeros(N_CHOICES, dtype=np.int64)
    units[1:] = OFFER_UNITS
    accepted = ~np.isnat(log.accepted_at)
    _, place = np.unique(log.customer[accepted], return_inverse=True)
    taken = np.bincount(place, units[log.choice[accepted]])
    return int((taken > log.campaign.caps.allowance_units).sum())

"""Which choices are open for each customer, and for each one that is not, every reason why.

Consent, suppression, cooldown, caps, allowance and budget, before any model is asked. What the
caller sends can only tighten what the store knows. Knows nothing of risk, values or texts, and
nothing of the hour: quiet hours move the sending, not the decision (`quiet_hours.py`).
Source: the store's contact history and the campaign's caps.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import N_CHOICES, OFFER_UNITS, Reason
from churn_saver.domain.campaign import Campaign, Caps
from churn_saver.domain.customer import ContactHistory, Customers
from churn_saver.errors import InputError

ContactBasis = Literal["existing_customer", "explicit_consent"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where n customers stand with us at this moment."""

    excluded: NDArray[np.int64]
    """`Reason` flags per choice, (n, 5); 0 where the choice is open; column 0 is always open."""
    allowed: NDArray[np.bool_]
    """Open choices, (n, 5): nothing in `excluded`."""
    held_out: NDArray[np.bool_]
    """In the campaign's holdout, (n,): scored as everybody else, and then left alone."""
    fatigue: NDArray[np.float64]
    """Contacts this period by our count or the caller's, whichever is more, (n,)."""
    days_since_contact: NDArray[np.float64]
    """By our count or the caller's, whichever is less, (n,); inf: never."""


def standing(
    customers: Customers,
    history: ContactHistory,
    campaign: Campaign | None,
    costs_minor: NDArray[np.int64],
    free_minor: int,
    now: datetime,
    contact_basis: ContactBasis,
    stopped: bool = False,
) -> Standing:
    """Apply every gate that needs no model.

    Args:
        customers: With what the caller says of their contacts and consent.
        history: What the store knows of the same customers, row by row.
        campaign: The campaign that decides, None: there is none.
        costs_minor: Most that each choice can cost, (n, 5), minor units.
        free_minor: Budget neither spent nor reserved, minor units.
        now: Aware time of the decision.
        contact_basis: Whether a customer who never said yes may be contacted.
        stopped: Nobody is to be contacted at all.

    Raises:
        InputError: costs or history of another length than the customers.
    """
    n = len(customers)
    if costs_minor.shape != (n, N_CHOICES) or len(history.suppressed) != n:
        raise InputError(
            f"costs have shape {costs_minor.shape} and the history {len(history.suppressed)} rows, "
            f"wanted {(n, N_CHOICES)} and {n}: hand in one row for each customer"
        )
    recent = np.nan_to_num(customers.contacts_last_7d, nan=0.0)
    fatigue = np.maximum(history.contacts_period, recent)
    days_since = np.fmin(history.days_since_contact, customers.days_since_last_contact)
    closed = _permission(customers, history, contact_basis)
    if stopped:
        closed |= Reason.STOPPED
    if campaign is None or not campaign.is_open(now):
        closed |= Reason.NO_CAMPAIGN
    if campaign is not None:
        closed |= _frequency(history, recent, fatigue, days_since, campaign.caps)
    excluded = np.zeros((n, N_CHOICES), dtype=np.int64)
    excluded[:, 1:] = closed[:, None]
    if campaign is not None:
        excluded[:, 1:] |= _allowance(history, campaign.caps)
        excluded[:, 1:] |= _flag(costs_minor[:, 1:] > free_minor, Reason.BUDGET)
    return Standing(excluded, excluded == 0, _held_out(customers, campaign), fatigue, days_since)


def _permission(
    customers: Customers, history: ContactHistory, contact_basis: ContactBasis
) -> NDArray[np.int64]:
    """Flag those we may not write to at all, (n,)."""
    n = len(customers)
    needed = (True,) if contact_basis == "explicit_consent" else (True, None)
    refused = np.fromiter((said not in needed for said in customers.opted_in), np.bool_, n)
    closed = _flag(history.suppressed, Reason.SUPPRESSED)
    closed |= _flag(history.opted_out | refused, Reason.OPTED_OUT)
    if not history.readable:
        closed |= Reason.STATE_UNREADABLE
    return closed


def _frequency(
    history: ContactHistory,
    recent: NDArray[np.float64],
    fatigue: NDArray[np.float64],
    days_since: NDArray[np.float64],
    caps: Caps,
) -> NDArray[np.int64]:
    """Flag those who were contacted too lately or too often, (n,).

    The caller's seven days lie within the thirty, so its count raises both.
    """
    closed = _flag(days_since < caps.cooldown_days, Reason.COOLDOWN)
    closed |= _flag(np.maximum(history.contacts_7d, recent) >= caps.per_7_days, Reason.CAP_7_DAYS)
    closed |= _flag(np.maximum(history.contacts_30d, recent) >= caps.per_30_days, Reason.CAP_30_DAYS)
    closed |= _flag(fatigue >= caps.per_period, Reason.CAP_PERIOD)
    return closed


def _allowance(history: ContactHistory, caps: Caps) -> NDArray[np.int64]:
    """Flag the offers that the customer's own allowance does not cover, (n, 4).

    An offer of 0 % needs no allowance, so it stays open when a lowered cap left less than nothing.
    """
    left = np.maximum(caps.allowance_units - history.units_used, 0)
    return _flag(np.array(OFFER_UNITS)[None, :] > left[:, None], Reason.ALLOWANCE)


def _held_out(customers: Customers, campaign: Campaign | None) -> NDArray[np.bool_]:
    """Say who is in the holdout, (n,)."""
    n = len(customers)
    if campaign is None or campaign.holdout_share <= 0.0:
        return np.zeros(n, dtype=np.bool_)
    return np.fromiter(map(campaign.holds_out, customers.ids), np.bool_, n)


def _flag(where: NDArray[np.bool_], reason: Reason) -> NDArray[np.int64]:
    """Give the reason's bit where the condition holds."""
    return where * np.int64(reason)

"""Check what a policy answered, so that an evaluation never counts what could not be done.

A fault is refused with the state that it was found in. Rounding of single precision is forgiven and
taken out: rows are divided by their sum, and what is closed and as good as 0 becomes 0. Knows
nothing of how a policy decides; a contact above the cap is no fault, it is counted.
"""

import numpy as np

from churn_saver.domain.action import N_OFFERS
from churn_saver.errors import InputError
from churn_saver.policy.compiled import compiled
from churn_saver.policy.dynamics import N_DELAYS, Dynamics, Floats, Ints
from churn_saver.policy.state import Decisions, States

TOLERANCE = 1e-6
"""Rounding that is forgiven: in the sum of a row, and as probability of what is closed."""

_FINE, _CONTACT, _COOLDOWN, _OFFER, _OFFER_SUM, _ALLOWANCE, _DELAY, _DELAY_SUM = range(8)
_ENTRY, _SUM = 1, 2
_FAULTS = {
    _CONTACT: ("contact", "a probability"),
    _COOLDOWN: ("contact", "0 in the cooldown: mask it with `open_choices`"),
    _OFFER: ("offer", "probabilities"),
    _OFFER_SUM: ("sum of offer", "1 in every row"),
    _ALLOWANCE: ("contact with an offer above the allowance", "0: mask the offers with `open_choices`"),
    _DELAY: ("delay", "probabilities"),
    _DELAY_SUM: ("sum of delay", "1 in every row"),
}


def checked(dynamics: Dynamics, states: States, decisions: Decisions) -> Decisions:
    """Give the answers free of rounding.

    Raises:
        InputError: not one answer a state, no distribution, a contact in the cooldown, or an offer
            that the customer's allowance does not cover.
    """
    m = len(states)
    contact = _column("contact", decisions.contact, (m,))
    offer = _column("offer", decisions.offer, (m, N_OFFERS))
    delay = _column("delay", decisions.delay, (m, N_DELAYS))
    fault, row, value = _clean(states.wait, states.units, dynamics.offer_units, contact, offer, delay)
    if fault != _FINE:
        name, wanted = _FAULTS[fault]
        raise InputError(
            f"the policy's {name} is {value:.6g} for customer {states.customer[row]} on day "
            f"{states.day[row]} (level {states.level[row]}, protection {states.protection[row]}, wait "
            f"{states.wait[row]}, fatigue {states.fatigue[row]}, units {states.units[row]}), wanted {wanted}"
        )
    return Decisions(contact, offer, delay)


def _column(name: str, answer: Floats, shape: tuple[int, ...]) -> Floats:
    """Copy, because the answer is the policy's own."""
    column = np.array(answer, dtype=np.float64, order="C")
    if column.shape != shape:
        raise InputError(
            f"the policy's {name} has shape {column.shape} for {shape[0]} states, wanted {shape}"
        )
    return column


@compiled
def _clean(
    wait: Ints, units: Ints, offer_units: Ints, contact: Floats, offer: Floats, delay: Floats
) -> tuple[int, int, float]:
    """Take out the rounding in place, up to the first fault: its kind, row and value."""
    for i in range(len(contact)):
        if not 0.0 <= contact[i] <= 1.0 + TOLERANCE:
            return _CONTACT, i, contact[i]
        if wait[i] > 0 and contact[i] > TOLERANCE:
            return _COOLDOWN, i, contact[i]
        contact[i] = 0.0 if wait[i] > 0 else min(contact[i], 1.0)
        fault, value = _normalise(offer[i])
        if fault != _FINE:
            return _OFFER if fault == _ENTRY else _OFFER_SUM, i, value
        uncovered = _cover(offer[i], units[i], offer_units)
        if contact[i] * uncovered > TOLERANCE:
            return _ALLOWANCE, i, contact[i] * uncovered
        fault, value = _normalise(delay[i])
        if fault != _FINE:
            return _DELAY if fault == _ENTRY else _DELAY_SUM, i, value
    return _FINE, 0, 0.0


@compiled
def _normalise(row: Floats) -> tuple[int, float]:
    """Divide by the sum; a fault is an entry below 0 or a sum that is not 1, and NaN is both."""
    total = 0.0
    for x in row:
        if not x >= 0.0:
            return _ENTRY, x
        total += x
    if not abs(total - 1.0) <= TOLERANCE:
        return _SUM, total
    for j in range(len(row)):
        row[j] /= total
    return _FINE, total


@compiled
def _cover(row: Floats, units: int, offer_units: Ints) -> float:
    """Take out the offers that the units do not cover; give the probability that they had."""
    uncovered = 0.0
    for k in range(len(row)):
        if offer_units[k] > units:
            uncovered += row[k]
            row[k] = 0.0
    if 1.0 - uncovered > TOLERANCE:
        for k in range(len(row)):
            row[k] /= 1.0 - uncovered
    else:  # only without a contact: which offer stands here makes no difference
        row[0] = 1.0
    return uncovered

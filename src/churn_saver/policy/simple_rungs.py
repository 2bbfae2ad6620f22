"""The simple rungs of the ladder: rules that a company could write down, with one number to tune.

Each keeps to the cooldown, the cap and the allowance. Without a contact it looks again after a
constant delay, in the cooldown and after a contact as soon as the next one is open. Knows nothing of
budgets, but for `tuned`, which finds the number that spends one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import OFFER_PERCENTS
from churn_saver.domain.progress import Progress
from churn_saver.errors import InputError
from churn_saver.policy.contact_gains import contact_costs, contact_gains
from churn_saver.policy.dynamics import MAX_DELAY_DAYS, N_DELAYS, Dynamics, Floats, Ints
from churn_saver.policy.evaluation import Evaluation, evaluate
from churn_saver.policy.observing import observations
from churn_saver.policy.state import FULL, Decisions, Policy, States, open_choices

IDLE_DELAY = MAX_DELAY_DAYS
"""Delay without a contact: the least looks."""
CLOSE = 3e-3
"""Share of a budget that `tuned` may leave unspent without looking further."""
_MOST_STEPS = 24

Bools = NDArray[np.bool_]


def never(dynamics: Dynamics, idle_delay: int = IDLE_DELAY) -> Policy:
    """Contact nobody."""
    _require(0.0, idle_delay)

    def policy(states: States) -> Decisions:
        nobody = np.zeros(len(states), dtype=bool)
        return _sure(dynamics, states, nobody, np.zeros(len(states), dtype=np.int64), idle_delay)

    return policy


def random_contacts(dynamics: Dynamics, probability: float, idle_delay: int = IDLE_DELAY) -> Policy:
    """Contact whoever is open with one probability, each open offer as likely as the others.

    Chance decides on the contact alone, so the delay is `idle_delay` with a contact too.

    Raises:
        InputError: no probability.
    """
    if not 0.0 <= probability <= 1.0:
        raise InputError(f"the contact probability is {probability}, wanted 0 to 1")
    _require(probability, idle_delay)

    def policy(states: States) -> Decisions:
        contact, offers = open_choices(dynamics, states)
        return Decisions(
            np.where(contact, probability, 0.0),
            offers / offers.sum(axis=1, keepdims=True),
            np.eye(N_DELAYS)[_delays(dynamics, states, np.zeros_like(contact), idle_delay)],
        )

    return policy


def risk_threshold(
    dynamics: Dynamics, threshold: float, offer_pct: int = 10, idle_delay: int = IDLE_DELAY
) -> Policy:
    """Contact above a churn risk, with one offer or the next lower one that is open.

    Args:
        dynamics: The campaign.
        threshold: Contact strictly above this 30-day risk, protection included.
        offer_pct: The offer, whole per cent.
        idle_delay: Delay without a contact.

    Raises:
        InputError: the offer is not on the ladder.
    """
    return _above(dynamics, lambda states: _risk(dynamics, states), threshold, offer_pct, idle_delay)


def risk_value(
    dynamics: Dynamics, threshold_minor: float, offer_pct: int = 10, idle_delay: int = IDLE_DELAY
) -> Policy:
    """Contact where churn risk times the bill is above a sum of money; else as `risk_threshold`."""

    def at_stake(states: States) -> Floats:
        return _risk(dynamics, states) * dynamics.bill_minor[states.customer]

    return _above(dynamics, at_stake, threshold_minor, offer_pct, idle_delay)


def greedy(
    dynamics: Dynamics, never_values: Floats, least_gain_minor: float = 0.0, idle_delay: int = IDLE_DELAY
) -> Policy:
    """Contact where the best open offer gains more than a sum, seen as the last contact ever."""

    def beyond(states: States) -> Floats:
        return contact_gains(dynamics, never_values, states) - least_gain_minor

    return _best(dynamics, beyond, least_gain_minor, idle_delay)


def knapsack(dynamics: Dynamics, never_values: Floats, price: float, idle_delay: int = IDLE_DELAY) -> Policy:
    """Contact where gain less price times expected cost is above 0, with the offer of the most."""

    def priced(states: States) -> Floats:
        return contact_gains(dynamics, never_values, states) - price * contact_costs(dynamics, states)

    return _best(dynamics, priced, price, idle_delay)


@dataclass(frozen=True, slots=True)
class Tuned:
    """A rung with the number that spends a budget."""

    scalar: float
    policy: Policy
    evaluation: Evaluation


def tuned(
    dynamics: Dynamics,
    make_policy: Callable[[float], Policy],
    budget_per_customer_minor: float,
    low: float,
    high: float,
    *,
    prune: float = 0.0,
    progress: Progress | None = None,
    settles: bool = False,
) -> Tuned:
    """Find the number within a range whose policy spends most without overspending.

    By interpolation of the spend, and by halving every third time: a rule's spend moves in jumps.

    Args:
        dynamics: The campaign.
        make_policy: The rung for a number; spend may rise or fall with it.
        budget_per_customer_minor: Exact mean spend is kept at or below it.
        low: One end of the range.
        high: The other one.
        prune: As in `evaluate`; a search needs no certificate.
        progress: Told the evaluations; there may be fewer.
        settles: Where both ends overspend, give the thriftier one: it will be told to be infeasible.

    Returns:
        Where both ends fit the budget, the end that spends more.

    Raises:
        InputError: both ends overspend, and it does not settle for that.
    """

    def at(scalar: float, done: int) -> Tuned:
        policy = make_policy(scalar)
        if progress is not None:
            progress("tuning", done, 2 + _MOST_STEPS)
        return Tuned(scalar, policy, evaluate(dynamics, policy, prune=prune))

    thrifty, lavish = sorted((at(low, 0), at(high, 1)), key=_spend)
    if _spend(thrifty) > budget_per_customer_minor:
        if settles:
            return thrifty
        raise InputError(
            f"the rung spends {_spend(thrifty):.2f} minor units per customer at {thrifty.scalar:g} and more "
            f"at {lavish.scalar:g}, wanted at most {budget_per_customer_minor:.2f}: give a wider range"
        )
    if _spend(lavish) <= budget_per_customer_minor:
        return lavish
    fits, exceeds = thrifty, lavish
    for done in range(_MOST_STEPS):
        if _spend(fits) >= (1.0 - CLOSE) * budget_per_customer_minor:
            break
        share = 0.5 if done % 3 == 2 else _share(fits, exceeds, budget_per_customer_minor)
        middle = at(fits.scalar + share * (exceeds.scalar - fits.scalar), 2 + done)
        if _spend(middle) <= budget_per_customer_minor:
            fits = middle
        else:
            exceeds = middle
    return fits


def _share(fits: Tuned, exceeds: Tuned, budget_minor: float) -> float:
    """Say how far between two numbers the budget lies if the spend runs straight, a little short of it."""
    wanted = (1.0 - CLOSE / 2) * budget_minor - _spend(fits)
    return min(max(wanted / (_spend(exceeds) - _spend(fits)), 0.02), 0.98)


def _spend(rung: Tuned) -> float:
    return float(rung.evaluation.spend.mean())


def _risk(dynamics: Dynamics, states: States) -> Floats:
    return observations(dynamics, states)[:, FULL.index("churn_risk")].astype(np.float64)


def _above(
    dynamics: Dynamics,
    worth: Callable[[States], Floats],
    threshold: float,
    offer_pct: int,
    idle_delay: int,
) -> Policy:
    """Contact where a worth is above a threshold."""
    if offer_pct not in OFFER_PERCENTS:
        raise InputError(f"offer_pct is {offer_pct}, wanted one of {OFFER_PERCENTS}")
    _require(threshold, idle_delay)
    wanted_offer = OFFER_PERCENTS.index(offer_pct)

    def policy(states: States) -> Decisions:
        contact, offers = open_choices(dynamics, states)
        rungs = np.where(offers[:, : wanted_offer + 1], np.arange(wanted_offer + 1), -1)
        offer = rungs.max(axis=1)
        wanted = contact & (offer >= 0) & (worth(states) > threshold)
        return _sure(dynamics, states, wanted, np.maximum(offer, 0), idle_delay)

    return policy


def _best(dynamics: Dynamics, worth: Callable[[States], Floats], scalar: float, idle_delay: int) -> Policy:
    """Contact where the best open offer's worth, made with a scalar, is above 0."""
    _require(scalar, idle_delay)

    def policy(states: States) -> Decisions:
        contact, offers = open_choices(dynamics, states)
        open_worth = np.where(offers, worth(states), -np.inf)
        offer = open_worth.argmax(axis=1)
        wanted = contact & (open_worth.max(axis=1) > 0.0)
        return _sure(dynamics, states, wanted, offer, idle_delay)

    return policy


def _require(scalar: float, idle_delay: int) -> None:
    if not np.isfinite(scalar):
        raise InputError(f"the rung's number is {scalar}, wanted a number; tune it or give one")
    if not 0 <= idle_delay <= MAX_DELAY_DAYS:
        raise InputError(f"idle_delay is {idle_delay}, wanted a delay of 0 to {MAX_DELAY_DAYS} days")


def _sure(dynamics: Dynamics, states: States, contact: Bools, offer: Ints, idle_delay: int) -> Decisions:
    return Decisions.sure(contact, offer, _delays(dynamics, states, contact, idle_delay))


def _delays(dynamics: Dynamics, states: States, contact: Bools, idle_delay: int) -> Ints:
    """Give the delay after which the next contact is open, and the constant one where it is."""
    wait = np.where(contact, dynamics.cooldown_days, states.wait)
    delays: Ints = np.where(contact | (wait > 0), np.clip(wait - 1, 0, MAX_DELAY_DAYS), idle_delay)
    return delays

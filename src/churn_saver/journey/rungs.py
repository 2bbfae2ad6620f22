"""The rungs of the ladder: by its name in serve.yaml, what each would do about n customers.

A rung sees scores, worths, costs and what is allowed, and gives a choice for everybody; another rung
is another function in `_RUNGS`. Without predictors nothing has a worth, and the propensity rule
decides whatever the name. Knows no holdout, no exploration, no text and no ledger; of the budget it
knows the price at most, so what it wants may not fit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import N_CHOICES, NO_CONTACT, Reason
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.errors import ConfigError, listed, quoted
from churn_saver.journey.appraisal import Appraisal, Rules
from churn_saver.policy import knapsack
from churn_saver.policy.baseline import offer_at_most, propensity_rule

RISK_VALUE_OFFER_PCT = 10
"""What `risk_value` offers, whole per cent: as the ladder compares it."""
Price: TypeAlias = float | NDArray[np.float64]
"""λ for all, or one for each customer, (n,)."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a rung wants for n customers, before arm and text."""

    choice: NDArray[np.int8]
    """(n,), 0..4."""
    probability: NDArray[np.float64]
    """Of the choice, (n,)."""
    unwanted: NDArray[np.int64]
    """`Reason` flags the rung gives for declining, (n,)."""
    delay_days: NDArray[np.int8]
    """Decide again after 1 + this many days, (n,), 0..7; 0 of a rung that has no say in it."""
    policy: str
    chances: NDArray[np.float64] | None = None
    """Of every choice under the rung, (n, 5); None: it draws nothing, so its choice is certain."""


def choose(name: str, appraisal: Appraisal, price: Price, rules: Rules) -> Chosen:
    """Let a rung choose.

    Args:
        name: As in serve.yaml.
        appraisal: n customers.
        price: λ, margin that one unit of budget must bring; some rungs ask for it.
        rules: Settings.

    Raises:
        ConfigError: as `require`.
    """
    if appraisal.values is None:
        return _propensity_rule(appraisal, price, rules)
    require(name)
    return _RUNGS[name](appraisal, price, rules)


def require(name: str) -> None:
    """Refuse a name under which nothing can decide.

    Raises:
        ConfigError: no rung has this name, or one has it and lacks something; names what is there.
    """
    if name in _RUNGS:
        return
    lacks = f"cannot serve: it needs {_LACKING[name]}" if name in _LACKING else "is no rung of the ladder"
    raise ConfigError(
        f"policy {quoted(name)} {lacks}. Set policy in serve.yaml to one of: {listed(sorted(_RUNGS))}."
    )


def _propensity_rule(appraisal: Appraisal, price: Price, rules: Rules) -> Chosen:  # noqa: ARG001
    """Contact who is likely to leave, with one offer: the rung that needs no artefact."""
    choice, unwanted = propensity_rule(
        appraisal.customers,
        appraisal.churn_risk,
        appraisal.standing.allowed,
        rules.serve.risk_threshold,
        rules.serve.propensity_offer_pct,
    )
    return _certain(choice, unwanted, "propensity_rule")


def _risk_value(appraisal: Appraisal, price: Price, rules: Rules) -> Chosen:  # noqa: ARG001
    """Contact where the bill that is likely to be lost is above a threshold; 10 %, or what is open below."""
    at_stake = appraisal.churn_risk * appraisal.customers.bill_minor
    wanted = at_stake > rules.serve.risk_value_threshold * MINOR_PER_UNIT
    offer = offer_at_most(appraisal.standing.allowed, RISK_VALUE_OFFER_PCT)
    choice = np.where(wanted, offer, np.int8(NO_CONTACT))
    return _certain(choice, np.where(wanted, 0, int(Reason.BELOW_THRESHOLD)), "risk_value")


def _knapsack(appraisal: Appraisal, price: Price, rules: Rules) -> Chosen:  # noqa: ARG001
    """Take the contact that gains most at the price of budget."""
    return _at_price(appraisal, price, "knapsack")


def _greedy(appraisal: Appraisal, price: Price, rules: Rules) -> Chosen:  # noqa: ARG001
    """Take the contact that gains most, as if budget were free."""
    return _at_price(appraisal, 0.0, "greedy")


def _never(appraisal: Appraisal, price: Price, rules: Rules) -> Chosen:  # noqa: ARG001
    """Leave everybody alone."""
    n = len(appraisal.customers)
    return _certain(np.zeros(n, dtype=np.int8), np.full(n, int(Reason.NOT_CHOSEN)), "never")


def _random(appraisal: Appraisal, price: Price, rules: Rules) -> Chosen:  # noqa: ARG001
    """Contact a share of those who may be contacted, with any open offer, all alike."""
    campaign, numbers = appraisal.situation.campaign, appraisal.situation.history.decisions_made
    share, contacts = rules.serve.random_share, appraisal.standing.allowed[:, 1:]
    open_offers = contacts.sum(axis=1)
    choice = np.zeros(len(contacts), dtype=np.int8)
    for row in map(int, np.flatnonzero(open_offers) if campaign is not None else ()):
        key = (appraisal.customers.ids[row], int(numbers[row]))
        if campaign is not None and campaign.uniform("random", *key) < share:
            drawn = int(campaign.uniform("random_offer", *key) * open_offers[row])
            choice[row] = 1 + np.flatnonzero(contacts[row])[drawn]
    chances = np.empty((len(contacts), N_CHOICES))
    chances[:, 1:] = contacts * (share / np.maximum(open_offers, 1))[:, None]
    chances[:, NO_CONTACT] = np.where(open_offers > 0, 1 - share, 1.0)
    made = _certain(choice, np.full(len(choice), int(Reason.NOT_CHOSEN)), "random")
    return replace(made, probability=chances[np.arange(len(choice)), choice], chances=chances)


def _at_price(appraisal: Appraisal, price: Price, name: str) -> Chosen:
    assert appraisal.values is not None
    choice = knapsack.choose(appraisal.values.gain, appraisal.costs_minor, appraisal.standing.allowed, price)
    return _certain(choice, np.full(len(choice), int(Reason.NOT_WORTH_IT)), name)


def _certain(choice: NDArray[np.int8], unwanted: NDArray[np.int64], name: str) -> Chosen:
    """Say what a rung wants that draws nothing and has no say in when to decide again."""
    n = len(choice)
    return Chosen(choice, np.ones(n), unwanted, np.zeros(n, dtype=np.int8), name)


_RUNGS: Mapping[str, Callable[[Appraisal, Price, Rules], Chosen]] = {
    "knapsack": _knapsack,
    "propensity_rule": _propensity_rule,
    "risk_value": _risk_value,
    "greedy": _greedy,
    "random": _random,
    "never": _never,
}
_LACKING: Mapping[str, str] = {
    "champion": "a champion that the ladder's gate has recorded",
    "exact": "the exact policy's solution for the campaign at hand",
    **dict.fromkeys(("ppo", "ppo_nine", "ppo_price", "ppo_cloned"), "a trained network"),
}
"""Rungs that serve.yaml can name and nothing stands behind yet, and what they need."""

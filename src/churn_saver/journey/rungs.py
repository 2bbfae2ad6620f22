"""The rungs of the ladder: by its name in serve.yaml, what each would do about n customers.

A rung sees scores, worths, costs and what is allowed, and gives a choice for everybody; another rung
is another function in `_RUNGS`, and a trained one comes with its policy. Without predictors nothing
has a worth, and the propensity rule decides whatever the name. Knows no holdout, no exploration, no
text and no ledger; of the budget it knows the price at most, so what it wants may not fit.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from churn_saver.domain.action import N_CHOICES, NO_CONTACT, Reason
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.errors import ArtifactError, ConfigError, listed, quoted
from churn_saver.journey.appraisal import Appraisal, Rules
from churn_saver.journey.chosen import Chosen, Price, certain
from churn_saver.journey.exact import EXACT, exact_choice
from churn_saver.journey.learned import UPLIFT, learned_gain, uplift_choice
from churn_saver.journey.seating import KNAPSACK
from churn_saver.journey.trained import network_choice
from churn_saver.policy import knapsack
from churn_saver.policy.baseline import offer_at_most, propensity_rule
from churn_saver.policy.dynamics import N_DELAYS
from churn_saver.policy.reward import Floats

NEVER = "never"
"""The rung below all others: it needs nothing."""
RISK_VALUE_OFFER_PCT = 10
"""What `risk_value` offers, whole per cent: as the ladder compares it."""


def choose(appraisal: Appraisal, price: Price, rules: Rules) -> Chosen:
    """Let the decider choose.

    Args:
        appraisal: n customers.
        price: λ, margin that one unit of budget must bring, on the decider's own scale; some rungs ask
            for it.
        rules: Settings, with who decides.

    Raises:
        ConfigError: as `require`, or the exact policy lacks a package.
        ArtifactError: the decider wants what is closed, or nothing that there is.
    """
    decider = rules.decider
    if decider.rung != NEVER and appraisal.values is None:
        made = _propensity_rule(appraisal, price, rules)
    elif decider.policy is not None:
        made = network_choice(appraisal, price, decider, decider.policy, rules.env)
    elif decider.effects is not None and appraisal.values is not None:
        made = uplift_choice(appraisal, appraisal.values, price, decider, decider.effects, rules.env)
    else:
        require(decider.rung)
        made = _RUNGS[decider.rung](appraisal, price, rules)
    _require_open(made, appraisal, decider.label)
    return replace(made, prices=price)


def priced_gain(appraisal: Appraisal, rules: Rules) -> Floats | None:
    """Give what the decider weighs against the price of budget, for solving that price over a table.

    Args:
        appraisal: n customers.
        rules: Settings, with who decides.

    Returns:
        Gain of each choice, minor units, (n, 5); None: nothing has a worth, or the decider asks for no such
        price.
    """
    if appraisal.values is None:
        return None
    if rules.decider.effects is not None:
        return learned_gain(appraisal, appraisal.values, rules.decider.effects, rules.env)
    return appraisal.values.gain if rules.decider.rung == KNAPSACK else None


def require(name: str) -> None:
    """Refuse a name under which nothing can decide without more than the name.

    Raises:
        ConfigError: no rung has this name, or one has it and lacks something; names what is there.
    """
    if name in _RUNGS:
        return
    lacks = f"cannot serve: it needs {_LACKING[name]}" if name in _LACKING else "is no rung of the ladder"
    raise ConfigError(
        f"policy {quoted(name)} {lacks}. Set policy in serve.yaml to one of: {listed(sorted(_RUNGS))}."
    )


def _require_open(made: Chosen, appraisal: Appraisal, label: str) -> None:
    """Hold what a rung wants against what the gates leave open: it may be anybody's artefact."""
    rows, choice, delay = np.arange(len(appraisal.customers)), made.choice, made.delay_days
    known = (choice >= 0) & (choice < N_CHOICES)
    wrong = ~known | ~appraisal.standing.allowed[rows, np.where(known, choice, 0)]
    wrong |= (delay < 0) | (delay >= N_DELAYS)
    if wrong.any():
        raise ArtifactError(
            f"policy {label} wants for {int(wrong.sum()):,} of {len(rows):,} customers what the gates have "
            "closed, or what is no choice. Measure it again: make bench-policy"
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
    return certain(choice, unwanted, "propensity_rule")


def _risk_value(appraisal: Appraisal, price: Price, rules: Rules) -> Chosen:  # noqa: ARG001
    """Contact where the bill that is likely to be lost is above a threshold; 10 %, or what is open below."""
    at_stake = appraisal.churn_risk * appraisal.customers.bill_minor
    wanted = at_stake > rules.serve.risk_value_threshold * MINOR_PER_UNIT
    offer = offer_at_most(appraisal.standing.allowed, RISK_VALUE_OFFER_PCT)
    choice = np.where(wanted, offer, np.int8(NO_CONTACT))
    return certain(choice, np.where(wanted, 0, int(Reason.BELOW_THRESHOLD)), "risk_value")


def _knapsack(appraisal: Appraisal, price: Price, rules: Rules) -> Chosen:  # noqa: ARG001
    """Take the contact that gains most at the price of budget."""
    return _at_price(appraisal, price, KNAPSACK)


def _greedy(appraisal: Appraisal, price: Price, rules: Rules) -> Chosen:  # noqa: ARG001
    """Take the contact that gains most, as if budget were free."""
    return _at_price(appraisal, 0.0, "greedy")


def _never(appraisal: Appraisal, price: Price, rules: Rules) -> Chosen:  # noqa: ARG001
    """Leave everybody alone."""
    n = len(appraisal.customers)
    return certain(np.zeros(n, dtype=np.int8), np.full(n, int(Reason.NOT_CHOSEN)), NEVER)


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
    made = certain(choice, np.full(len(choice), int(Reason.NOT_CHOSEN)), "random")
    return replace(made, probability=chances[np.arange(len(choice)), choice], chances=chances)


def _at_price(appraisal: Appraisal, price: Price, name: str) -> Chosen:
    assert appraisal.values is not None
    choice = knapsack.choose(appraisal.values.gain, appraisal.costs_minor, appraisal.standing.allowed, price)
    return certain(choice, np.full(len(choice), int(Reason.NOT_WORTH_IT)), name)


_RUNGS: Mapping[str, Callable[[Appraisal, Price, Rules], Chosen]] = {
    KNAPSACK: _knapsack,
    "propensity_rule": _propensity_rule,
    "risk_value": _risk_value,
    "greedy": _greedy,
    "random": _random,
    NEVER: _never,
    EXACT: exact_choice,
}
_LACKING: Mapping[str, str] = {
    "champion": "a champion that the ladder's gate has recorded",
    UPLIFT: "effects learned from a log, churn-saver train-uplift",
    **dict.fromkeys(("ppo", "ppo_nine", "ppo_price", "ppo_cloned"), "a trained network"),
}
"""Names in serve.yaml that need more than their name, and what: `opening` finds it."""

"""The rung that learned from a log whom a contact moves: the knapsack's choice, of another gain.

    gain_k = e_k(x) · V  −  c  −  a_k · d_k        minor units

e_k is the learned effect of offer k on the chance to be a customer so many days after the decision, the
log's own window. V is what a customer who is there on that day is worth from then on, never contacted:
the expectation that the simulator's gain is held against, of the same risk, over the days that are left
after the window. c is the contact, a_k the chance that the offer is accepted, d_k its discount: the
acceptance model says what an offer costs and no longer what it does. What a customer who is kept pays
inside the window is not counted, so the gain errs on the low side.

The unit is that of the simulator's gain, margin for the budget spent, so one price λ serves both. An offer
that was not learned is never worth it. What a second contact does the log does not say: it counts as a
first one, only its acceptance is rarer.
"""

import numpy as np

from churn_saver.config import EnvSettings
from churn_saver.domain.action import N_CHOICES, OFFER_PERCENTS, Reason
from churn_saver.domain.customer import Customers
from churn_saver.domain.money import discount_minor
from churn_saver.evidence.learner import LearnedEffects
from churn_saver.journey.appraisal import Appraisal, horizon_left
from churn_saver.journey.chosen import Chosen, Price, certain
from churn_saver.journey.decider import Decider
from churn_saver.policy import knapsack
from churn_saver.policy.reward import ContactValues, Floats, staying_value
from churn_saver.tabular.boosting import Matrix
from churn_saver.tabular.features import encode
from churn_saver.tabular.predictors import CHURN_RISK

UPLIFT = "uplift"


def known_of(customers: Customers, churn_risk: Floats, names: tuple[str, ...]) -> Matrix:
    """Encode what the effects are learned from: for training and for serving alike.

    Args:
        customers: n of them.
        churn_risk: As scored, (n,), NaN: not known.
        names: Columns: `CHURN_RISK`, and columns of `tabular.features`.

    Shapes: → (n, d).

    Raises:
        InputError: a name that is none of these.
    """
    x = np.full((len(customers), len(names)), np.nan, dtype=np.float32)
    encoded = [place for place, name in enumerate(names) if name != CHURN_RISK]
    x[:, encoded] = encode(customers, tuple(names[place] for place in encoded))
    x[:, [place for place, name in enumerate(names) if name == CHURN_RISK]] = churn_risk[:, None]
    return x


def learned_gain(
    appraisal: Appraisal, values: ContactValues, effects: LearnedEffects, env: EnvSettings
) -> Floats:
    """Value every choice by what was learned, less its expected cost.

    Args:
        appraisal: n customers, scored.
        values: Theirs, for the chances of acceptance.
        effects: What was learned.
        env: The portfolio, for what a customer is worth.

    Returns:
        Minor units, (n, 5); column 0 is 0; −inf: not learned, or no score.
    """
    customers = appraisal.customers
    x = known_of(customers, appraisal.churn_risk, effects.names)
    kept = effects.learner.effects(x)
    stake = stakes(appraisal, effects.days, env)
    gain = np.full((len(customers), N_CHOICES), -np.inf)
    gain[:, 0] = 0.0
    for arm, choice in enumerate(effects.choices[1:], start=1):
        discount = discount_minor(OFFER_PERCENTS[choice - 1], customers.bill_minor)
        cost = env.contact_cost_minor + values.accept_effective[:, choice - 1] * discount
        worth = kept[:, arm] * stake - cost
        gain[:, choice] = np.where(np.isnan(worth), -np.inf, worth)
    return gain


def stakes(appraisal: Appraisal, days: int, env: EnvSettings) -> Floats:
    """Give V: what a customer who is there `days` after the decision is worth from then on, (n,).

    Units: minor units; NaN where nothing could score.
    """
    left = max(horizon_left(appraisal.situation, env) - days, 0)
    usual = appraisal.situation.history.usual_risk
    return staying_value(appraisal.churn_risk, usual, appraisal.customers.bill_minor, left, env)


def uplift_choice(
    appraisal: Appraisal,
    values: ContactValues,
    price: Price,
    decider: Decider,
    effects: LearnedEffects,
    env: EnvSettings,
) -> Chosen:
    """Take the contact whose learned gain is the most at the price of budget.

    Args:
        appraisal: n customers, scored.
        values: As in `learned_gain`.
        price: λ.
        decider: For its label.
        effects: What was learned.
        env: As in `learned_gain`.
    """
    gain = learned_gain(appraisal, values, effects, env)
    choice = knapsack.choose(gain, appraisal.costs_minor, appraisal.standing.allowed, price)
    return certain(choice, np.full(len(choice), int(Reason.NOT_WORTH_IT)), decider.label)

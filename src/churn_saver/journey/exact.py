"""The exact single-price policy as a rung: each customer's best plan, worked out anew, for small campaigns.

A customer is put into the nearest state of the model: usual risk from the stored scores (never seen: the
score is the mean over the levels), the level whose shift is nearest, days of protection, days to the end
of the cooldown, contacts of the period, units left. A state that the model cannot come to (a contact before
the campaign began) is taken as the nearest one with fewer contacts.
Knows no budget: the price has been found. Needs numba, which is imported when it decides.
"""

from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from churn_saver.config import CapsSettings, EnvSettings
from churn_saver.domain.action import N_OFFERS, NO_CONTACT, Reason
from churn_saver.domain.campaign import Campaign
from churn_saver.errors import ConfigError
from churn_saver.journey.appraisal import Appraisal, Rules
from churn_saver.journey.chosen import Chosen, Price, certain
from churn_saver.journey.observing import day_of, days_since_contact, protection_left, seeable
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.levels import RiskLevels, logit
from churn_saver.policy.population import Population
from churn_saver.policy.state import States

EXACT = "exact"
MOST_CUSTOMERS = 2_000
"""Customers of one table: some 13 ms each, and the model of each one is worked out for the whole campaign."""
NEEDS_NUMBA = (
    f"policy '{EXACT}' works out every plan with numba, which is not installed: pip install "
    "'churn-saver[rl]', or set policy in serve.yaml to champion or knapsack"
)


def exact_choice(appraisal: Appraisal, price: Price, rules: Rules) -> Chosen:
    """Take each customer's best answer at a price; where the gates close its offer, the next lower one.

    Args:
        appraisal: n customers, with scores.
        price: λ, at which the exact policy meets the budget.
        rules: Settings.

    Raises:
        ConfigError: numba is not installed.
    """
    n, campaign = len(appraisal.customers), appraisal.situation.campaign
    choice, delay = np.zeros(n, dtype=np.int8), np.zeros(n, dtype=np.int8)
    rows = np.flatnonzero(seeable(appraisal))
    if campaign is not None and len(rows):
        wanted, offer, later = _answers(appraisal, rows, campaign, float(np.max(price)), rules.env)
        allowed = appraisal.standing.allowed[rows, 1:] & (np.arange(N_OFFERS) <= offer[:, None])
        highest = N_OFFERS - allowed[:, ::-1].argmax(axis=1)
        made = wanted & allowed.any(axis=1)
        choice[rows] = np.where(made, highest, NO_CONTACT)
        # The delay belongs to the answer; without its contact another day may bring it.
        delay[rows] = np.where(wanted & ~made, 0, later)
    return certain(choice, np.full(n, int(Reason.NOT_WORTH_IT)), EXACT, delay)


def _answers(
    appraisal: Appraisal, rows: NDArray[np.int64], campaign: Campaign, price: float, env: EnvSettings
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """Give contact, offer and delay for the rows, (m,) each."""
    try:
        from churn_saver.policy.optimum import greedy_actions
        from churn_saver.policy.optimum.reach import reachable
    except ImportError as error:
        raise ConfigError(NEEDS_NUMBA) from error
    assert appraisal.accept is not None
    own = env.model_copy(
        update={"horizon_days": campaign.horizon_days, "caps": CapsSettings(**asdict(campaign.caps))}
    )
    usual, level = _placed(appraisal, rows, RiskLevels.of(own))
    population = Population(usual, appraisal.accept[rows], appraisal.customers.bill_minor[rows])
    dynamics = Dynamics.of(population, own)
    valued = reachable(dynamics, 1 + dynamics.contact_cap).max(axis=1)
    protection = protection_left(appraisal, env.protected_days)[rows]
    decided = greedy_actions(dynamics, price, _states(appraisal, rows, campaign, level, protection, valued))
    return decided.contact > 0.0, decided.offer.argmax(axis=1), decided.delay.argmax(axis=1)


def _placed(
    appraisal: Appraisal, rows: NDArray[np.int64], levels: RiskLevels
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the usual log-odds and the nearest level of each row, (m,) each."""
    risk, seen = appraisal.churn_risk[rows], appraisal.situation.history.usual_risk[rows]
    usual = np.where(np.isnan(seen), levels.calibrated_logit(risk), logit(seen))
    apart = np.abs((logit(risk) - usual)[:, None] - np.array(levels.shifts))
    return usual, apart.argmin(axis=1)


def _states(
    appraisal: Appraisal,
    rows: NDArray[np.int64],
    campaign: Campaign,
    level: NDArray[np.int64],
    protection: NDArray[np.int64],
    valued: NDArray[np.int64],
) -> States:
    """Put the rows into states that the model can come to.

    Args:
        appraisal: All customers.
        rows: Those wanted, (m,).
        campaign: Of the appraisal.
        level: Of each row, (m,).
        protection: Days of each row, (m,).
        valued: 1 + most days of protection that can be met, by day, contacts and units, (H, F,
            1 + allowance); 0: nobody.
    """
    caps, day = campaign.caps, day_of(appraisal.situation) or 0
    wait = (caps.cooldown_days - days_since_contact(appraisal, caps.cooldown_days)[rows]).astype(np.int64)
    most, met = valued.shape[1] - 1, valued[day] > 0
    fatigue = np.minimum(appraisal.standing.fatigue[rows], most).astype(np.int64)
    used = np.minimum(appraisal.situation.history.units_used[rows], caps.allowance_units)
    units = caps.allowance_units - used
    for _ in range(most):
        fatigue = np.where(met[fatigue, units], fatigue, np.maximum(fatigue - 1, 0))
    units = np.where(met[fatigue, units], units, caps.allowance_units)
    where = np.full(len(rows), day)
    protection = np.minimum(protection, valued[day, fatigue, units] - 1)
    return States(np.arange(len(rows)), where, level, protection, wait, fatigue, units)

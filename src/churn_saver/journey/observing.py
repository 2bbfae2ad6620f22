"""Show n customers to a trained policy: the columns of `policy.state.FULL`, from what the store knows.

The same columns as the simulator's (`policy.observing`), each from what stands for it here:

    churn_risk          the score now, less what the protection takes off it over 30 days
    accept_prob_0..3    as predicted, when rested
    budget_remaining    1 − units used / allowance, 0 to 1; 0 where there is no allowance
    days_since_contact  whole days, at most the cooldown; never is the cooldown
    cooldown_active     0 or 1
    fatigue_count       contacts this fixed 30-day period, by our count or the caller's
    value               bill, currency units
    time_left           days left over the campaign's days
    protection_left     days that an accepted offer still protects, the longest of several
    day_in_period       whole days since the campaign began, mod 30
    risk_shift          logit of the score now, unprotected, − that of the usual score; 0 when never seen
    price               λ, for a policy that sees it

Rows that no policy has ever seen the like of (no score, no bill) get a stand-in, and `seeable` says no.
Knows nothing of what a policy makes of it.
"""

import numpy as np
from numpy.typing import NDArray

from churn_saver.config import EnvSettings
from churn_saver.domain.campaign import PERIOD_DAYS, Campaign
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.journey.appraisal import Appraisal, Situation
from churn_saver.policy.levels import MIN_RISK, RISK_DAYS, logit
from churn_saver.policy.protection import days_left
from churn_saver.policy.state import FULL, PRICE, Matrix

_STAND_IN = 0.5
"""Score of a row that has none."""


def observed(
    appraisal: Appraisal, campaign: Campaign, names: tuple[str, ...], price: float, env: EnvSettings
) -> Matrix:
    """Give what a policy sees of n customers.

    Args:
        appraisal: With scores and acceptances.
        campaign: Of the appraisal.
        names: Columns wanted: the first ones of `FULL`, or all of them and the price.
        price: λ, where it is among them.
        env: How long an accepted offer protects, and how well.

    Shapes: → (n, len(names)).
    """
    assert appraisal.accept is not None
    gates, history = appraisal.standing, appraisal.situation.history
    caps, day = campaign.caps, day_of(appraisal.situation) or 0
    seen = np.zeros((len(appraisal.customers), len(FULL) + 1), dtype=np.float32)
    known = seeable(appraisal)
    risk = np.where(known, appraisal.churn_risk, _STAND_IN)
    protection = protection_left(appraisal, env.protected_days)
    seen[:, 0] = _protected(risk, protection, env.hazard_factor)
    seen[:, 1:5] = np.where(known[:, None], appraisal.accept, _STAND_IN)
    if caps.allowance_units:
        seen[:, 5] = np.clip(1.0 - history.units_used / caps.allowance_units, 0.0, 1.0)
    seen[:, 6] = days_since_contact(appraisal, caps.cooldown_days)
    seen[:, 7] = gates.days_since_contact < caps.cooldown_days
    seen[:, 8] = gates.fatigue
    seen[:, 9] = np.maximum(appraisal.customers.bill_minor, 1) / MINOR_PER_UNIT
    seen[:, 10] = (campaign.horizon_days - day) / campaign.horizon_days
    seen[:, 11] = protection
    seen[:, 12] = day % PERIOD_DAYS
    usual = np.where(np.isnan(history.usual_risk), risk, history.usual_risk)
    seen[:, 13] = logit(risk) - logit(usual)
    seen[:, 14] = price
    return seen if names[-1] == PRICE else seen[:, : len(names)]


def seeable(appraisal: Appraisal) -> NDArray[np.bool_]:
    """Say for which customers there is something to see, (n,): they have scores, and a bill to keep."""
    assert appraisal.accept is not None
    scored = np.isfinite(appraisal.churn_risk) & np.isfinite(appraisal.accept).all(axis=1)
    return scored & (appraisal.customers.bill_minor > 0)


def protection_left(appraisal: Appraisal, protected_days: tuple[int, ...]) -> NDArray[np.int64]:
    """Give the whole days that accepted offers still protect, (n,): the longest, they are not added up."""
    return days_left(appraisal.situation.history.days_since_accepted, protected_days)


def _protected(
    risk: NDArray[np.float64], protection: NDArray[np.int64], hazard_factor: float
) -> NDArray[np.float64]:
    """Give the 30-day risk when its first days are protected, (n,); the others keep theirs to the bit."""
    inside = np.minimum(protection, RISK_DAYS)
    stays = (1.0 - risk) ** ((hazard_factor * inside + RISK_DAYS - inside) / RISK_DAYS)
    return np.where(inside > 0, np.clip(1.0 - stays, MIN_RISK, 1.0 - MIN_RISK), risk)


def days_since_contact(appraisal: Appraisal, cooldown_days: int) -> NDArray[np.float64]:
    """Give whole days since the last contact, (n,), at most the cooldown: a cooldown ends with a day."""
    days: NDArray[np.float64] = np.floor(np.minimum(appraisal.standing.days_since_contact, cooldown_days))
    return days


def day_of(situation: Situation) -> int | None:
    """Give the whole days since the campaign began, 0 to its last day; None without a campaign."""
    campaign = situation.campaign
    if campaign is None:
        return None
    return campaign.horizon_days - min(campaign.days_left(situation.now), campaign.horizon_days)

"""What one contact is worth: its value now and no contact after it, minus never contacting.

The exact expectation of the simulated portfolio, no Monte Carlo. The convention of a day, which
every part of this package shares: a customer at level s first survives the day, with
probability exp(−H_s), or exp(−hazard_factor · H_s) while protected; a survivor earns margin / 30;
then the level moves. After the last day a survivor is worth `terminal_months` margins. A contact
comes before the first day: annoyance may end it all at once, else the offer may be accepted, which
costs the discount and protects from the first day on. Where an earlier offer protects already, it does so
whether there is a contact or not, and an accepted one is worth only what it protects longer.

Knows nothing of budgets, caps or consent. Source: ops/configs/env.yaml, which are assumptions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from churn_saver.config import EnvSettings
from churn_saver.domain.action import N_CHOICES, N_OFFERS, OFFER_PERCENTS
from churn_saver.domain.money import discount_minor
from churn_saver.errors import InputError
from churn_saver.policy.levels import MIN_RISK, RISK_DAYS, RiskLevels, logit
from churn_saver.policy.protection import retained

_NODES = 1_601
"""Knots over the logit: at 90 days the spline is within 1e-9 margins of the recursion."""
_CHUNK = 16_384
"""Rows worked on at a time, so that what lies between input and output fits the cache."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ContactValues:
    """What each choice does for n customers."""

    gain: Floats
    """Over never contacting, less expected cost, minor units, (n, 5); column 0 is 0; −inf: no score."""
    accept_effective: Floats
    """Chance that each offer is accepted, fatigue included, (n, 4)."""
    retention: Floats
    """Chance to be a customer in 30 days under each choice, (n, 5); NaN: no score."""


@dataclass(frozen=True, slots=True)
class _ValueTable:
    """Values in units of one month's margin, as cubic pieces over the logit of the risk."""

    nodes: Floats
    """Knots, evenly spaced, (G,)."""
    pieces: Floats
    """[piece and start, power 3..0, choice]: ((G − 1)(L + 1), 4, 5). Start s < L is level s with
    the node as usual logit; start L is 'never seen' with the node as logit of the score. Choice 0
    is never contacting, with the protection there is; 1 + k what offer k adds to it."""
    starts: int
    """L + 1."""


def contact_values(
    churn_risk: Floats,
    usual_risk: Floats,
    accept: Floats,
    fatigue: Floats,
    bill_minor: NDArray[np.int64],
    days_left: int,
    env: EnvSettings,
    protection: NDArray[np.int64] | None = None,
) -> ContactValues:
    """Value each choice for each customer; a row gives the same bits alone and in a batch.

    Args:
        churn_risk: 30-day probability now, (n,); NaN where nothing could score: never worth it.
        usual_risk: Median of the customer's own earlier scores, (n,); NaN: never seen.
        accept: Chance to accept each offer when rested, (n, 4).
        fatigue: Contacts already made in the period, (n,).
        bill_minor: Next monthly bill, (n,), minor units.
        days_left: Days to the end of the campaign.
        env: The assumed effects.
        protection: Days that an offer accepted earlier still protects, (n,); None: nobody is protected.

    Raises:
        InputError: a probability outside [0, 1], or fewer than one day left.
    """
    if days_left < 1:
        raise InputError(f"days_left is {days_left}, wanted 1 or more: the campaign is over")
    for name, column in (("churn_risk", churn_risk), ("usual_risk", usual_risk), ("accept", accept)):
        if np.any((column < 0.0) | (column > 1.0)):
            raise InputError(f"{name} has values outside 0 to 1, wanted probabilities; check the predictor")
    n = len(churn_risk)
    levels = RiskLevels.of(env)
    result = ContactValues(np.zeros((n, N_CHOICES)), np.empty((n, N_OFFERS)), np.empty((n, N_CHOICES)))
    for rows, shielded in _alike(n, protection):
        table = _value_table(
            levels, env.hazard_factor, env.protected_days, env.terminal_months, days_left, shielded
        )
        rested = np.maximum(0.0, 1.0 - env.fatigue_effect * fatigue[rows])
        stays = 1.0 - np.minimum(1.0, env.annoyance * (1.0 + fatigue[rows]) ** 2)
        taken = accept[rows] * rested[:, None]
        worth = _worth(table, levels, churn_risk[rows], usual_risk[rows])
        result.accept_effective[rows] = taken
        result.gain[rows, 1:] = _gain(worth, taken, stays, bill_minor[rows], env)
        result.retention[rows] = _retention(churn_risk[rows], taken, stays, env, shielded)
    return result


def staying_value(
    churn_risk: Floats,
    usual_risk: Floats,
    bill_minor: NDArray[np.int64],
    days_left: int,
    env: EnvSettings,
) -> Floats:
    """Value who is there and is never contacted: what `contact_values` holds a contact against.

    Args as there, but that no days may be left: then the worth of being there at the end is.

    Returns:
        Expected margin, minor units, (n,); NaN where nothing could score.
    """
    levels = RiskLevels.of(env)
    table = _value_table(levels, env.hazard_factor, env.protected_days, env.terminal_months, days_left, 0)
    bills = np.empty(len(churn_risk))
    for first in range(0, len(bills), _CHUNK):
        rows = slice(first, first + _CHUNK)
        bills[rows] = _worth(table, levels, churn_risk[rows], usual_risk[rows])[:, 0]
    return env.margin_share * bill_minor * bills


def _alike(n: int, protection: NDArray[np.int64] | None) -> Iterator[tuple[slice | NDArray[np.int64], int]]:
    """Give the rows that have so many protected days left, some at a time."""
    if protection is None or not protection.any():
        for first in range(0, n, _CHUNK):
            yield slice(first, first + _CHUNK), 0
        return
    for days in np.unique(protection).tolist():
        own = np.flatnonzero(protection == days)
        for first in range(0, len(own), _CHUNK):
            yield own[first : first + _CHUNK], days


def _gain(
    worth: Floats, taken: Floats, stays: Floats, bill_minor: NDArray[np.int64], env: EnvSettings
) -> Floats:
    """(1 − annoy)·[a·W_prot + (1 − a)·W_never] − W_never − cost, written without cancellation."""
    margin = env.margin_share * bill_minor
    lost = (1.0 - stays) * worth[:, 0] * margin + env.contact_cost_minor
    gain = np.empty_like(taken)
    for k, percent in enumerate(OFFER_PERCENTS):
        kept = margin * worth[:, 1 + k] - discount_minor(percent, bill_minor)
        gain[:, k] = stays * taken[:, k] * kept - lost
    return np.where(np.isnan(gain), -np.inf, gain)


def _retention(risk: Floats, taken: Floats, stays: Floats, env: EnvSettings, shielded: int) -> Floats:
    """Give the 30-day retention, (n, 5): the risk as it is now, without drift."""
    found = np.empty((len(risk), N_CHOICES))
    alone = 1.0 - risk
    found[:, 0] = now = retained(alone, shielded, env.hazard_factor) if shielded else alone
    for k, days in enumerate(env.protected_days):
        longer = retained(alone, max(shielded, days), env.hazard_factor)
        found[:, 1 + k] = stays * (taken[:, k] * longer + (1.0 - taken[:, k]) * now)
    return found


def _worth(table: _ValueTable, levels: RiskLevels, risk: Floats, usual: Floats) -> Floats:
    """Read the table at each customer's start: (n,) → (n, 5), in margins."""
    score = logit(risk)
    seen = ~np.isnan(usual)
    place = np.where(seen, logit(usual), score)
    lower, upper, weight = levels.between(score - place)
    unseen = table.starts - 1
    lower, upper = np.where(seen, lower, unseen), np.where(seen, upper, unseen)
    width = table.nodes[1] - table.nodes[0]
    place = np.where(np.isnan(place), table.nodes[0], place)
    piece = np.clip((place - table.nodes[0]) // width, 0, len(table.nodes) - 2).astype(np.int64)
    step = (place - table.nodes[piece])[:, None]
    low = _cubic(table.pieces[piece * table.starts + lower], step)
    high = _cubic(table.pieces[piece * table.starts + upper], step)
    worth = low + weight[:, None] * (high - low)
    return np.where(np.isnan(score)[:, None], np.nan, worth)


def _cubic(powers: Floats, step: Floats) -> Floats:
    """Evaluate a·x³ + b·x² + c·x + d: (n, 4, 5), (n, 1) → (n, 5)."""
    return ((powers[:, 0] * step + powers[:, 1]) * step + powers[:, 2]) * step + powers[:, 3]


@lru_cache(maxsize=128)
def _value_table(
    levels: RiskLevels,
    hazard_factor: float,
    protected_days: tuple[int, ...],
    terminal_months: float,
    days_left: int,
    shielded: int,
) -> _ValueTable:
    """Run the backward recursion on a grid of logits once for each setting, day and protection left."""
    from scipy.interpolate import CubicSpline  # heavy, and a plain import of this module must not pay it

    edge = float(logit(np.array([1.0 - MIN_RISK]))[0])
    nodes = np.linspace(-edge, edge, _NODES)
    inside = (shielded, *(max(shielded, days) for days in protected_days))
    shape = (levels, hazard_factor, inside, terminal_months, days_left)
    by_level = _recursion(nodes, *shape)
    unseen_logit = levels.calibrated_logit(1.0 / (1.0 + np.exp(-nodes)))
    unseen = np.einsum("s,csn->cn", levels.stationary(), _recursion(unseen_logit, *shape))
    values = np.concatenate([by_level, unseen[:, None, :]], axis=1)  # (5, L + 1, G)
    values[1:] -= values[0]
    powers = CubicSpline(nodes, np.moveaxis(values, (2, 1, 0), (0, 1, 2))).c  # (4, G − 1, L + 1, 5)
    starts = values.shape[1]
    pieces = np.ascontiguousarray(np.moveaxis(powers, 0, 2)).reshape(-1, 4, N_CHOICES)
    return _ValueTable(nodes, pieces, starts)


def _recursion(
    usual_logit: Floats,
    levels: RiskLevels,
    hazard_factor: float,
    protected_days: tuple[int, ...],
    terminal_months: float,
    days_left: int,
) -> Floats:
    """Value of never contacting with each number of protected days left, in margins: (n,) → (5, L, n).

    U_0 = terminal_months;  U_t = survival · (1/30 + P · U_{t−1}).
    """
    transitions = np.array(levels.transitions)
    hazards = levels.daily_hazards(usual_logit)
    survival, shielded = np.exp(-hazards), np.exp(-hazard_factor * hazards)
    protected = [min(days, days_left) for days in protected_days]
    results = np.empty((N_CHOICES, *hazards.shape))
    value = np.full(hazards.shape, terminal_months)
    for day in range(days_left + 1):
        for k, days in enumerate(protected):
            if day == days_left - days:
                inside = value
                for _ in range(days):
                    inside = shielded * (1.0 / RISK_DAYS + transitions @ inside)
                results[k] = inside
        if day < days_left:
            value = survival * (1.0 / RISK_DAYS + transitions @ value)
    return results

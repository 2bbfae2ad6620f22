"""Which states a campaign can reach at all, so that the dynamic programme need not value the others.

A discount that was taken has left the allowance, and protection and fatigue need time to build up:
under the shipped settings about a third of the states can be met. Looks at any day are counted in,
so that whatever policy decided before, its states are here. Knows nothing of money, risk or levels.
"""

import numpy as np

from churn_saver.policy.compiled import compiled
from churn_saver.policy.dynamics import N_DELAYS, Dynamics, Ints

NOWHERE = -1


def reachable(dynamics: Dynamics, n_fatigue: int) -> Ints:
    """Count the protections to value when j days are to pass before the next look.

    Shapes: → (H, 1 + 8, fatigue, 1 + allowance), by day and j: 1 + the most protected days that a
    customer can have whose contact is open again j days later (or not before the end); 0: nobody.
    """
    most = _most_protected(
        dynamics.horizon_days, dynamics.period_days, dynamics.cooldown_days, n_fatigue,
        dynamics.allowance_units, dynamics.protected_days, dynamics.offer_units,
    )  # fmt: skip
    upto = np.maximum.accumulate(most, axis=1)  # by longest wait
    counts = np.empty((dynamics.horizon_days, 1 + N_DELAYS, *most.shape[2:]), dtype=np.int64)
    longest = dynamics.cooldown_days
    for day in range(dynamics.horizon_days):
        for ahead in range(1 + N_DELAYS):
            ends = day + ahead >= dynamics.horizon_days
            counts[day, ahead] = 1 + upto[day, longest if ends else min(ahead, longest)]
    return counts


@compiled
def _most_protected(
    horizon_days: int, period_days: int, cooldown_days: int, n_fatigue: int,
    allowance_units: int, protected_days: Ints, offer_units: Ints,
) -> Ints:  # fmt: skip
    """Walk forward from the start: most protected days by (day, wait, fatigue, units)."""
    most = np.full((horizon_days, 1 + cooldown_days, n_fatigue, 1 + allowance_units), NOWHERE)
    most[0, 0, 0, allowance_units] = 0
    for day in range(horizon_days):
        for fatigue in range(n_fatigue - 1):
            _contact(
                most[day, 0, fatigue], most[day, cooldown_days, fatigue + 1], protected_days, offer_units
            )
        resets = (day + 1) % period_days == 0
        for wait in range(1 + cooldown_days if day + 1 < horizon_days else 0):
            for fatigue in range(n_fatigue):
                _pass_day(most[day, wait, fatigue], most[day + 1, max(wait - 1, 0), 0 if resets else fatigue])
    return most


@compiled
def _contact(most: Ints, after: Ints, protected_days: Ints, offer_units: Ints) -> None:
    """Mark where a contact leads, refused or accepted, by units."""
    for units in range(len(most)):
        if most[units] == NOWHERE:
            continue
        after[units] = max(after[units], most[units])
        for k in range(len(offer_units)):
            left = units - offer_units[k]
            if left >= 0:
                after[left] = max(after[left], most[units], protected_days[k])


@compiled
def _pass_day(most: Ints, after: Ints) -> None:
    """Mark where a day leads, by units."""
    for units in range(len(most)):
        if most[units] != NOWHERE:
            after[units] = max(after[units], most[units] - 1, 0)

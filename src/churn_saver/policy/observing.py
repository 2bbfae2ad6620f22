"""Show the simulated states of customers as a policy sees them.

The service builds the same columns from what the store knows; this is the simulator's and the
evaluation's way, compiled because both ask for millions. Knows nothing of policies.
"""

import numpy as np

from churn_saver.domain.action import N_OFFERS
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.policy.compiled import compiled
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.levels import MIN_RISK, RISK_DAYS
from churn_saver.policy.state import FULL, Floats, Ints, Matrix, States


def observations(dynamics: Dynamics, states: States) -> Matrix:
    """Give what a policy sees in each state. Shapes: → (m, 14), columns as `FULL`."""
    out = np.empty((len(states), len(FULL)), dtype=np.float32)
    write_observations(
        states.customer, states.day, states.level, states.protection, states.wait, states.fatigue,
        states.units,
        dynamics.survival, dynamics.accept, dynamics.bill_minor / MINOR_PER_UNIT, dynamics.shifts,
        dynamics.horizon_days, dynamics.period_days, dynamics.cooldown_days, dynamics.allowance_units, out,
    )  # fmt: skip
    return out


@compiled
def write_observations(
    customer: Ints, day: Ints, level: Ints, protection: Ints, wait: Ints, fatigue: Ints, units: Ints,
    survival: Floats, accept: Floats, bill: Floats, shifts: Floats,
    horizon_days: int, period_days: int, cooldown_days: int, allowance_units: int, out: Matrix,
) -> None:  # fmt: skip
    """Fill `out`, (m, 14), for m states."""
    for i in range(len(customer)):
        c, p = customer[i], protection[i]
        inside = min(p, RISK_DAYS)
        stays = survival[1, c, level[i]] ** inside * survival[0, c, level[i]] ** (RISK_DAYS - inside)
        out[i, 0] = min(max(1.0 - stays, MIN_RISK), 1.0 - MIN_RISK)
        for k in range(N_OFFERS):
            out[i, 1 + k] = accept[c, k]
        out[i, 5] = units[i] / max(allowance_units, 1)
        out[i, 6] = cooldown_days - wait[i]
        out[i, 7] = 1.0 if wait[i] > 0 else 0.0
        out[i, 8] = fatigue[i]
        out[i, 9] = bill[c]
        out[i, 10] = (horizon_days - day[i]) / horizon_days
        out[i, 11] = p
        out[i, 12] = day[i] % period_days
        out[i, 13] = shifts[level[i]]

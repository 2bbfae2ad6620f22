"""The restricted master programme: the best mixture of the plans that are known.

    max mean_i Σ_t w_ti · gain_ti   with   Σ_t w_ti = 1,  mean spend ≤ budget,  mean over ≤ tolerance

Knows nothing of where plans come from. Solved by HiGHS.
"""

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import InputError
from churn_saver.policy.dynamics import Floats
from churn_saver.policy.optimum.certificate import Limits

_EXACT = 1e-10
"""Tightest tolerance that HiGHS takes."""


def best_mixture(
    gain: Floats, spend: Floats, over_cap: Floats, limits: Limits
) -> tuple[Floats, float, float]:
    """Solve the programme.

    Shapes: gain, spend, over_cap (k, n) → weights (k, n). The first row must be zeros: never
    contacting, so that there always is an answer.

    Returns:
        The weights, which keep the limits to rounding, and the dual prices λ and μ.

    Raises:
        InputError: numbers that the solver cannot scale.
    """
    from scipy.optimize import linprog  # heavy, and whoever reads a table alone must not pay it
    from scipy.sparse import csr_array

    k, n = gain.shape
    plan, customer = np.nonzero(_new(gain, spend, over_cap))
    unit = max(float(gain.max(axis=0).mean()), np.finfo(np.float64).tiny)
    rows = [spend[plan, customer] / (n * limits.budget_minor)]
    room = [1.0]
    if limits.over_cap is not None:
        rows.append(over_cap[plan, customer] / n)
        room.append(limits.over_cap)
    solved = linprog(
        -gain[plan, customer] / (n * unit),
        A_ub=np.stack(rows),
        b_ub=np.array(room),
        A_eq=csr_array((np.ones(len(plan)), (customer, np.arange(len(plan)))), shape=(n, len(plan))),
        b_eq=np.ones(n),
        method="highs",
        options={"primal_feasibility_tolerance": _EXACT, "dual_feasibility_tolerance": _EXACT},
    )
    if solved.status != 0:
        raise InputError(
            f"HiGHS mixed no plans of {n} customers after {k - 1} prices ({solved.message}): look for a bill "
            "or a cost far larger than all others"
        )
    weights = np.zeros((k, n))
    weights[plan, customer] = np.maximum(solved.x, 0.0)
    weights /= weights.sum(axis=0)
    duals = np.maximum(-solved.ineqlin.marginals, 0.0) * unit
    price = float(duals[0]) / limits.budget_minor
    return _within(weights, spend, over_cap, limits), price, float(duals[1]) if len(duals) > 1 else 0.0


def _new(gain: Floats, spend: Floats, over_cap: Floats) -> NDArray[np.bool_]:
    """Mark the plans that no earlier plan of the customer equals."""
    new = np.ones(gain.shape, dtype=np.bool_)
    for t in range(1, len(gain)):
        same = (gain[:t] == gain[t]) & (spend[:t] == spend[t]) & (over_cap[:t] == over_cap[t])
        new[t] = ~same.any(axis=0)
    return new


def _within(weights: Floats, spend: Floats, over_cap: Floats, limits: Limits) -> Floats:
    """Take back rounding above a limit: a hair of every plan goes to never contacting."""
    kept = limits.budget_minor / max(float((weights * spend).sum(axis=0).mean()), limits.budget_minor)
    if limits.over_cap is not None:
        over = float((weights * over_cap).sum(axis=0).mean())
        kept = min(kept, limits.over_cap / over if over > limits.over_cap else 1.0)
    held = weights * kept
    held[0] += 1.0 - kept
    return held

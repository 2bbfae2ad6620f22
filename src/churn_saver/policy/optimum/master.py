"""The exact constrained optimum: column generation over the plans of all customers.

The best mixed policy within the limits is a linear programme over every deterministic plan of every
customer. Few plans matter: mix those known as well as can be, price new ones at the dual prices,
repeat. Every price visited also bounds what any policy can earn,

    D(λ, μ) = mean of max over plans (reward − λ · spend − μ · over) + λ · budget + μ · tolerance,

so at any time it is known how far the mixture can be from the optimum. Knows nothing of how a plan
is priced. Source: Dantzig & Wolfe, Decomposition Principle for Linear Programs, Operations Research
8 (1960).
"""

from collections.abc import Sequence

import numpy as np

from churn_saver.domain.progress import Progress
from churn_saver.errors import InputError
from churn_saver.policy.dynamics import N_DELAYS, Dynamics, Floats, never_contacted
from churn_saver.policy.optimum.certificate import BudgetFrontier, Limits, Optimum
from churn_saver.policy.optimum.pricing import Plans, best_plans, best_values
from churn_saver.policy.optimum.restricted import best_mixture

TOLERANCE = 1e-6
"""Certified gap at which the search ends, as a share of the gain."""
MOST_ROUNDS = 200
"""Rounds after which the search ends with the gap it has; about ten are needed."""


def optimum(
    dynamics: Dynamics,
    budget_per_customer_minor: float,
    over_cap_tolerance: float | None = None,
    *,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
) -> Optimum:
    """Find the best mixed policy within the limits and certify it.

    Args:
        dynamics: The campaign.
        budget_per_customer_minor: Largest mean spend, minor units.
        over_cap_tolerance: Largest mean number of contacts above the cap; None: the cap is a mask.
        tolerance: Gap to end at, as a share of the gain.
        progress: Told each round.

    Raises:
        InputError: limits that are none, or a cooldown beyond the longest delay.
    """
    return _Columns(dynamics).solve(
        Limits(budget_per_customer_minor, over_cap_tolerance), tolerance, progress
    )


def budget_frontier(
    dynamics: Dynamics, budgets_per_customer_minor: Sequence[float], progress: Progress | None = None
) -> BudgetFrontier:
    """Find the optimum for each budget, with the cap as a mask; plans priced for one serve the others.

    Raises:
        InputError: budgets that do not rise, and as in `optimum`.
    """
    budgets = np.array(budgets_per_customer_minor, dtype=np.float64)
    limits = [Limits(budget) for budget in budgets.tolist()]
    if not limits or np.any(np.diff(budgets) <= 0.0):
        raise InputError(f"the frontier's budgets are {budgets.tolist()}, wanted one or more that rise")
    known, found = _Columns(dynamics), []
    for done, limit in enumerate(limits, 1):
        found.append(known.solve(limit, TOLERANCE, None))
        if progress is not None:
            progress("frontier", done, len(limits))
    return BudgetFrontier(
        budgets,
        *(np.array([getattr(one, name) for one in found]) for name in ("gain", "spend", "price", "gap")),
    )


def dual(dynamics: Dynamics, price: float, budget_per_customer_minor: float) -> float:
    """Give D(λ) per customer, minor units: no policy within the budget and the caps earns more.

    Raises:
        InputError: a budget or a price that is none.
    """
    limits = Limits(budget_per_customer_minor)
    return float(best_values(dynamics, price).mean()) + price * limits.budget_minor


def never_values(dynamics: Dynamics) -> Floats:
    """Give each customer's reward without any contact, (n,), minor units: the zero of every gain.

    Idle with the longest delay at every look, which no other way of never contacting beats:
    `never_contacted` less a decision on each of the days 0, 8, 16, … that the customer lives to see.
    """
    alive = np.broadcast_to(dynamics.start, (len(dynamics), dynamics.n_levels))
    looks = np.zeros(len(dynamics))
    for day in range(dynamics.horizon_days):
        if day % N_DELAYS == 0:
            looks += alive.sum(axis=1)
        alive = (alive * dynamics.survival[0]) @ dynamics.transitions
    value: Floats = never_contacted(dynamics)[:, 0, 0] @ dynamics.start
    return value - looks * dynamics.decision_cost_minor


class _Columns:
    """The plans known so far, one of each customer for each price visited; it grows."""

    def __init__(self, dynamics: Dynamics) -> None:
        """Start with never contacting, so that every limit can be kept."""
        nothing = np.zeros(len(dynamics))
        self._dynamics = dynamics
        self._prices = [(np.inf, np.inf)]
        self._plans = [Plans(never_values(dynamics), nothing, nothing)]

    def solve(self, limits: Limits, tolerance: float, progress: Progress | None) -> Optimum:
        """Price and mix in turn until the gap is small, or no price is new any more."""
        if len(self._plans) == 1:
            self._price(0.0, 0.0, limits)
        rounds = 0
        while True:
            rounds += 1
            found, price, over_price = self._mixed(limits, rounds)
            if progress is not None:
                progress("optimum", rounds, MOST_ROUNDS)
            done = found.gap <= tolerance or rounds == MOST_ROUNDS
            if done or not self._price(price, over_price, limits):
                return found

    def _price(self, price: float, over_price: float, limits: Limits) -> bool:
        """Take in the best plans at the prices; say whether they had not been visited."""
        if (price, over_price) in self._prices:
            return False
        self._prices.append((price, over_price))
        self._plans.append(best_plans(self._dynamics, price, None if limits.over_cap is None else over_price))
        return True

    def _mixed(self, limits: Limits, rounds: int) -> tuple[Optimum, float, float]:
        """Mix the plans known; → what is known of the optimum now, and the prices to visit next."""
        reward, spend, over_cap = (
            np.stack([getattr(plans, name) for plans in self._plans])
            for name in ("reward", "spend", "over_cap")
        )
        weights, price, over_price = best_mixture(reward - reward[0], spend, over_cap, limits)
        bounds = [
            float((plans.reward - p * (plans.spend - limits.budget_minor)).mean())
            - m * (float(plans.over_cap.mean()) - (limits.over_cap or 0.0))
            for (p, m), plans in zip(self._prices[1:], self._plans[1:], strict=True)
        ]
        best = int(np.argmin(bounds))
        used = weights.any(axis=1)
        found = Optimum(
            limits,
            value=float((weights * reward).sum(axis=0).mean()),
            never_value=float(reward[0].mean()),
            spend=float((weights * spend).sum(axis=0).mean()),
            over_cap=float((weights * over_cap).sum(axis=0).mean()),
            price=self._prices[1 + best][0],
            over_cap_price=self._prices[1 + best][1],
            bound=bounds[best],
            rounds=rounds,
            prices=np.array(self._prices)[used],
            weights=weights[used],
        )
        return found, price, over_price

"""What the optimum is within its limits, and the proof of it.

Knows nothing of how either was found.
"""

from dataclasses import dataclass

import numpy as np

from churn_saver.errors import InputError
from churn_saver.policy.dynamics import Floats

ROUNDING = 1e-12
"""A gain below this share of the value of never contacting is none."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a portfolio may spend in expectation, per customer."""

    budget_minor: float
    """Largest mean spend, minor units."""
    over_cap: float | None = None
    """Largest mean number of contacts above the cap; None: the cap is a mask."""

    def __post_init__(self) -> None:
        """Refuse what cannot be a limit."""
        if not (np.isfinite(self.budget_minor) and self.budget_minor > 0.0):
            raise InputError(
                f"budget_per_customer is {self.budget_minor} minor units, wanted a finite number above 0: "
                "without a budget nobody is contacted"
            )
        if self.over_cap is not None and not (np.isfinite(self.over_cap) and self.over_cap >= 0.0):
            raise InputError(
                f"over_cap_tolerance is {self.over_cap} contacts per customer, wanted a finite number of 0 "
                "or more; leave it out to hold the cap by a mask"
            )


@dataclass(frozen=True, slots=True)
class Optimum:
    """The most that any policy can earn within the limits: means per customer, money in minor units."""

    limits: Limits
    value: float
    """Reward of the mixture, which keeps the limits."""
    never_value: float
    """Reward of never contacting (`never_values`): the zero of every gain."""
    spend: float
    """Spend of the mixture."""
    over_cap: float
    """Contacts above the cap of the mixture."""
    price: float
    """λ*: reward that one more minor unit of budget brings."""
    over_cap_price: float
    """μ*: reward that one more contact above the cap brings; 0 where the cap is a mask."""
    bound: float
    """D(λ*, μ*): no policy within the limits earns more."""
    rounds: int
    """Prices visited for these limits."""
    prices: Floats
    """(λ, μ) of each plan in the mixture, (k, 2); infinite: never contacting."""
    weights: Floats
    """Share of each plan in each customer's mixture, (k, n); columns sum to 1."""

    @property
    def gain(self) -> float:
        """Value over never contacting."""
        return self.value - self.never_value

    @property
    def gap(self) -> float:
        """Bound less value, as a share of bound less never; 0 where nothing can be gained."""
        most = self.bound - self.never_value
        nothing = most <= ROUNDING * abs(self.never_value)
        return 0.0 if nothing else max(0.0, self.bound - self.value) / most


@dataclass(frozen=True, slots=True)
class BudgetFrontier:
    """What budget buys, for k budgets: means per customer, minor units."""

    budget: Floats
    """Rising, (k,)."""
    gain: Floats
    """Over never contacting, (k,)."""
    spend: Floats
    """(k,)."""
    price: Floats
    """λ*, (k,)."""
    gap: Floats
    """Certified, as `Optimum.gap`, (k,)."""

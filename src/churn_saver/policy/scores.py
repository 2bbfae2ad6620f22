"""The figures by which policies are compared: feasible or not, gain, Lagrangian regret.

Never R/R*: never contacting already scores nine tenths of it. Overspending shows in the regret,
which is at least 0 for every policy. All money is minor units per customer. Knows nothing of how
the optimum was found or of what earned the rewards.
"""

from dataclasses import dataclass

import numpy as np

from churn_saver.errors import InputError
from churn_saver.policy.evaluation import Evaluation

ROUNDING = 1e-9
"""Share of a limit that may be rounding."""


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What a policy's expectation is held against; minor units per customer."""

    never: float
    """R_never, reward of never contacting."""
    optimum: float
    """R*, largest reward within the budget."""
    dual: float
    """D(λ*): largest R − λ*·(C − B) of any policy."""
    price: float
    """λ*, reward that one unit of spend must bring."""
    budget: float
    """B."""

    def __post_init__(self) -> None:
        """Refuse numbers that nothing can be measured by."""
        numbers = (self.never, self.optimum, self.dual, self.price, self.budget)
        if not np.isfinite(numbers).all():
            raise InputError(f"the yardstick holds {numbers}, wanted finite numbers")
        _require_room(self.optimum, self.never)
        if self.price < 0.0 or self.budget < 0.0:
            raise InputError(
                f"the price is {self.price} and the budget {self.budget}, wanted 0 or more of both"
            )


@dataclass(frozen=True, slots=True)
class Scores:
    """One policy's figures, told together."""

    feasible: bool
    """Spends and contacts within the limits, whatever pruning left open."""
    gain_pct: float
    """Of what there is to gain; says nothing where not feasible."""
    regret_pct: float
    """Of what there is to gain, with spend at its price; at least 0 but for rounding."""
    spend: float
    """Minor units per customer."""
    over_cap: float
    """Contacts above the cap per customer."""

    @classmethod
    def of(cls, evaluation: Evaluation, yardstick: Yardstick, over_cap_limit: float = 0.0) -> "Scores":
        """Score an evaluated policy.

        Args:
            evaluation: Of the policy, on the customers that the yardstick is for.
            yardstick: Optimum and price at the budget.
            over_cap_limit: Contacts above the cap that a customer may expect; 0 when serving.
        """
        spend, over_cap = float(evaluation.spend.mean()), float(evaluation.over_cap.mean())
        most = spend + float(evaluation.spend_slack.mean())
        return cls(
            most <= yardstick.budget * (1.0 + ROUNDING) and over_cap <= over_cap_limit + ROUNDING,
            gain_percent(evaluation, yardstick.optimum, yardstick.never),
            regret_percent(evaluation, yardstick),
            spend,
            over_cap,
        )


def gain_percent(evaluation: Evaluation, optimum_value: float, never_value: float) -> float:
    """Give 100 · (R − R_never) / (R* − R_never) of means over customers.

    Raises:
        InputError: the optimum is no better than never contacting.
    """
    room = _require_room(optimum_value, never_value)
    return 100.0 * (float(evaluation.reward.mean()) - never_value) / room


def regret_percent(evaluation: Evaluation, yardstick: Yardstick) -> float:
    """Give 100 · (D(λ*) − [R − λ*·(C − B)]) / (R* − R_never) of means over customers."""
    over = float(evaluation.spend.mean()) - yardstick.budget
    priced = float(evaluation.reward.mean()) - yardstick.price * over
    return 100.0 * (yardstick.dual - priced) / (yardstick.optimum - yardstick.never)


def _require_room(optimum: float, never: float) -> float:
    if not optimum > never:
        raise InputError(
            f"the optimum is {optimum} and never contacting {never}, wanted something to gain: raise the "
            "budget, or look at other customers"
        )
    return optimum - never

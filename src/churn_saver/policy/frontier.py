"""What budget buys: gain and price of the best plan for each budget per customer.

The shipped frontier gives the price of a campaign before any table was decided for it. Knows
nothing of a campaign's own customers. Source: `knapsack.solve` on the table it was made from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import ArtifactError, InputError
from churn_saver.policy.knapsack import solve


@dataclass(frozen=True, slots=True)
class Frontier:
    """Price and gain over the budget per customer, k points."""

    budget_per_customer_minor: NDArray[np.float64]
    """Limit over the number of customers, (k,), minor units, rising."""
    price: NDArray[np.float64]
    """λ at that budget, (k,), not rising."""
    gain_per_customer: NDArray[np.float64]
    """Optimum of the linear relaxation over the number of customers, (k,), minor units."""

    def __post_init__(self) -> None:
        """Refuse what is not a frontier."""
        columns = (self.budget_per_customer_minor, self.price, self.gain_per_customer)
        k = len(self.price)
        if k == 0 or any(column.shape != (k,) for column in columns):
            raise InputError(
                f"a frontier has columns of shapes {[c.shape for c in columns]}, wanted one length"
            )
        if not all(np.all(np.isfinite(column)) and np.all(column >= 0.0) for column in columns):
            raise InputError("a frontier has values that are not numbers of 0 or more")
        if np.any(np.diff(self.budget_per_customer_minor) <= 0.0) or np.any(np.diff(self.price) > 0.0):
            raise InputError("a frontier's budgets must rise and its prices must not")

    def to_dict(self) -> dict[str, list[float]]:
        """Give plain lists, for JSON."""
        return {name: [float(value) for value in getattr(self, name)] for name in self.__slots__}

    @classmethod
    def from_dict(cls, raw: Mapping[str, object]) -> "Frontier":
        """Read what `to_dict` gave.

        Raises:
            ArtifactError: a column is missing, unknown, not numbers, or not a frontier's.
        """
        if set(raw) != set(cls.__slots__):
            raise ArtifactError(
                f"the frontier holds {sorted(raw)}, wanted {sorted(cls.__slots__)}: make it again"
            )
        try:
            return cls(**{name: _numbers(name, raw[name]) for name in cls.__slots__})
        except InputError as error:
            raise ArtifactError(f"{error}: make it again") from error


def frontier(
    gain: NDArray[np.float64],
    weight: NDArray[np.int64],
    allowed: NDArray[np.bool_],
    budgets_per_customer: Sequence[float],
) -> Frontier:
    """Solve the knapsack once for each budget.

    Args:
        gain: As in `knapsack.solve`, (n, 5).
        weight: As in `knapsack.solve`, (n, 5).
        allowed: As in `knapsack.solve`, (n, 5).
        budgets_per_customer: Minor units per customer, rising.

    Raises:
        InputError: no customers, or budgets that do not rise.
    """
    n = len(gain)
    if n == 0:
        raise InputError("a frontier needs customers, got none")
    plans = [solve(gain, weight, allowed, round(budget * n)) for budget in budgets_per_customer]
    return Frontier(
        np.array(budgets_per_customer, dtype=np.float64),
        np.array([plan.price for plan in plans]),
        np.array([plan.bound / n for plan in plans]),
    )


def price_at(known: Frontier, budget_per_customer_minor: float) -> float:
    """Read λ off a frontier: linear between its points, the end's value beyond them."""
    return float(np.interp(budget_per_customer_minor, known.budget_per_customer_minor, known.price))


def _numbers(name: str, column: object) -> NDArray[np.float64]:
    """Read one column of a parsed JSON."""
    if not isinstance(column, list) or any(type(value) not in (int, float) for value in column):
        raise InputError(f"the frontier's {name} is {str(column)[:40]!r}, wanted a list of numbers")
    return np.array(column, dtype=np.float64)

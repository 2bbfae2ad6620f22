"""What the rung of learned effects truly brings, in worlds whose effects are known."""

from functools import cache

import numpy as np

from benchmarks.evidence_uplift import BUDGET_MINOR, Choice, measured, plans
from tests.persuadables import World, learned, portfolio


@cache
def figures(world: World) -> dict[str, float]:
    """Measure one small world."""
    return dict(measured(world, 1, 6_000, 2_000))


def test_where_acceptors_are_not_persuadables_learning_beats_response_and_risk() -> None:
    """By the true effects, at one budget; no plan brings more than one that knows them."""
    found = figures("persuadables")

    assert found["value_uplift"] > found["value_knapsack"]
    assert found["value_uplift"] > found["value_risk_value"]
    assert found["value_uplift"] > found["value_random"]
    assert max(value for name, value in found.items() if name.startswith("value_")) == found["value_oracle"]


def test_where_the_assumptions_hold_learning_beats_nobody_who_knows_them() -> None:
    """The knapsack then weighs the truth: nothing is claimed for the log beyond what it shows."""
    found = figures("assumed")

    assert found["value_knapsack"] > found["value_uplift"]


def test_every_plan_keeps_within_the_budget() -> None:
    """What it reserves, over all customers."""
    rng = np.random.default_rng(1)
    judged = portfolio(500, rng)

    def reserved(choice: Choice) -> int:
        return int(judged.appraisal.costs_minor[np.arange(500), choice].sum())

    spent = {name: reserved(choice) for name, choice in plans(judged, learned().effects, rng).items()}

    assert set(spent) == {"uplift", "knapsack", "risk_value", "random", "oracle"}
    assert all(0 < one <= BUDGET_MINOR * 500 for one in spent.values())

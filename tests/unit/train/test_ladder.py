"""Every rung at equal budget, on customers that taught none of them."""

from statistics import mean

import numpy as np
import pytest

from churn_saver.policy.evaluation import evaluate
from churn_saver.policy.network import PolicyNetwork
from churn_saver.policy.optimum import optimum
from churn_saver.policy.scores import Scores
from churn_saver.policy.simple_rungs import never
from churn_saver.train.ladder import ALL_BUDGETS, Bench, Measured, exact_prices, measure
from churn_saver.train.learning import Learner
from churn_saver.train.panels import Panels
from tests.tiny_tables import ENV, dynamics, quick, table

TABLE = table(120, 2)
FACTORS = (0.5, 1.0, 4.0)
SETTINGS = quick(budget_share=0.95, budget_factors=FACTORS, panels={"certificate": 30, "held_out": 30})
SIMPLE = ["never", "random", "propensity_rule", "risk_value", "greedy", "knapsack", "exact"]
TOLD: list[tuple[str, int, int]] = []


def untrained(observation: str) -> PolicyNetwork:
    """Give a network as it begins: it contacts nobody."""
    return Learner(dynamics(), ENV, quick(observation=observation), 0, 0.0).network()


@pytest.fixture(scope="module")
def found() -> Bench:
    """Two seeds at three budgets; a policy for every budget, and one for the usual one, of one seed."""
    trained = {
        ("ppo_price", ALL_BUDGETS, 0): (untrained("full_price"), 0.0),
        ("ppo_price", ALL_BUDGETS, 1): (untrained("full_price"), 0.0),
        ("ppo", 1.0, 1): (untrained("full"), 2.5),
    }
    return measure(TABLE, ENV, SETTINGS, trained, 2, lambda *line: TOLD.append(line))


def of(found: Bench, rung: str, factor: float, seed: int) -> Measured:
    """Give one measurement."""
    (one,) = (m for m in found.measured if (m.rung, m.factor, m.seed) == (rung, factor, seed))
    return one


def test_every_rung_is_measured_at_every_budget_with_every_seed(found: Bench) -> None:
    """The trained ones where they belong: with their own seed, at their own budget or at all."""
    wanted = [
        (rung, factor, seed)
        for seed in (0, 1)
        for factor in FACTORS
        for rung in [*SIMPLE, "ppo_price", *(["ppo"] if (factor, seed) == (1.0, 1) else [])]
    ]

    assert [(m.rung, m.factor, m.seed) for m in found.measured] == wanted
    assert set(found.sticks) == {(factor, seed) for factor in FACTORS for seed in (0, 1)}
    assert [("measuring", done, 2) for done in range(3)] == TOLD


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("factor", FACTORS)
def test_the_rungs_stand_in_their_order(found: Bench, factor: float, seed: int) -> None:
    """Never contacting loses most, then the knapsack, the exact policy next to nothing.

    So it is with gains, where the budget is kept: nothing, more, yet more, and nobody over 100.
    """
    never, knapsack, exact = (of(found, name, factor, seed).scores for name in ("never", "knapsack", "exact"))

    assert never.gain_pct == pytest.approx(0.0, abs=1e-9)
    assert never.regret_pct > knapsack.regret_pct > exact.regret_pct > -1e-6
    assert exact.regret_pct < 3.0
    if knapsack.feasible and exact.feasible:
        assert 0.0 < knapsack.gain_pct < exact.gain_pct
    for rung in SIMPLE:
        scores = of(found, rung, factor, seed).scores
        assert scores.regret_pct > -1e-6
        assert scores.gain_pct <= 100.0 + 1e-6 or not scores.feasible
        # Nothing is pruned where it is judged: what is spent is known to the last digit.
        assert scores.feasible == (scores.spend <= factor * 300.0 * (1.0 + 1e-9))


def test_most_budgets_are_kept_on_customers_never_met(found: Bench) -> None:
    """Else no gains could be compared: of 6 measurements of the knapsack and the exact policy 4 at least."""
    for rung in ("knapsack", "exact"):
        assert sum(m.scores.feasible for m in found.measured if m.rung == rung) >= 4


def test_the_yardsticks_are_the_optima_of_the_panels_that_judge(found: Bench) -> None:
    """Another panel for each seed, the same for all budgets of a seed."""
    for seed in (0, 1):
        judges = Panels.of(TABLE, ENV, SETTINGS, seed).held_out
        for factor in FACTORS:
            stick, best = found.sticks[factor, seed], optimum(judges, factor * 300.0)

            assert stick.budget == factor * 300.0
            assert stick.optimum == pytest.approx(best.value, rel=1e-9)
            assert stick.price == pytest.approx(best.price, rel=1e-6)
    assert found.sticks[1.0, 0].never != found.sticks[1.0, 1].never


def test_rungs_are_calibrated_on_the_one_panel_and_evaluated_on_the_other(found: Bench) -> None:
    """Nobody's spend is far from the share of the budget: panels spend alike, though they share nobody."""
    for factor in FACTORS:
        for rung in ("random", "knapsack", "exact"):
            for seed in (0, 1):
                spent = of(found, rung, factor, seed).scores.spend
                assert 0.6 * factor * 300.0 < spent < 1.15 * factor * 300.0, (rung, factor, seed)


def test_what_is_told_of_a_rung_is_its_exact_evaluation(found: Bench) -> None:
    """Reward of each customer, and scores against the yardstick."""
    judges = Panels.of(TABLE, ENV, SETTINGS, 1).held_out
    nobody = evaluate(judges, never(judges))

    told = of(found, "never", 1.0, 1)

    assert told.reward.tolist() == nobody.reward.tolist()
    assert told.scores == Scores.of(nobody, found.sticks[1.0, 1])
    assert told.scores.feasible
    assert of(found, "ppo_price", 0.5, 1).scores.spend == 0.0


def test_times_are_per_decision(found: Bench) -> None:
    """Above nothing; the exact policy's is that of making it for a customer."""
    assert all(0.0 < m.seconds_per_decision < 1.0 for m in found.measured)


def test_prices_of_the_optimum_fall_as_the_budget_rises(found: Bench) -> None:
    """For each budget per customer, minor units, the mean over the panels."""
    prices = exact_prices(found)

    assert [budget for budget, _ in prices] == [150.0, 300.0, 1_200.0]
    for (budget, price), factor in zip(prices, FACTORS, strict=True):
        assert budget == factor * 300.0
        assert price == pytest.approx(mean(found.sticks[factor, seed].price for seed in (0, 1)))
    assert np.all(np.diff([price for _, price in prices]) < 0.0)

"""The exact constrained optimum and its proof."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from churn_saver.errors import InputError
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.evaluation import evaluate
from churn_saver.policy.optimum.master import TOLERANCE, budget_frontier, dual, never_values, optimum
from churn_saver.policy.optimum.pricing import best_plans, best_values
from churn_saver.policy.state import Decisions, States
from tests.best_plans import State, lively
from tests.tiny_campaigns import campaign, random_policy, tiny

Points = NDArray[np.float64]
"""Reward, spend and contacts above the cap of plans, (m, 3)."""


class EveryPlan:
    """All deterministic plans of one customer, as points: nothing is maximised, so nothing is left out."""

    def __init__(self, dynamics: Dynamics, customer: int, *, above_cap: bool) -> None:
        """Take one customer of a campaign of two or three days."""
        self.d, self.c = dynamics, customer
        self.most = dynamics.max_fatigue if above_cap else dynamics.contact_cap

    def decide(self, state: State) -> Points:
        """Give the points of all plans from a decision on."""
        d, c = self.d, self.c
        day, level, protection, wait, fatigue, units = state
        found = []
        for days in range(1, d.horizon_days - day + 1):
            found.append(self.live(days, state))
            for k in range(4 if wait == 0 and fatigue < self.most else 0):
                if d.offer_units[k] > units:
                    continue
                left = units - int(d.offer_units[k])
                held = max(protection, int(d.protected_days[k]))
                taken = self.live(days, (day, level, held, d.cooldown_days, fatigue + 1, left))
                refused = self.live(days, (day, level, protection, d.cooldown_days, fatigue + 1, units))
                accepted = d.accept[c, k] * d.rested[fatigue]
                pairs = crossed([accepted * taken, (1 - accepted) * refused])
                cost = d.contact_cost_minor + d.stays[fatigue] * accepted * d.offer_cost_minor[c, k]
                over = float(fatigue >= d.contact_cap)
                found.append(d.stays[fatigue] * pairs + np.array([-cost, cost, over]))
        return np.unique(np.concatenate(found) - np.array([d.decision_cost_minor, 0.0, 0.0]), axis=0)

    def live(self, days: int, state: State) -> Points:
        """Give the points of all plans when nothing is decided for so many days."""
        d, c = self.d, self.c
        day, level, protection, wait, fatigue, units = state
        if day == d.horizon_days:
            return np.array([[d.terminal_minor[c], 0.0, 0.0]])
        if days == 0:
            return self.decide(state)
        fatigue = 0 if (day + 1) % d.period_days == 0 else fatigue
        rest = (max(protection - 1, 0), max(wait - 1, 0), fatigue, units)
        moved = crossed(
            [d.transitions[level, to] * self.live(days - 1, (day + 1, to, *rest)) for to in range(d.n_levels)]
        )
        survives = d.survival[int(protection > 0), c, level]
        points: Points = survives * (moved + np.array([d.daily_margin_minor[c], 0.0, 0.0]))
        return points


def crossed(parts: list[Points]) -> Points:
    """Combine every plan of one branch with every plan of the others."""
    total = np.zeros((1, 3))
    for part in parts:
        total = (total[:, None] + part[None]).reshape(-1, 3)
    return total


def best_of_all(dynamics: Dynamics, budget: float, over_cap: float | None) -> float:
    """Solve one linear programme over every plan of every customer and first level."""
    plans = [
        dynamics.start[s]
        * EveryPlan(dynamics, c, above_cap=over_cap is not None).decide(
            (0, s, 0, 0, 0, dynamics.allowance_units)
        )
        for c, s in product(range(len(dynamics)), range(dynamics.n_levels))
    ]
    points = np.concatenate(plans) / len(dynamics)
    owner = np.repeat(np.arange(len(plans)), [len(part) for part in plans])
    solved = linprog(
        -points[:, 0],
        A_ub=points[:, 1:2].T if over_cap is None else points[:, 1:].T,
        b_ub=[budget] if over_cap is None else [budget, over_cap],
        A_eq=np.eye(len(plans))[owner].T,
        b_eq=np.ones(len(plans)),
    )
    assert solved.status == 0
    return -float(solved.fun)


@pytest.mark.parametrize(
    ("seed", "changes"),
    [
        (5, {"horizon_days": 2}),
        (8, {"horizon_days": 2, "cooldown_days": 1, "allowance_units": 1, "per_period": 2}),
        (1, {"horizon_days": 3, "levels": {"usual": 0.0}, "transitions": ((1.0,),), "allowance_units": 2}),
    ],
)
@pytest.mark.parametrize("over_cap", [None, 0.05])
@pytest.mark.parametrize("budget", [30.0, 200.0])
def test_it_is_the_best_mixture_of_all_plans_there_are(
    seed: int, changes: dict[str, Any], over_cap: float | None, budget: float
) -> None:
    """One linear programme over thousands of columns has the same value as those that were generated."""
    dynamics = lively(seed, **changes)

    found = optimum(dynamics, budget, over_cap)

    expected = best_of_all(dynamics, budget, over_cap)
    assert found.gain > 1.0
    assert found.value == pytest.approx(expected, rel=1e-9)
    assert found.bound == pytest.approx(expected, rel=1e-9)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.floats(5.0, 1_500.0), st.sampled_from([None, 0.0, 0.05]))
def test_the_bound_is_proven_and_the_limits_are_kept(
    seed: int, budget: float, over_cap: float | None
) -> None:
    """Value ≤ bound to within the tolerance; spend and contacts above the cap are within their limits."""
    dynamics = lively(seed)

    found = optimum(dynamics, budget, over_cap)

    assert found.never_value <= found.value <= found.bound * (1 + 1e-12)
    assert found.gap <= TOLERANCE
    assert found.spend <= budget * (1 + 1e-9)
    assert found.over_cap <= (over_cap or 0.0) + 1e-12
    assert found.weights.sum(axis=0).tolist() == pytest.approx([1.0, 1.0], abs=1e-12)
    if over_cap is None:
        assert dual(dynamics, found.price, budget) == pytest.approx(found.bound, rel=1e-12)


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.floats(20.0, 500.0))
def test_no_policy_beats_the_bound_at_its_prices(seed: int, budget: float) -> None:
    """However much it overspends, and however often it goes above the cap: both are paid for."""
    dynamics = lively(seed)
    found = optimum(dynamics, budget, 0.02)

    result = evaluate(dynamics, random_policy(dynamics, seed))

    paid = found.price * (result.spend.mean() - budget) + found.over_cap_price * (
        result.over_cap.mean() - 0.02
    )
    assert result.reward.mean() - paid <= found.bound * (1 + 1e-12)


@settings(max_examples=8)
@given(st.integers(0, 10_000))
def test_more_budget_gains_more_at_a_lower_price(seed: int) -> None:
    """The frontier rises, ever flatter; its prices are its slopes."""
    found = budget_frontier(lively(seed), [10.0, 50.0, 100.0, 400.0, 3_000.0])

    assert np.all(np.diff(found.gain) >= -1e-6)
    assert np.all(np.diff(found.price) <= 1e-6)
    slopes = np.diff(found.gain) / np.diff(found.budget)
    assert np.all(slopes <= found.price[:-1] + 1e-4)
    assert np.all(slopes >= found.price[1:] - 1e-4)
    assert np.all(found.spend <= found.budget * (1 + 1e-9))
    assert found.price[-1] == 0.0


def test_the_frontier_is_the_optimum_at_each_budget() -> None:
    """Plans priced for one budget serve the next, and change nothing."""
    dynamics = campaign(n=16, seed=1, horizon_days=30)

    found = budget_frontier(dynamics, [50.0, 400.0])

    for i, budget in enumerate((50.0, 400.0)):
        alone = optimum(dynamics, budget)
        assert found.gain[i] == pytest.approx(alone.gain, rel=2e-6)
    assert np.all(found.gap <= TOLERANCE)


@settings(max_examples=8)
@given(st.integers(0, 10_000), st.floats(20.0, 500.0))
def test_a_cap_in_expectation_is_worth_at_least_the_mask(seed: int, budget: float) -> None:
    """The mask keeps every tolerance, so its optimum is one of the mixtures allowed."""
    dynamics = lively(seed)

    masked, expected = optimum(dynamics, budget), optimum(dynamics, budget, 0.02)

    assert expected.bound >= masked.value - 1e-9
    assert optimum(dynamics, budget, 0.0).value == pytest.approx(masked.value, rel=1e-6)


def test_never_contacting_is_idle_with_the_longest_delay() -> None:
    """Three rulers: the evaluation of that policy, a price nobody pays, and one customer by hand.

    By hand: nobody leaves, so all see the looks on days 0 and 8 of 12, at 5 each.
    """
    dynamics = campaign(n=5, horizon_days=12)
    safe = replace(dynamics, survival=np.ones_like(dynamics.survival))

    def idle(states: States) -> Decisions:
        m = len(states)
        return Decisions.sure(np.zeros(m, dtype=bool), np.zeros(m, dtype=np.int64), np.full(m, 7))

    found = never_values(dynamics)

    assert found.tolist() == pytest.approx(evaluate(dynamics, idle).reward.tolist(), rel=1e-12)
    assert found.tolist() == pytest.approx(best_values(dynamics, 1e9).tolist(), rel=1e-12)
    by_hand = safe.terminal_minor + 12 * safe.daily_margin_minor - 2 * 5.0
    assert never_values(safe).tolist() == pytest.approx(by_hand.tolist(), rel=1e-12)


def test_the_mixture_is_what_it_says() -> None:
    """Plans priced again at the recorded prices, in the recorded shares, earn and spend just that."""
    dynamics = campaign(n=12, seed=3, horizon_days=40)

    found = optimum(dynamics, 300.0, 0.01)

    reward, spend = np.zeros(12), np.zeros(12)
    for (price, over_price), weights in zip(found.prices, found.weights, strict=True):
        if np.isinf(price):
            reward += weights * never_values(dynamics)
            continue
        plans = best_plans(dynamics, float(price), float(over_price))
        reward += weights * plans.reward
        spend += weights * plans.spend
    assert float(reward.mean()) == pytest.approx(found.value, rel=1e-12)
    assert float(spend.mean()) == pytest.approx(found.spend, rel=1e-12)


def test_sure_things_and_sleeping_dogs_alone_gain_nothing() -> None:
    """Nobody is contacted, whatever the budget, and one round proves it."""
    dynamics = campaign(n=2, annoyance=0.05)
    survival, accept = np.array(dynamics.survival), np.array(dynamics.accept)
    survival[:, 0] = 1.0
    accept[1] = 0.0

    found = optimum(replace(dynamics, survival=survival, accept=accept), 800.0)

    assert (found.spend, found.price, found.gap, found.rounds) == (0.0, 0.0, 0.0, 1)
    assert found.gain == pytest.approx(0.0, abs=1e-9)


def test_progress_tells_every_round() -> None:
    """One call a round; the frontier tells its budgets."""
    told: list[tuple[str, int, int]] = []

    found = optimum(lively(5), 100.0, progress=lambda *step: told.append(step))
    rounds = list(told)
    told.clear()
    budget_frontier(lively(5), [50.0, 100.0], progress=lambda *step: told.append(step))

    assert [done for _, done, _ in rounds] == list(range(1, found.rounds + 1))
    assert told == [("frontier", 1, 2), ("frontier", 2, 2)]


def test_what_cannot_be_solved_is_refused_by_name() -> None:
    """Budget, tolerance, budgets in disorder, a cooldown beyond the longest delay."""
    with pytest.raises(InputError, match=r"budget_per_customer is 0\.0 minor units, wanted a finite number"):
        optimum(tiny(), 0.0)
    with pytest.raises(InputError, match=r"budget_per_customer is nan"):
        dual(tiny(), 1.0, float("nan"))
    with pytest.raises(InputError, match=r"over_cap_tolerance is -0\.5"):
        optimum(tiny(), 1.0, -0.5)
    with pytest.raises(
        InputError, match=r"the frontier's budgets are \[2\.0, 1\.0\], wanted one or more tha"
    ):
        budget_frontier(tiny(), [2.0, 1.0])
    with pytest.raises(InputError, match=r"the frontier's budgets are \[\]"):
        budget_frontier(tiny(), [])
    with pytest.raises(InputError, match=r"cooldown_days is 9, wanted at most 8"):
        optimum(tiny(cooldown_days=9), 1.0)

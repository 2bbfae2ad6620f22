"""Recipe: measure every rung at equal budget on customers that taught none of them, and name the champion.

For each seed there is another panel that calibrates, another that judges, and other trainings; each
rung is calibrated to 99 % of the budget on the first and evaluated exactly on the second. Knows no files.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import expm1, log1p
from statistics import mean

from churn_saver.config import EnvSettings, PpoSettings
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.domain.progress import Progress
from churn_saver.policy import simple_rungs
from churn_saver.policy.dynamics import Dynamics, Floats, never_contacted
from churn_saver.policy.evaluation import evaluate
from churn_saver.policy.network import PolicyNetwork
from churn_saver.policy.optimum import ExactPolicy, best_plans
from churn_saver.policy.scores import Scores, Yardstick
from churn_saver.policy.simple_rungs import tuned
from churn_saver.policy.state import Policy
from churn_saver.train.certifying import PRUNE, calibrated, share_of, yardstick
from churn_saver.train.panels import Panels
from churn_saver.train.portfolios import ScoredTable
from churn_saver.train.workers import finished, workers

EXACT = "exact"
MOST_PRICE = 60.0
"""Largest λ looked at."""
_HALVINGS = 16
ALL_BUDGETS = 0.0
"""Factor of a policy that serves every budget: its price is an input."""
TrainedRungs = Mapping[tuple[str, float, int], tuple[PolicyNetwork, float]]
"""Network and λ it was trained at, by rung, budget factor and seed."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One rung at one budget with one seed."""

    rung: str
    factor: float
    seed: int
    scores: Scores
    reward: Floats
    """Of each customer of the panel that judged, (n,), minor units."""
    seconds_per_decision: float
    """Of evaluating the rung, over the states it was asked about; of the exact policy, that of making it
    for one customer."""


@dataclass(frozen=True, slots=True)
class Bench:
    """All that was measured."""

    measured: tuple[Measured, ...]
    sticks: Mapping[tuple[float, int], Yardstick]
    """By budget factor and seed."""


def measure(
    table: ScoredTable,
    env: EnvSettings,
    settings: PpoSettings,
    trained: TrainedRungs,
    at_once: int,
    progress: Progress,
) -> Bench:
    """Measure every rung at every budget with every seed.

    Args:
        table: Both halves.
        env: Budget and assumptions.
        settings: Seeds, budget factors, panels, and the share of a budget to calibrate to.
        trained: What was trained for this.
        at_once: Seeds at a time, one core each.
        progress: Told the seeds measured.
    """
    seeds = settings.ladder.seeds
    progress("measuring", 0, seeds)
    parts: dict[int, Bench] = {}
    with workers(at_once) as pool:
        waiting = {pool.submit(_one_seed, table, env, settings, trained, seed): seed for seed in range(seeds)}
        for done in finished(waiting):
            parts[waiting[done]] = done.result()
            progress("measuring", len(parts), seeds)
    measured = tuple(one for seed in range(seeds) for one in parts[seed].measured)
    return Bench(measured, {at: stick for part in parts.values() for at, stick in part.sticks.items()})


def _one_seed(
    table: ScoredTable, env: EnvSettings, settings: PpoSettings, trained: TrainedRungs, seed: int
) -> Bench:
    """Measure on one pair of panels."""
    found: list[Measured] = []
    sticks: dict[tuple[float, int], Yardstick] = {}
    panels = Panels.of(table, env, settings, seed)
    for factor in sorted(settings.budget_factors):
        budget = factor * env.budget_per_customer * MINOR_PER_UNIT
        stick = sticks[factor, seed] = yardstick(panels.held_out, budget)
        for rung, measured in _rungs(panels, stick, factor, settings):
            found.append(Measured(rung, factor, seed, *measured))
        for (rung, at, of), (network, price) in trained.items():
            if of == seed and at in (ALL_BUDGETS, factor):
                judged = calibrated(network, panels, stick, price, factor, settings)
                per = judged.seconds / judged.held_out.states
                found.append(Measured(rung, factor, seed, judged.scores, judged.held_out.reward, per))
    return Bench(tuple(found), sticks)


def _rungs(
    panels: Panels, stick: Yardstick, factor: float, settings: PpoSettings
) -> list[tuple[str, tuple[Scores, Floats, float]]]:
    """Measure the rungs that need no training."""
    make, make_held_out = _makers(panels.certificate), _makers(panels.held_out)
    wanted = share_of(factor, settings) * stick.budget
    results = []
    for name, (low, high) in _ranges(panels.certificate).items():
        if name == EXACT:
            scalar = _exact_price(panels.certificate, wanted)
        elif low == high:
            scalar = low
        else:
            scalar = tuned(
                panels.certificate, make[name], wanted, low, high, prune=PRUNE, settles=True
            ).scalar
        started = time.perf_counter()
        policy = make_held_out[name](scalar)
        made = time.perf_counter() - started
        found = evaluate(panels.held_out, policy)
        # The exact policy is made for each customer anew; the others are asked, state by state.
        per_state = (time.perf_counter() - started) / found.states
        per = made / len(panels.held_out) if name == EXACT else per_state
        results.append((name, (Scores.of(found, stick), found.reward, per)))
    return results


def _ranges(dynamics: Dynamics) -> dict[str, tuple[float, float]]:
    """Say between what the one number of each rung may lie; at one end nobody is contacted.

    Sums of money in minor units: no risk times a bill is above the largest bill, and no contact gains more
    than everything that a customer can bring.
    """
    everything = dynamics.horizon_days * dynamics.daily_margin_minor + dynamics.terminal_minor
    return {
        "never": (0.0, 0.0),
        "random": (0.0, 1.0),
        "propensity_rule": (0.0, 1.0),
        "risk_value": (0.0, float(dynamics.bill_minor.max())),
        "greedy": (0.0, float(everything.max())),
        "knapsack": (0.0, MOST_PRICE),
        EXACT: (0.0, MOST_PRICE),
    }


def _exact_price(dynamics: Dynamics, budget_minor: float) -> float:
    """Find the least price at which the exact policy keeps a budget, by bisection in log(1 + λ)."""
    if best_plans(dynamics, 0.0).spend.mean() <= budget_minor:
        return 0.0
    low, high = 0.0, log1p(MOST_PRICE)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        over = best_plans(dynamics, expm1(middle)).spend.mean() > budget_minor
        low, high = (middle, high) if over else (low, middle)
    return expm1(high)


def _makers(dynamics: Dynamics) -> dict[str, Callable[[float], Policy]]:
    never = never_contacted(dynamics)
    return {
        "never": lambda _: simple_rungs.never(dynamics),
        "random": lambda x: simple_rungs.random_contacts(dynamics, x),
        "propensity_rule": lambda x: simple_rungs.risk_threshold(dynamics, x),
        "risk_value": lambda x: simple_rungs.risk_value(dynamics, x),
        "greedy": lambda x: simple_rungs.greedy(dynamics, never, x),
        "knapsack": lambda x: simple_rungs.knapsack(dynamics, never, x),
        EXACT: lambda x: ExactPolicy.of(dynamics, x),
    }


def exact_prices(found: Bench) -> tuple[tuple[float, float], ...]:
    """Give λ* of the exact optimum for each budget per customer, minor units, mean over the panels."""
    budgets = sorted({stick.budget for stick in found.sticks.values()})
    return tuple(
        (budget, mean(stick.price for stick in found.sticks.values() if stick.budget == budget))
        for budget in budgets
    )

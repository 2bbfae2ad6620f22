"""The exact constrained optimum: how close, how long, and what the single-price policy reaches of it.

    python benchmarks/optimum.py [--telco CSV | --demo] [--customers 256] [--json PATH]

On customers spread over the learning half of the scored table, with the shipped env.yaml and predictors.
Without a file IBM Telco is looked for below CHURN_SAVER_TEST_DATA; the demo's table is an answer only to
`--demo`. Compiling is paid once, beforehand, and shown. The proof is checked from outside: the plan that was
priced backwards is evaluated forwards by `policy.evaluation`, which shares nothing with it but the campaign.
Promised: gap ≤ 1e-6 in ≤ 60 s for 256 customers on two cores. Figures are defined in docs/metrics.md,
section Optimum.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from churn_saver.adapters import artifacts
from churn_saver.config import EnvSettings, parse
from churn_saver.data import demo
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.opening import defaults_folder
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.evaluation import evaluate
from churn_saver.policy.optimum import ExactPolicy, best_plans, best_values, budget_frontier, optimum
from churn_saver.policy.optimum.certificate import Optimum
from churn_saver.train.datasets import RiskTable, risk_table
from churn_saver.train.portfolios import scored_table

ENV_YAML = Path(__file__).parents[1] / "ops" / "configs" / "env.yaml"
CUSTOMERS = 256
FRONTIER = (1 / 16, 1 / 4, 1 / 2, 1.0, 2.0, 4.0)
"""Budgets of the frontier, times the shipped one."""
ROUNDS = 5
OVER_CAP_PRICE = 1_000.0
"""Minor units per contact above the cap, where the time of a price is taken."""
HALVINGS = 20
DEMO_SEED = 42
MEGABYTE = 1e6
PACKAGES = ("numba", "numpy", "scipy")

Result = TypeVar("Result")
Report = dict[str, float | int | str]


class Seconds(NamedTuple):
    """What a call took: by the clock, and of all threads together."""

    wall: float
    cpu: float


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the table and write the JSON.

    Raises:
        SystemExit: there is no table to measure on.
    """
    parser = argparse.ArgumentParser(description="Measure the constrained optimum.")
    below = os.environ.get("CHURN_SAVER_TEST_DATA")
    default = Path(below) / "ibm_telco" / "Telco-Customer-Churn.csv" if below else None
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("--telco", type=Path, default=default, help="IBM Telco")
    whose.add_argument("--demo", action="store_true", help="the demo's table instead")
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="how many to prove it for")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args(arguments)
    if chosen.telco is None and not chosen.demo:
        sys.exit(
            "optimum: name --telco, set CHURN_SAVER_TEST_DATA to the folder that holds ibm_telco, "
            "or ask for --demo"
        )
    report = measured(churn_table(None if chosen.demo else chosen.telco), chosen.customers)
    for name, value in report.items():
        print(f"{name:<36}{f'{value:,.6g}' if isinstance(value, float) else value:>24}")
    if chosen.json:
        chosen.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def churn_table(telco: Path | None) -> RiskTable:
    """Read IBM Telco, or draw the demo's churn table where there is none."""
    if telco is not None:
        return risk_table(telco.read_bytes(), telco.name, "company")
    return risk_table(demo.csv_bytes(demo.churn_table(np.random.default_rng(DEMO_SEED))), "demo", "demo")


def measured(table: RiskTable, customers: int) -> Report:
    """Take every figure, one after the other."""
    env = parse(EnvSettings, ENV_YAML.read_text(encoding="utf-8"), ENV_YAML.name)
    scored = scored_table(table, artifacts.load(defaults_folder()), env)
    dynamics = Dynamics.of(scored.learning.spread(customers, env), env)
    budget = env.budget_per_customer * MINOR_PER_UNIT
    few = Dynamics.of(scored.learning.spread(min(customers, 9), env), env)
    _, compiling = timed(lambda: (best_values(few, 0.0), ExactPolicy.of(few, 0.0)))
    before = peak_mb()
    masked, masked_took = timed(lambda: optimum(dynamics, budget))
    expected, expected_took = timed(lambda: optimum(dynamics, budget, env.over_cap_tolerance))
    after = peak_mb()
    frontier, frontier_took = timed(lambda: budget_frontier(dynamics, [budget * share for share in FRONTIER]))
    return {
        "customers": customers,
        "described": scored.described,
        "budget_minor": budget,
        "optimum_gap": masked.gap,
        "optimum_seconds": masked_took.wall,
        "optimum_cpu_seconds": masked_took.cpu,
        **found("optimum", masked),
        "two_limits_gap": expected.gap,
        "two_limits_seconds": expected_took.wall,
        "two_limits_cpu_seconds": expected_took.cpu,
        **found("two_limits", expected),
        "mask_percent_of_two_limits": 100.0 * masked.gain / expected.gain,
        "frontier_seconds": frontier_took.wall,
        "frontier_cpu_seconds": frontier_took.cpu,
        "frontier_worst_gap": float(frontier.gap.max()),
        **prices_timed(dynamics, masked.price),
        **single_price(dynamics, masked, expected),
        "compile_seconds": compiling.wall,
        "peak_mb": after,
        "extra_mb": after - before,
        "machine": f"{os.cpu_count()} × {platform.machine()}",
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def found(name: str, best: Optimum) -> Report:
    """Say what an optimum is, in minor units per customer."""
    return {
        f"{name}_rounds": best.rounds,
        f"{name}_gain_minor": best.gain,
        f"{name}_never_minor": best.never_value,
        f"{name}_spend_minor": best.spend,
        f"{name}_price": best.price,
        f"{name}_over_cap": best.over_cap,
    }


def prices_timed(dynamics: Dynamics, price: float) -> Report:
    """Take the time of one price, for one customer: wall clock, and CPU of all threads."""
    asked: dict[str, Callable[[], object]] = {
        "plan": lambda: best_plans(dynamics, price),
        "value": lambda: best_values(dynamics, price),
        "two_limits_plan": lambda: best_plans(dynamics, price, OVER_CAP_PRICE),
    }
    report: Report = {}
    for name, call in asked.items():
        took, each = [timed(call)[1] for _ in range(ROUNDS)], 1e3 / len(dynamics)
        report[f"{name}_ms"] = statistics.median(one.wall for one in took) * each
        report[f"{name}_cpu_ms"] = statistics.median(one.cpu for one in took) * each
    return report


def single_price(dynamics: Dynamics, masked: Optimum, expected: Optimum) -> Report:
    """Take the exact policy at the least price that keeps the budget, and evaluate it forwards."""
    low, high = 0.0, 1.0
    while best_plans(dynamics, high).spend.mean() > masked.limits.budget_minor:
        low, high = high, 2.0 * high
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        too_cheap = best_plans(dynamics, middle).spend.mean() > masked.limits.budget_minor
        low, high = (middle, high) if too_cheap else (low, middle)
    backward = best_plans(dynamics, high)
    policy, table_took = timed(lambda: ExactPolicy.of(dynamics, high))
    forward, evaluation_took = timed(lambda: evaluate(dynamics, policy))
    gain = float(forward.reward.mean()) - masked.never_value
    return {
        "exact_price": high,
        "exact_spend_minor": float(forward.spend.mean()),
        "exact_percent_of_optimum": 100.0 * gain / masked.gain,
        "exact_percent_of_two_limits": 100.0 * gain / expected.gain,
        "exact_table_seconds": table_took.wall,
        "exact_table_mb": policy.answers.nbytes / MEGABYTE,
        "evaluation_seconds": evaluation_took.wall,
        "forward_difference_minor": float(np.abs(forward.reward - backward.reward).max()),
    }


def timed(call: Callable[[], Result]) -> tuple[Result, Seconds]:
    """Call, and give what it took beside the result."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = call()
    return result, Seconds(time.perf_counter() - wall, time.process_time() - cpu)


def peak_mb() -> float:
    """Give the most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE


if __name__ == "__main__":
    main()

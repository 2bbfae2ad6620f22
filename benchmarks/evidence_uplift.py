"""What the rung of learned effects truly brings at equal budget, beside the rungs that assume effects.

    python benchmarks/evidence_uplift.py [--worlds N] [--log N] [--customers N] [--json PATH]

Customers are simulated with the effect of every contact known, so a plan's value is a sum and no estimate.
In the world `persuadables` those who accept are not those who are moved: the knapsack's acceptance model is
right, and what it is taken to mean is not. In the world `assumed` acceptance protects exactly as env.yaml
says: the knapsack then knows the truth, and learning from a log can only lose. Each rung spends at most the
same budget, reserved; effects are learned from one random log and judged on other customers. Figures are
defined in docs/metrics.md, section Evidence, uplift.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from churn_saver.evidence.learner import LearnedEffects
from churn_saver.journey import Appraisal
from churn_saver.journey.learned import learned_gain
from churn_saver.policy import knapsack
from churn_saver.policy.baseline import offer_at_most
from churn_saver.train.effects_log import of_file
from churn_saver.train.uplift import learn_effects
from tests.persuadables import DAYS, RULES, Portfolio, World, logged, portfolio, silent

WORLDS, LOG, CUSTOMERS = 20, 20_000, 10_000
BUDGET_MINOR = 200
"""A customer; a tenth of the customers can be written to with a discount of 10 %."""
SEED = 20
RISK_OFFER_PCT = 10

Choice = NDArray[np.int8]


def main() -> None:
    """Measure, print, and write JSON where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=WORLDS)
    parser.add_argument("--log", type=int, default=LOG)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found = {world: measured(world, asked.worlds, asked.log, asked.customers) for world in get_args(World)}
    for world, figures in found.items():
        for name, value in figures.items():
            print(f"{world:<13} {name:<28} {value:10.3f}")
    if asked.json is not None:
        asked.json.write_text(json.dumps(found, indent=1))


def measured(world: World, worlds: int, log: int, customers: int) -> Mapping[str, float]:
    """Give each rung's true value at equal budget, currency units a customer: mean over simulated worlds."""
    values: dict[str, list[float]] = defaultdict(list)
    shown = []
    for seed in range(worlds):
        rng = np.random.default_rng([4, seed])
        taught, judged = portfolio(log, rng, world), portfolio(customers, rng, world)
        found = learn_effects(
            of_file(logged(taught, rng)), {"name": "simulated"}, DAYS, SEED, RULES.env, silent
        )
        shown.append(bool(found.report["shown"]))
        for name, choice in plans(judged, found.effects, rng).items():
            values[name].append(judged.truly(choice) / 100)
    mean = {f"value_{name}": float(np.mean(found)) for name, found in values.items()}
    gain = np.array(values["uplift"]) - np.array(values["knapsack"])
    error = float(gain.std(ddof=1) / np.sqrt(len(gain))) if len(gain) > 1 else float("nan")
    return mean | {
        "uplift_less_knapsack": float(gain.mean()),
        "uplift_less_knapsack_error": error,
        "uplift_beats_knapsack": float((gain > 0).mean()),
        "effects_shown": float(np.mean(shown)),
    }


def plans(judged: Portfolio, effects: LearnedEffects, rng: np.random.Generator) -> Mapping[str, Choice]:
    """Let each rung choose within the budget."""
    found = judged.appraisal
    assert found.values is not None
    budget = BUDGET_MINOR * len(found.customers)
    learned = learned_gain(found, found.values, effects, RULES.env)
    return {
        "uplift": solved(found, learned, budget),
        "knapsack": solved(found, found.values.gain, budget),
        "risk_value": filled(found, found.churn_risk * found.customers.bill_minor, budget),
        "random": filled(found, rng.random(len(found.customers)), budget),
        "oracle": solved(found, judged.true_gain(), budget),
    }


def solved(found: Appraisal, gain: NDArray[np.float64], budget_minor: int) -> Choice:
    """Let the knapsack spend a budget."""
    return knapsack.solve(gain, found.costs_minor, found.standing.allowed, budget_minor).choice


def filled(found: Appraisal, order: NDArray[np.float64], budget_minor: int) -> Choice:
    """Offer 10 % to the largest first, until the budget is used up."""
    offer = offer_at_most(found.standing.allowed, RISK_OFFER_PCT)
    cost = found.costs_minor[np.arange(len(offer)), offer]
    best = np.argsort(-order, kind="stable")
    fits = np.zeros(len(offer), dtype=np.bool_)
    fits[best] = np.cumsum(cost[best]) <= budget_minor
    return np.where(fits, offer, np.int8(0)).astype(np.int8)


if __name__ == "__main__":
    main()

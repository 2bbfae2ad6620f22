"""What the ladder says of PPO from random weights: read from `churn-saver bench`, or measured here.

Knows nothing of how a rung is judged: `train.ladder` and `train.gate` do.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ppo_ground import Ground, Report
from churn_saver.domain.progress import Progress
from churn_saver.train.gate import COMPARED_AT, KNAPSACK, SPECIALISED, over_seeds
from churn_saver.train.ladder import measure
from churn_saver.train.rungs import Job, train_rungs

FOR_EVERY_BUDGET = "ppo_price"


@dataclass(frozen=True, slots=True)
class Row:
    """One rung at one budget with one seed, by exact evaluation on customers that taught nobody."""

    rung: str
    factor: float
    seed: int
    gain_pct: float
    regret_pct: float
    feasible: bool
    spend: float
    """Minor units per customer."""


def read_rows(path: Path) -> list[Row]:
    """Read the ladder's detail, or stop and say what is wrong with it."""
    try:
        found = json.loads(path.read_bytes())
        return [Row(**{name: one[name] for name in Row.__slots__}) for one in found["measured"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"ppo: {path} is no detail of a ladder ({error!r}): make it with churn-saver bench")


def measured_rows(ground: Ground, workers: int, progress: Progress) -> list[Row]:
    """Train the policy for one budget with every seed of ppo.yaml, and measure it at that budget."""
    settings = ground.recipe.changed({"budget_factors": [1.0]}, "the benchmark's ladder")
    jobs = [Job(SPECIALISED, 1.0, seed) for seed in range(settings.ladder.seeds)]
    with tempfile.TemporaryDirectory() as folder:
        done = train_rungs(ground.table, ground.env, settings, jobs, Path(folder), workers, progress)
    trained = {(one.job.rung, one.job.factor, one.job.seed): (one.network, one.price) for one in done}
    bench = measure(ground.table, ground.env, settings, trained, workers, progress)
    return [
        Row(
            one.rung, one.factor, one.seed, one.scores.gain_pct, one.scores.regret_pct, one.scores.feasible,
            one.scores.spend,
        )
        for one in bench.measured
    ]  # fmt: skip


def figures(rows: Sequence[Row]) -> Report:
    """Sum up: `gain_*` over the seeds at the budget itself, `feasible` from 1/4 to 4 times it."""
    gains, knapsack = _gains(rows, SPECIALISED, 1.0), _gains(rows, KNAPSACK, 1.0)
    if not gains or not knapsack:
        sys.exit(f"ppo: the ladder has no rows of {SPECIALISED} or of {KNAPSACK} at the budget itself")
    own = [row for row in rows if row.rung == SPECIALISED]
    report: Report = {
        "gain_median": statistics.median(gains.values()),
        "gain_worst": min(gains.values()),
        "regret_median": statistics.median(row.regret_pct for row in own if row.factor == 1.0),
        "knapsack_gain": statistics.median(knapsack.values()),
        "feasible": all(row.feasible for row in own if row.factor in COMPARED_AT),
        "seeds": len(gains),
    }
    for factor in COMPARED_AT:
        report |= _beyond(rows, SPECIALISED, factor) | _beyond(rows, FOR_EVERY_BUDGET, factor)
    return report


def _gains(rows: Sequence[Row], rung: str, factor: float) -> dict[int, float]:
    return {row.seed: row.gain_pct for row in rows if (row.rung, row.factor) == (rung, factor)}


def _beyond(rows: Sequence[Row], rung: str, factor: float) -> Report:
    """Give the points of gain above the tuned knapsack, seed by seed on one panel, and their interval."""
    own, other = _gains(rows, rung, factor), _gains(rows, KNAPSACK, factor)
    shared = sorted(own.keys() & other.keys())
    if not shared:
        return {}
    found = over_seeds([own[seed] - other[seed] for seed in shared])
    name = f"{rung}_above_knapsack_at_{factor:g}"
    return {name: found.value, f"{name}_low": found.low, f"{name}_seeds": len(shared)}

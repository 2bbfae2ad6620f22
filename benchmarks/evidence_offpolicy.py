"""Off-policy values against known truth, and how fast a long log is judged.

    python benchmarks/evidence_offpolicy.py [--campaigns N] [--rows N] [--json PATH]

Campaigns are simulated from a small world whose true values are sums over its cells, so no truth is
itself an estimate. Each is logged by a policy that draws evenly, one that explores a fifth, or one that
aims; a target that it did not follow is judged on its log, and against the policy that served. The
share of campaigns whose 95 % interval holds the truth is the coverage. Figures are defined in
docs/metrics.md, section Evidence, off-policy value.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from churn_saver.evidence.estimators import Valuation, difference, evaluate
from churn_saver.evidence.logged import Flags, Floats, Logged, Whole
from churn_saver.evidence.outcome_model import RECIPE, cross_fitted
from churn_saver.evidence.propensity import with_estimated

CAMPAIGNS, UNITS, ROWS = 1_000, 600, 1_000_000
CELLS, ARMS = 8, 4
DECISIONS_EACH = 2
"""Decisions of one customer, who stays or leaves on grounds of their own in both."""
SHUT = 0.2
"""Share of decisions in which a gate shuts the last arm."""
OWN_LEANING = 0.15
"""By how much a customer is likelier, or less likely, to stay than the cell says."""
MARGIN, SPREAD = 60.0, 0.8
"""Mean margin of who stays, and the spread of its logarithm: a few are worth very much."""
OFFER_COSTS = np.array([0.0, 2.0, 5.0, 9.0])
RETAINED: Floats = (
    np.linspace(0.35, 0.7, CELLS)[:, None]
    + np.linspace(2, 0.2, CELLS)[:, None] * np.array([0.0, 0.03, 0.06, 0.1])
)  # fmt: skip
"""Chance to stay, (cells, arms): offers help most where it is lowest."""
_AIM = 1.5 * np.linspace(1, -1, CELLS)[:, None] * np.array([-1.0, -0.3, 0.3, 1.0])
SERVED: Floats = np.tile(np.eye(ARMS)[1], (CELLS, 1))
LOGGING: dict[str, Floats] = {
    "uniform": np.full((CELLS, ARMS), 1 / ARMS),
    "greedy": 0.8 * SERVED + 0.2 / ARMS,
    "targeted": np.exp(_AIM) / np.exp(_AIM).sum(axis=1, keepdims=True),
}
"""Probabilities before the gate, (cells, arms)."""
TARGET: Floats = np.eye(ARMS)[(RETAINED * (MARGIN - OFFER_COSTS)).argmax(axis=1)]
"""The offer that earns most in each cell."""
ESTIMATORS = ("ips", "snips", "dr")
PEAK_UNIT = 1024 if sys.platform != "darwin" else 1


def gated(probabilities: Floats, allowed: Flags) -> Floats:
    """Give what a shut arm had to the first one. Shapes: (n, k), (n, k) → (n, k)."""
    left = np.where(allowed, probabilities, 0.0)
    left[:, 0] += 1 - left.sum(axis=1)
    return left


def truth(policy: Floats, money: bool) -> float:
    """Give the value of a policy in this world: a sum over cells, arms and the gate."""
    worth = RETAINED * (MARGIN - OFFER_COSTS) if money else RETAINED
    shut = np.ones((CELLS, ARMS), dtype=np.bool_)
    shut[:, -1] = False
    values = [(gated(policy, gate) * worth).sum(axis=1).mean() for gate in (~np.zeros_like(shut), shut)]
    return float((1 - SHUT) * values[0] + SHUT * values[1])


def campaign(rng: np.random.Generator, logging: str, money: bool, units: int) -> tuple[Logged, Whole]:
    """Draw the log of a campaign, and the cell of each row."""
    unit = np.repeat(np.arange(units), DECISIONS_EACH)
    cell = np.repeat(rng.integers(0, CELLS, units), DECISIONS_EACH)
    leaning = np.repeat(rng.choice([-OWN_LEANING, OWN_LEANING], units), DECISIONS_EACH)
    rows = np.arange(len(unit))
    allowed = np.ones((len(unit), ARMS), dtype=np.bool_)
    allowed[:, -1] = rng.random(len(unit)) >= SHUT
    chances = gated(LOGGING[logging][cell], allowed)
    arm = np.minimum((rng.random((len(unit), 1)) > chances.cumsum(axis=1)).sum(axis=1), ARMS - 1)
    reward = (rng.random(len(unit)) < RETAINED[cell, arm] + leaning).astype(np.float64)
    if money:
        margin = MARGIN * rng.lognormal(-(SPREAD**2) / 2, SPREAD, len(unit))
        reward *= margin - OFFER_COSTS[arm]
    features = ((cell[:, None] >> np.arange(3)) & 1).astype(np.float32)
    features[rng.random(features.shape) < 0.05] = np.nan
    return Logged.checked(
        unit=unit, arm=arm, propensity=chances[rows, arm], allowed=allowed, reward=reward, features=features
    ), cell  # fmt: skip


Expecting = Callable[[Logged], Floats]
"""What makes q of a log, (n, k)."""


QUICK = replace(RECIPE, trees=30, folds=2)
"""As in use, in a third of the time."""


def learned(log: Logged) -> Floats:
    """Expect rewards by trees."""
    return cross_fitted(log, QUICK)


def covered(
    campaigns: int, units: int, logging: str, money: bool, expecting: Expecting, forgotten: bool = False
) -> dict[str, float]:
    """Give the share of intervals that hold the truth, by estimator; of differences with `_difference`.

    Args:
        campaigns: Simulated.
        units: Customers of each.
        logging: Of `LOGGING`.
        money: Rewards are margins, else 0 and 1.
        expecting: Makes q.
        forgotten: Propensities are estimated from the log.
    """
    true_value = truth(TARGET, money)
    true_difference = true_value - truth(SERVED, money)
    hits: dict[str, list[bool]] = defaultdict(list)
    for seed in range(campaigns):
        log, cell = campaign(np.random.default_rng([seed, units]), logging, money, units)
        if forgotten:
            log = with_estimated(replace(log, propensity=None), QUICK)
        target, served = gated(TARGET[cell], log.allowed), gated(SERVED[cell], log.allowed)
        q = expecting(log)
        found: dict[str, tuple[Valuation, float]] = {
            "": (evaluate(log, target, q), true_value),
            "_difference": (difference(log, target, served, q), true_difference),
        }
        for suffix, (valuation, true) in found.items():
            for name in ESTIMATORS:
                one = getattr(valuation, name)
                hits[name + suffix].append(one.low <= true <= one.high)
    return {name: float(np.mean(hit)) for name, hit in hits.items()}


def coverage(campaigns: int, units: int, expecting: Expecting = learned) -> dict[str, float]:
    """Give coverage by estimator, over both rewards and all logging policies, and the worst of each."""
    parts = {
        f"{logging}_{'money' if money else 'retained'}": covered(campaigns, units, logging, money, expecting)
        for logging in LOGGING
        for money in (False, True)
    }
    figures: dict[str, float] = {}
    for name in ESTIMATORS:
        each = [part[name + suffix] for part in parts.values() for suffix in ("", "_difference")]
        figures[f"coverage_{name}"] = float(np.mean(each))
        figures[f"coverage_{name}_least"], figures[f"coverage_{name}_most"] = min(each), max(each)
    guessed = covered(max(1, campaigns // 5), units, "targeted", True, expecting, forgotten=True)
    figures["coverage_estimated"] = (guessed["dr"] + guessed["dr_difference"]) / 2
    for setting, part in parts.items():
        figures |= {f"{setting}_{name}": share for name, share in part.items()}
    return figures


def long_log(rows: int, arms: int = 5, features: int = 20) -> tuple[dict[str, NDArray[np.generic]], Floats]:
    """Draw the columns of a long log, explored evenly by a tenth, and a target."""
    rng = np.random.default_rng(20)
    x = rng.normal(size=(rows, features)).astype(np.float32)
    x[rng.random(x.shape, dtype=np.float32) < 0.02] = np.nan
    wish = np.nan_to_num(x[:, :arms]).argmax(axis=1)
    arm = np.where(rng.random(rows) < 0.1, rng.integers(0, arms, rows), 0)
    propensity = np.where(arm == 0, 0.9 + 0.1 / arms, 0.1 / arms)
    kept = rng.random(rows) < 0.6 + 0.1 * (arm == wish)
    columns: dict[str, NDArray[np.generic]] = {
        "unit": rng.integers(0, max(2, rows // 2), rows), "arm": arm, "propensity": propensity,
        "allowed": np.ones((rows, arms), dtype=np.bool_), "reward": kept * rng.lognormal(4, 0.5, rows),
        "features": x,
    }  # fmt: skip
    return columns, np.eye(arms)[wish]


def measured(rows: int) -> dict[str, float]:
    """Check, learn, judge and compare one long log in this process."""
    columns, target = long_log(rows)
    served = np.zeros_like(target)
    served[:, 0] = 1.0
    drawn_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT / 1e6
    wall, processor = time.perf_counter(), time.process_time()
    log = Logged.checked(**columns)  # type: ignore[arg-type]
    q = cross_fitted(log, RECIPE)
    learned_in = time.process_time() - processor
    evaluate(log, target, q)
    difference(log, target, served, q)
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - processor
    return {
        "rows": rows,
        "rows_per_second": rows / seconds,
        "evaluated_in_seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "learning_cpu_seconds": learned_in,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT / 1e6,
        "input_mb": drawn_mb,
    }


def speed(rows: int) -> dict[str, float]:
    """Run `measured` in a process of its own, so that its peak is its own."""
    command = [sys.executable, str(Path(__file__).resolve()), "--measure", str(rows)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name: float(value) for name, value in json.loads(out).items()}


def figures(campaigns: int = CAMPAIGNS, units: int = UNITS, rows: int = ROWS) -> dict[str, float]:
    """Give all figures at a size: campaigns of each setting, their customers, rows of the long log."""
    return coverage(campaigns, units) | speed(rows)


def main(arguments: list[str] | None = None) -> None:
    """Print the figures and write the JSON."""
    parser = argparse.ArgumentParser(description="Measure off-policy evaluation.")
    parser.add_argument(
        "--campaigns", type=int, default=CAMPAIGNS, help="simulated campaigns of each setting"
    )
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the long log")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.measure:
        print(json.dumps(measured(chosen.measure)))
        return
    found = figures(chosen.campaigns, rows=chosen.rows)
    for name, value in found.items():
        print(f"{name:44} {value:,.3f}")
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()

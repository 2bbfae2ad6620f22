"""Time, memory and distance from perfect of the knapsack, at 10,000 and at 1,000,000 customers.

    python benchmarks/knapsack.py [--json PATH] [--only solver|decide]

Each size runs in a process of its own, so that its peak memory is its own. The customers are
drawn from a fixed seed and valued by `contact_values`; the bound is not the solver's: at 10,000
it is scipy's HiGHS on the linear relaxation, at 1,000,000 the convex dual minimised over the price
by bisection. The last column is `churn-saver decide` on a CSV of 1,000,000 customers as a user
runs it: read, score, solve, write messages, record in a ledger on disk, write the results.
Figures are defined in docs/metrics.md, section Knapsack.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.adapters.files import write_bytes
from churn_saver.adapters.plans import read_index
from churn_saver.config import EnvSettings, parse
from churn_saver.data.demo import csv_bytes, customers_table
from churn_saver.domain.action import N_CHOICES, N_OFFERS, choice_costs_minor
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.policy.knapsack import KnapsackPlan, choose, solve
from churn_saver.policy.reward import contact_values
from churn_saver.store import open_store

ENV_YAML = Path(__file__).parents[1] / "ops" / "configs" / "env.yaml"
SEED = 20
LIMIT_PER_CUSTOMER_MINOR = 71
"""As tight as 5,000.00 for the 7,032 customers of the IBM Telco table."""
PEER_SIZE = 10_000
FULL_SIZE = 1_000_000
HALVINGS = 64
LEDGER, CONFIGS = "ledger.db", "configs"
MEGABYTE = 1e6

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """One knapsack."""

    gain: NDArray[np.float64]
    weight: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    limit_minor: int
    valued_in_seconds: float
    """What `contact_values` took."""


def main(arguments: list[str] | None = None) -> None:
    """Run the sections asked for, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description="Measure the knapsack.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--only", choices=sorted(SECTIONS), help="run one section")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.measure:
        print(json.dumps(measured(chosen.measure)))
        return
    results: dict[str, Figures] = {}
    for name, section in SECTIONS.items():
        if chosen.only in (None, name):
            results |= section()
    print(written(results))
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def solver() -> dict[str, Figures]:
    """Measure the solver alone at both sizes."""
    return {str(size): in_process_of_its_own("--measure", str(size)) for size in (PEER_SIZE, FULL_SIZE)}


def in_process_of_its_own(*arguments: str) -> Figures:
    """Run this file again with other arguments and read the JSON on its last line."""
    done = subprocess.run(
        [sys.executable, __file__, *arguments], check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def measured(size: int) -> Figures:
    """Solve one portfolio and compare it with a bound that the solver had no part in."""
    given = portfolio(size)
    started = time.perf_counter()
    plan = solve(given.gain, given.weight, given.allowed, given.limit_minor)
    seconds = time.perf_counter() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE
    bound = bound_by_highs(given) if size <= PEER_SIZE else bound_by_dual(given)
    most = float(np.max(np.where(given.allowed, given.gain, 0.0)))
    return {
        "seconds": seconds,
        "peak_mb": peak_mb,
        "extra_mb": extra_megabytes(given),
        "gap_customers": (bound - plan.value) / most,
        "bound_difference": abs(plan.bound - bound) / bound,
        "choose_seconds": choose_seconds(given, plan),
        "valued_in_seconds": given.valued_in_seconds,
        "price": plan.price,
        "gain_minor": plan.value,
        "spent_minor": plan.spent_minor,
        "limit_minor": given.limit_minor,
        "contacts": int(np.count_nonzero(plan.choice)),
    }


def portfolio(size: int) -> Portfolio:
    """Draw customers whose bills and risks are spread as a telephone company's are.

    Two kinds of bill (line only, internet), risk skewed to the right with a mean near .27, half of
    them seen before, one in seven resting after a contact.
    """
    rng = np.random.default_rng(SEED)
    env = parse(EnvSettings, ENV_YAML.read_text(encoding="utf-8"), ENV_YAML.name)
    bill = np.where(rng.random(size) < 0.22, rng.normal(2_100, 200, size), rng.normal(7_700, 2_000, size))
    bill_minor = np.clip(bill, 1_800, 12_000).astype(np.int64)
    risk = rng.beta(0.7, 1.9, size)
    usual = np.where(rng.random(size) < 0.5, np.nan, np.clip(risk + rng.normal(0, 0.1, size), 0.0, 1.0))
    liking = rng.normal(-1.8, 0.8, (size, 1)) + np.array([0.0, 0.5, 0.9, 1.2]) * rng.gamma(4, 0.25, (size, 1))
    fatigue = rng.choice([0.0, 1.0], size, p=[0.85, 0.15])
    allowed = np.ones((size, N_CHOICES), dtype=np.bool_)
    allowed[rng.random(size) < 1 / 7, 1:] = False
    started = time.perf_counter()
    values = contact_values(
        risk, usual, 1 / (1 + np.exp(-liking)), fatigue, bill_minor, env.horizon_days, env
    )
    seconds = time.perf_counter() - started
    weight = choice_costs_minor(bill_minor, env.contact_cost_minor)
    return Portfolio(values.gain, weight, allowed, LIMIT_PER_CUSTOMER_MINOR * size, seconds)


def bound_by_highs(given: Portfolio) -> float:
    """Solve the linear relaxation with the peer."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, vstack

    n, columns = len(given.gain), N_OFFERS * len(given.gain)
    each = csr_array((np.ones(columns), (np.repeat(np.arange(n), N_OFFERS), np.arange(columns))))
    budget = csr_array(given.weight[:, 1:].reshape(1, -1).astype(np.float64))
    peer = linprog(
        -given.gain[:, 1:].ravel(),
        A_ub=vstack([each, budget]),
        b_ub=np.append(np.ones(n), given.limit_minor),
        bounds=np.column_stack([np.zeros(columns), given.allowed[:, 1:].ravel().astype(np.float64)]),
        method="highs",
    )
    if peer.status != 0:
        raise SystemExit(f"HiGHS gave no optimum: {peer.message}")
    return -float(peer.fun)


def bound_by_dual(given: Portfolio) -> float:
    """Minimise D(λ) = λ·limit + Σ max(0, max_c gain_c − λ·weight_c) by the sign of its slope."""
    gain = np.where(given.allowed, given.gain, -np.inf)
    gain[:, 0] = 0.0
    low, high = 0.0, float(np.max(gain[:, 1:] / given.weight[:, 1:]))
    rows = np.arange(len(gain))
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        best = np.argmax(gain - middle * given.weight, axis=1)
        too_cheap = int(given.weight[rows, best].sum()) > given.limit_minor
        low, high = (middle, high) if too_cheap else (low, middle)
    return high * given.limit_minor + float(np.max(gain - high * given.weight, axis=1).sum())


def extra_megabytes(given: Portfolio) -> float:
    """Peak of what the solver takes beside its inputs, in a second run, for tracing costs time."""
    tracemalloc.start()
    solve(given.gain, given.weight, given.allowed, given.limit_minor)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / MEGABYTE


def choose_seconds(given: Portfolio, plan: KnapsackPlan) -> float:
    """Time the choice at the price, and stop if it is not the plan."""
    started = time.perf_counter()
    choice = choose(given.gain, given.weight, given.allowed, plan.row_prices())
    seconds = time.perf_counter() - started
    if not np.array_equal(choice, plan.choice):
        raise SystemExit("choose() did not repeat the plan: compare their hulls")
    return seconds


def decide() -> dict[str, Figures]:
    """Decide for 1,000,000 customers of the demo from CSV to files, ledger and messages included."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in ENV_YAML.parent.glob("*.yaml"):
            # The champion would keep most of the budget for later days; measured is the knapsack.
            text = path.read_text(encoding="utf-8")
            named = re.sub(r"(?m)^policy: \w+", "policy: knapsack", text)
            write_bytes(folder / CONFIGS / path.name, named.encode())
        write_bytes(folder / "c.csv", csv_bytes(customers_table(np.random.default_rng(SEED), FULL_SIZE)))
        limit = str(LIMIT_PER_CUSTOMER_MINOR * FULL_SIZE // 100)
        command(
            folder, "campaign", "open", "--id", "million", "--limit", limit, "--customers", str(FULL_SIZE)
        )
        started = time.perf_counter()
        command(folder, "decide", "c.csv", "--out", "out")
        seconds = time.perf_counter() - started
        peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / MEGABYTE
        index = read_index(folder / "out" / "plan")
        columns = ["expected_value", "reserved_minor", "contact", "arm"]
        frame = pl.read_parquet(folder / "out" / "decisions.parquet", columns=columns)
        with open_store(f"sqlite:///{folder / LEDGER}") as store:
            totals = store.verify("million", datetime.now(UTC))
    contacted = frame.filter("contact")
    gain = float(contacted["expected_value"].sum()) * MINOR_PER_UNIT
    most = float(frame.filter(pl.col("arm") == "treated")["expected_value"].max() or 0) * MINOR_PER_UNIT  # type: ignore[arg-type]
    if totals.reserved_minor != contacted["reserved_minor"].sum() or len(frame) != FULL_SIZE:
        raise SystemExit("the files do not say what the ledger holds")
    figures = {
        "seconds": seconds,
        "peak_mb": peak_mb,
        "gap_customers": (index.bound_minor - gain) / most,
        "price": index.price or 0.0,
        "gain_minor": gain,
        "spent_minor": float(totals.reserved_minor),
        "limit_minor": float(totals.limit_minor),
        "contacts": float(len(contacted)),
    }
    return {f"decide_{FULL_SIZE}": figures}


def command(folder: Path, *arguments: str) -> None:
    """Run the command line in a folder, with a ledger there."""
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{folder / LEDGER}",
        "CONFIG_DIR": str(folder / CONFIGS),
    }
    program = [sys.executable, "-c", "from churn_saver.cli import main; main()"]
    subprocess.run([*program, *arguments], check=True, cwd=folder, env=environment, stdout=subprocess.DEVNULL)


def written(results: Mapping[str, Figures]) -> str:
    """Lay the figures out, one column for each size."""
    names = list(dict.fromkeys(name for figures in results.values() for name in figures))
    lines = [f"{'':<20}" + "".join(f"{size:>18}" for size in results)]
    lines += [
        f"{name:<20}" + "".join(f"{shown(figures.get(name)):>18}" for figures in results.values())
        for name in names
    ]
    return "\n".join(lines)


def shown(value: float | None) -> str:
    """Write one figure; nothing where a section does not measure it."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


SECTIONS: Mapping[str, Callable[[], dict[str, Figures]]] = {"solver": solver, "decide": decide}
"""What is run, in order; a section gives one entry of the JSON for each size that it measures."""

if __name__ == "__main__":
    main()

"""False alarms of drift and fairness on data where nothing moved, and uplift against known effects.

    python benchmarks/evidence_watch.py [--looks N] [--rows N] [--logs N] [--customers N] [--json PATH]

Looks compare two tables of one law, eight columns that depend on each other; then one column is moved
by half a standard deviation. Logs are of customers whose effects are made up (tests/known_effects), so
that what a ranking earns is known and not estimated. Figures are defined in docs/metrics.md, section
Evidence.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

sys.path.append(str(Path(__file__).resolve().parents[1]))  # the made-up customers lie with the tests

from churn_saver.evidence.drift import Limits, drift
from churn_saver.evidence.effect_parts import effect_parts
from churn_saver.evidence.fairness import Treated, fairness
from churn_saver.evidence.qini import Curve, qini
from churn_saver.evidence.uplift import Uplift, uplift
from tests.known_effects import ARMS, Known, customer_columns, retention_log

LOOKS, ROWS, LOGS, CUSTOMERS = 1_000, 2_000, 20, 20_000
GROUPS = ("a", "b", "c", "d")
GROUP_SHARES = (0.1, 0.2, 0.3, 0.4)
CONTACT_RATE = 0.3
SHIFT = 0.5

Figures = dict[str, float]


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the figures and write the JSON."""
    parser = argparse.ArgumentParser(description="Measure drift, fairness and uplift against known truth.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--looks", type=int, default=LOOKS, help="pairs of tables")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of each table")
    parser.add_argument("--logs", type=int, default=LOGS, help="logs to learn effects from")
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="customers of each log")
    chosen = parser.parse_args(arguments)
    found = figures(chosen.looks, chosen.rows, chosen.logs, chosen.customers)
    for name, value in found.items():
        print(f"{name:32} {value:.4f}")
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def figures(looks: int, rows: int, logs: int, customers: int) -> Figures:
    """Measure everything at a size."""
    return {
        **watched(looks, rows),
        **treated_alike(looks, rows),
        **ranked(logs, customers),
        "looks": looks,
        "look_rows": rows,
        "logs": logs,
        "log_customers": customers,
    }


def watched(looks: int, rows: int) -> Figures:
    """Give the shares of looks with an alarm: where nothing moved, and where one column did."""
    alarms, sure, found, others, seconds = 0, 0, 0, 0, 0.0
    for seed in range(looks):
        rng = np.random.default_rng([1, seed])
        old, new = customer_columns(rows, rng), customer_columns(rows, rng)
        started = time.perf_counter()
        quiet = drift(old, new)
        seconds += time.perf_counter() - started
        alarms += quiet.alarms
        sure += any(one.p_adjusted <= Limits().alpha for one in quiet.columns)
        bill = new["bill"].drop_nans().std()
        assert isinstance(bill, float)
        moved = drift(old, new.with_columns(pl.col("bill") + SHIFT * bill)).moved
        found += "bill" in moved
        others += any(name != "bill" for name in moved)
    return {
        "drift_false_alarms": alarms / looks,
        "drift_sure_by_chance": sure / looks,
        "drift_found": found / looks,
        "drift_wrong_column": others / looks,
        "drift_rows_per_second": 2 * rows * looks / seconds,
    }


def treated_alike(campaigns: int, customers: int) -> Figures:
    """Give the share of campaigns with a group called worse than a bound of 0, all drawn alike."""
    called = 0
    for seed in range(campaigns):
        rng = np.random.default_rng([2, seed])
        group = rng.choice(GROUPS, customers, p=GROUP_SHARES).tolist()
        contacted = rng.random(customers) < CONTACT_RATE
        rows = Treated(contacted, np.zeros(customers, dtype=np.bool_), contacted.astype(np.int64))
        called += bool(fairness(np.arange(customers), group, rows, {"contact_rate": 0.0})[0].worse)
    return {"fairness_false_alarms": called / campaigns}


def ranked(logs: int, customers: int) -> Figures:
    """Learn effects from logs, half of them targeted, and hold each arm's ranking against the truth."""
    areas: list[tuple[float, float, float]] = []
    above_random: list[bool] = []
    covered: list[bool] = []
    agreed: list[bool] = []
    nearer: list[float] = []
    seconds = 0.0
    for seed in range(logs):
        known = retention_log(customers, np.random.default_rng([3, seed]), targeted=seed % 2 == 1)
        started = time.perf_counter()
        found = uplift(known.log)
        seconds += time.perf_counter() - started
        for arm in range(1, ARMS):
            judged, ours, best = curves(known, found, arm, seed)
            areas.append((ours.area.value, best.area.value, float(known.effect[:, arm].mean()) / 2))
            covered.append(judged.area.low <= ours.area.value <= judged.area.high)
            above_random.append(judged.over_random.low <= ours.over_random.value <= judged.over_random.high)
            parts = effect_parts(found.effect[:, arm], found.score[:, arm], known.log.unit)
            agreed += [part.agrees for part in parts]
        spread = known.effect[:, 1:] - known.effect[:, 1:].mean(axis=0)
        nearer.append(float(((found.effect - known.effect)[:, 1:] ** 2).mean() / (spread**2).mean()))
    ours, oracle, random = np.mean(areas, axis=0).tolist()
    return {
        "auuc_learner": ours,
        "auuc_oracle": oracle,
        "auuc_random": random,
        "qini_share_of_oracle": (ours - random) / (oracle - random),
        "coverage_auuc": float(np.mean(covered)),
        "coverage_qini": float(np.mean(above_random)),
        "coverage_effect_parts": float(np.mean(agreed)),
        "effect_error_ratio": float(np.mean(nearer)),
        "uplift_rows_per_second": customers * logs / seconds,
    }


def curves(known: Known, found: Uplift, arm: int, seed: int) -> tuple[Curve, Curve, Curve]:
    """Follow the learned ranking by scores and by the truth, and the oracle's by the truth."""
    truth, unit = known.effect[:, arm], known.log.unit
    pairs = ((found.effect[:, arm], found.score[:, arm]), (found.effect[:, arm], truth), (truth, truth))
    first, second, third = (
        qini(ranking, score, unit, np.random.default_rng(seed), cross_fitted=True) for ranking, score in pairs
    )
    return first, second, third


if __name__ == "__main__":
    main()

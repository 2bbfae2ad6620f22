"""All published figures of the evidence in one run.

    python benchmarks/evidence.py [--quick] [--json PATH]

Joins evidence_lift, evidence_offpolicy, evidence_watch and evidence_promotion. The figures by which the
evidence is judged come first, under the keys of `HEADLINES`; all others stand below them. Figures are
defined in docs/metrics.md, section Evidence.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks import evidence_lift, evidence_offpolicy, evidence_promotion, evidence_watch

HEADLINES = (
    "coverage_lift", "coverage_ips", "coverage_snips", "coverage_dr", "aa_promotions", "srm_found",
    "worse_promoted", "better_promoted", "rows_per_second",
)  # fmt: skip
PARTS: dict[str, Callable[..., dict[str, float]]] = {
    "lift": evidence_lift.figures,
    "offpolicy": evidence_offpolicy.figures,
    "watch": evidence_watch.figures,
    "promotion": evidence_promotion.figures,
}
FULL: dict[str, tuple[int, ...]] = {
    "lift": (1_000, 10_000),
    "offpolicy": (200, evidence_offpolicy.UNITS, evidence_offpolicy.ROWS),
    "watch": (200, 2_000, 4, 10_000),
    "promotion": (evidence_promotion.CAMPAIGNS, evidence_promotion.FEW, evidence_promotion.LARGE),
}
"""Sizes of each part, in the order of its `figures`: some minutes of processor time in all."""
QUICK: dict[str, tuple[int, ...]] = {
    "lift": (20, 2_000),
    "offpolicy": (5, 300, 20_000),
    "watch": (5, 600, 1, 1_500),
    "promotion": (20, 10, 1_500),
}
"""Sizes that show that all of it runs, and nothing else."""


def figures(sizes: dict[str, tuple[int, ...]]) -> dict[str, float]:
    """Give all figures, those of `HEADLINES` first.

    Args:
        sizes: As `FULL`.
    """
    started = time.process_time()
    found: dict[str, float] = {}
    for part, run in PARTS.items():
        found |= run(*sizes[part])
    found["evidence_cpu_seconds"] = time.process_time() - started
    return {name: found[name] for name in HEADLINES} | found


def main(arguments: list[str] | None = None) -> None:
    """Work the figures out, print them and write the JSON."""
    parser = argparse.ArgumentParser(description="Measure the evidence.")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: figures that mean nothing")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args(arguments)
    found = figures(QUICK if chosen.quick else FULL)
    for name, value in found.items():
        print(f"{name:40} {value:,.4f}")
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

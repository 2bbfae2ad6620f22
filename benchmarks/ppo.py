"""Our PPO beside Stable-Baselines3's, in one run: speed, gain against the clock, and what the ladder says.

    python benchmarks/ppo.py [--json PATH] [--telco CSV] [--ladder PATH | --train] [--only SECTION ...]
                             [--cap SECONDS] [--first SECONDS] [--workers N]

On IBM Telco scored by the shipped predictors: whoever learns has one half, whoever judges is of the other.
Figures of the ladder are read from the `ladder_detail.json` that `churn-saver bench` wrote, or measured here
with --train, which takes long. Where a promised figure is missed, it ends with an error after all is printed
and written. Figures are defined in docs/metrics.md, section Peers.

OmniSafe, which holds constraints with Lagrangian methods, is not measured. It has no discrete actions
(https://github.com/PKU-Alignment/omnisafe/issues/362), and its 0.5.0 does not install on Python 3.11: every
safety-gymnasium that it accepts wants pygame 2.1.0, of which there is no wheel for 3.11.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks import env as environments
from benchmarks import ppo_ladder, ppo_race
from benchmarks.ppo_ground import Ground, Report

OMNISAFE = "not measured: no discrete actions, no install on Python 3.11"
CAP_SECONDS, FIRST_SECONDS = 40.0, 3.0
PACKAGES = ("gymnasium", "numba", "numpy", "scipy", "stable-baselines3", "torch")
KEYS = (
    "optimum_gap", "optimum_seconds", "env_ratio", "sb3_ratio_defaults", "sb3_ratio_equal", "gain_median",
    "gain_worst", "regret_median", "knapsack_gain", "seconds_to_90", "feasible", "sb3_seconds_to_90",
    "sb3_gain_equal_wall",
)  # fmt: skip
"""Always in the JSON; null where not measured or not reached."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a figure must reach, from one side."""

    least: float = float("-inf")
    most: float = float("inf")
    goal: float | None = None
    """Wanted, not promised."""

    def __str__(self) -> str:
        words = f"≤ {self.most:g}" if self.least == float("-inf") else f"≥ {self.least:g}"
        return words + ("" if self.goal is None else f", goal {self.goal:g}")

    def keeps(self, figure: object) -> bool:
        """Say whether a figure is within; what was not measured is."""
        return not isinstance(figure, int | float) or self.least <= figure <= self.most


LIMITS: Mapping[str, Limit] = {
    "optimum_gap": Limit(most=1e-6),
    "optimum_seconds": Limit(most=60.0),
    "env_ratio": Limit(least=50.0),
    "sb3_ratio_defaults": Limit(least=30.0),
    "sb3_ratio_equal": Limit(least=5.0),
    "gain_median": Limit(least=90.0, goal=96.0),
    "gain_worst": Limit(least=90.0, goal=93.0),
    "regret_median": Limit(most=4.0),
    "feasible": Limit(least=1.0),
    **{f"ppo_above_knapsack_at_{factor}_low": Limit(least=0.0) for factor in ("0.25", "1", "4")},
}
"""As promised; a gain counts only where `feasible`."""


def main(arguments: list[str] | None = None) -> None:
    """Run the sections asked for, print the table, write the JSON, and name what was missed."""
    asked = _asked(arguments)
    wanted = asked.only or list(SECTIONS)
    if asked.telco is None:
        sys.exit("ppo: name --telco, or set CHURN_SAVER_TEST_DATA to the folder that holds ibm_telco")
    if {"speed", "race"} & set(wanted) and find_spec("stable_baselines3") is None:
        sys.exit(
            "ppo: the peer is missing: pip install 'churn-saver[bench]', or leave its sections out (--only)"
        )
    started = time.perf_counter()
    report: Report = dict.fromkeys(KEYS)
    _tell("reading, scoring and proving the optimum", 0, 0)
    ground = Ground.of(asked.telco)
    for name in wanted:
        report |= SECTIONS[name](ground, asked)
    report |= _circumstances(ground) | {"total_seconds": time.perf_counter() - started}
    print(written(report))
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    missed = [key for key, limit in LIMITS.items() if not limit.keeps(report.get(key))]
    if missed:
        sys.exit(f"ppo: missed {', '.join(missed)}")


def optimum(ground: Ground, _asked: argparse.Namespace) -> Report:
    """Say how close the optimum is certified and what it took; compiling was paid before."""
    best = ground.best
    return {
        "optimum_gap": best.gap,
        "optimum_seconds": ground.optimum_seconds,
        "optimum_customers": ground.settings.panels.certificate,
        "optimum_compile_seconds": ground.compile_seconds,
        "optimum_price": best.price,
    }


def env(_ground: Ground, _asked: argparse.Namespace) -> Report:
    """Compare our environments with each other, as `env.py` does."""
    _tell("environments", 0, 0)
    found = environments.measured()
    return dict[str, object](env_ratio=found["env_ratio"]) | {
        f"env_{name}": found[name]
        for name in ("slots", "vector_steps_per_cpu_second", "scalar_steps_per_cpu_second")
    }


def speed(ground: Ground, _asked: argparse.Namespace) -> Report:
    """Compare what both learn from in a CPU second."""
    from benchmarks import ppo_speed  # with the peer, which may be missing

    return ppo_speed.rates(ground, _tell)


def race(ground: Ground, asked: argparse.Namespace) -> Report:
    """Compare what both have gained after the same time."""
    from benchmarks import ppo_settings  # with the peer, which may be missing

    clock = ppo_race.Clock(asked.cap, asked.first)
    ours, peers = ppo_settings.run(ground, clock, _tell)
    return ppo_race.figures(ours, peers, clock)


def ladder(ground: Ground, asked: argparse.Namespace) -> Report:
    """Sum up the ladder, if there is one."""
    if asked.ladder is not None:
        return ppo_ladder.figures(ppo_ladder.read_rows(asked.ladder))
    if asked.train:
        return ppo_ladder.figures(ppo_ladder.measured_rows(ground, asked.workers, _tell))
    return {"ladder": "not measured: name --ladder, or --train"}


def written(report: Report) -> str:
    """Lay the figures out with their limits; what holds lists is for the JSON alone."""
    lines = []
    for name, value in report.items():
        if isinstance(value, list):
            continue
        limit = LIMITS.get(name)
        verdict = "" if limit is None else f"  {limit}" + ("" if limit.keeps(value) else "  MISSED")
        lines.append(f"{name:<44}{_shown(value):>22}{verdict}")
    return "\n".join(lines)


def _shown(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:,.5g}" if isinstance(value, float) else str(value)


def _circumstances(ground: Ground) -> Report:
    return {
        "customers": ground.table.described,
        "seed": ppo_race.SEED,
        "omnisafe": OMNISAFE,
        "machine": f"{os.cpu_count()} × {platform.machine()}",
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        **{package: _version(package) for package in PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _tell(what: str, done: int, total: int) -> None:
    print(f"ppo: {what}" + (f" ({done + 1} of {total})" if total else ""), file=sys.stderr, flush=True)


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure PPO beside its peer.")
    below = os.environ.get("CHURN_SAVER_TEST_DATA")
    default = Path(below) / "ibm_telco" / "Telco-Customer-Churn.csv" if below else None
    parser.add_argument("--telco", type=Path, default=default, help="IBM Telco")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--only", nargs="+", choices=list(SECTIONS), help="run these sections")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--ladder", type=Path, help="ladder_detail.json of churn-saver bench")
    which.add_argument("--train", action="store_true", help="train and measure the policies here")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count(), help="trainings at a time, with --train"
    )
    parser.add_argument(
        "--cap", type=float, default=CAP_SECONDS, help="CPU seconds of each setting in the race"
    )
    parser.add_argument(
        "--first", type=float, default=FIRST_SECONDS, help="CPU seconds until the first look at each"
    )
    return parser.parse_args(arguments)


SECTIONS: Mapping[str, Callable[[Ground, argparse.Namespace], Report]] = {
    "optimum": optimum, "env": env, "speed": speed, "race": race, "ladder": ladder,
}  # fmt: skip
"""What is run, in order."""

if __name__ == "__main__":
    main()

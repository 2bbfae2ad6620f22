"""Steps per CPU second of the environment: arrays of slots beside the scalar one, in one run.

    python benchmarks/env.py [--json PATH] [--slots 4096]

Both are made as a user makes them, with sampled churn and rewards in money, and act on the same kind of
random actions, drawn beforehand: a contact every other time, all offers and delays alike. Resets count.
Before any time is taken, slot 0 of the arrays must give the scalar one's bits. Rounds alternate, so that
whatever else the machine does meets both; figures are medians over rounds. Promised: `env_ratio` ≥ 50.
Figures are defined in docs/metrics.md, section Environment.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from importlib.metadata import version
from pathlib import Path

import gymnasium
import numpy as np
from numpy.typing import NDArray

from churn_saver.opening.gym import ENV_ID, SYNTHETIC_CUSTOMERS, SYNTHETIC_SEED, register
from churn_saver.policy.state import Ints, Matrix

SEED = 20
SLOTS = 4_096
ROUNDS = 7
ROUND_SECONDS = 1.0
DRAWN = 64
"""Different arrays of actions, gone through again and again."""
COMPARED = 200
WARMED_UP = 5
PACKAGES = ("gymnasium", "numba", "numpy")

ScalarEnv = gymnasium.Env[Matrix, Ints]
VectorEnv = gymnasium.vector.VectorEnv[Matrix, Ints, NDArray[np.generic]]
Report = dict[str, float | int | str]


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description="Measure the environment.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--slots", type=int, default=SLOTS, help="slots of the array environment")
    chosen = parser.parse_args(arguments)
    report = measured(chosen.slots)
    for name, value in report.items():
        print(f"{name:<36}{f'{value:,.1f}' if isinstance(value, float) else value:>24}")
    if chosen.json:
        chosen.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def measured(slots: int = SLOTS) -> Report:
    """Take the rates of both environments, round by round."""
    register()
    many: VectorEnv = gymnasium.make_vec(ENV_ID, num_envs=slots)
    made: ScalarEnv = gymnasium.make(ENV_ID)
    actions = np.random.default_rng(SEED).integers(0, (2, 4, 8), (DRAWN, slots, 3))
    refuse_difference(many, made.unwrapped, actions)
    rounds = [
        (vector_rate(many, actions), scalar_rate(made.unwrapped, actions), scalar_rate(made, actions))
        for _ in range(ROUNDS)
    ]
    vector, bare, wrapped = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratios = [one / other for one, other, _ in rounds]
    return {
        "env_ratio": statistics.median(ratios),
        "env_ratio_least": min(ratios),
        "env_ratio_most": max(ratios),
        "env_ratio_as_made": statistics.median(one / other for one, _, other in rounds),
        "vector_steps_per_cpu_second": vector,
        "scalar_steps_per_cpu_second": bare,
        "scalar_steps_per_cpu_second_as_made": wrapped,
        "slots": slots,
        "rounds": ROUNDS,
        "seed": SEED,
        "customers": SYNTHETIC_CUSTOMERS,
        "customers_seed": SYNTHETIC_SEED,
        "machine": f"{os.cpu_count()} × {platform.machine()}",
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def refuse_difference(many: VectorEnv, single: ScalarEnv, actions: NDArray[np.int64]) -> None:
    """Stop unless slot 0 of the arrays and the scalar environment give the same bits."""
    together, alone = many.reset(seed=SEED)[0], single.reset(seed=SEED)[0]
    same = together[0].tobytes() == alone.tobytes()
    for turn in range(COMPARED):
        seen, paid, over, *_ = many.step(actions[turn % DRAWN])
        alone, reward, ended, *_ = single.step(actions[turn % DRAWN, 0])
        if ended:
            alone = single.reset()[0]
        same &= seen[0].tobytes() == alone.tobytes() and bool(paid[0] == reward) and bool(over[0] == ended)
    if not same:
        sys.exit(
            "slot 0 of the array environment is not the scalar one: the figures would compare two things"
        )


def vector_rate(envs: VectorEnv, actions: NDArray[np.int64]) -> float:
    """Give customers' steps per CPU second."""
    envs.reset(seed=SEED)
    for turn in range(WARMED_UP):
        envs.step(actions[turn])
    turns, started = 0, time.process_time()
    while (spent := time.process_time() - started) < ROUND_SECONDS:
        envs.step(actions[turns % DRAWN])
        turns += 1
    return turns * envs.num_envs / spent


def scalar_rate(env: ScalarEnv, actions: NDArray[np.int64]) -> float:
    """Give steps per CPU second, resets included."""
    env.reset(seed=SEED)
    single = list(actions[0])
    turns, started = 0, time.process_time()
    while (spent := time.process_time() - started) < ROUND_SECONDS:
        for action in single:
            if env.step(action)[2]:
                env.reset()
        turns += len(single)
    return turns / spent


if __name__ == "__main__":
    main()

"""Plain loops as machine code."""

import numpy as np
from numba import prange
from numpy.typing import NDArray

from churn_saver.policy.compiled import compiled, in_parallel

Floats = NDArray[np.float64]


@compiled
def discounted(rewards: Floats, discount: float) -> float:
    """Sum from the end: a loop whose order of operations shows in its last bits."""
    total = 0.0
    for i in range(len(rewards)):
        total = rewards[len(rewards) - 1 - i] + discount * total
    return total


@in_parallel
def discounted_rows(rows: Floats, discount: float) -> Floats:
    """Do each row in a thread of its own."""
    out = np.empty(len(rows))
    for i in prange(len(rows)):
        out[i] = discounted(rows[i], discount)
    return out


@compiled
def ratio(over: float, under: float) -> float:
    """Divide."""
    return over / under


def test_two_rewards_by_hand() -> None:
    """1 + .5 · 4 = 3."""
    assert discounted(np.array([1.0, 4.0]), 0.5) == 3.0


def test_compiled_code_gives_the_bits_of_plain_python() -> None:
    """No operation is moved or fused; the plain function stays at hand."""
    rewards = np.random.default_rng(0).normal(size=1_000)
    plain = discounted.py_func  # type: ignore[attr-defined]

    assert discounted(rewards, 0.97) == plain(rewards, 0.97)


def test_threads_change_no_bit() -> None:
    """Every row is what it is alone, and in plain Python."""
    rows = np.random.default_rng(1).normal(size=(64, 200))

    found = discounted_rows(rows, 0.99)

    assert found.tolist() == [discounted(row, 0.99) for row in rows]
    assert found.tolist() == discounted_rows.py_func(rows, 0.99).tolist()  # type: ignore[attr-defined]


def test_division_is_that_of_numpy() -> None:
    """By nothing it is infinite, not an error: no check stands in a loop."""
    assert ratio(1.0, 0.0) == np.inf

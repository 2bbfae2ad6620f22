"""Choices as probabilities, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.errors import InputError
from churn_saver.evidence.estimators import evaluate
from churn_saver.evidence.logged import Logged
from churn_saver.evidence.targets import deterministic, exploring


def test_a_choice_is_a_row_of_0_and_1() -> None:
    """Arm 2 of three, then arm 0."""
    assert deterministic(np.array([2, 0]), 3).tolist() == [[0, 0, 1], [1, 0, 0]]


def test_exploration_by_hand() -> None:
    """A fiftieth over five arms: .98 + .004 for the choice, .004 for the rest; over two: .99 and .01."""
    allowed = np.array([[True] * 5, [True, True, False, False, False]])

    found = exploring(deterministic(np.array([1, 0]), 5), allowed, 0.02)

    assert found[0] == pytest.approx([0.004, 0.984, 0.004, 0.004, 0.004])
    assert found[1] == pytest.approx([0.99, 0.01, 0, 0, 0])


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_what_explores_is_a_policy_still(seed: int, share: float) -> None:
    """Together 1, and nothing where a gate is shut."""
    rng = np.random.default_rng(seed)
    allowed = np.hstack([np.ones((9, 1), dtype=np.bool_), rng.random((9, 3)) < 0.5])
    target = deterministic(np.zeros(9, dtype=np.int64), 4)

    found = exploring(target, allowed, share)

    assert found.sum(axis=1) == pytest.approx(np.ones(9))
    assert (found[~allowed] == 0).all()


def test_the_weight_of_a_rung_is_0_or_1_over_p() -> None:
    """Two rungs on a log that the first made exploring a tenth of two arms: p is .95 and .05."""
    log = Logged.checked(
        unit=np.arange(3), arm=np.array([0, 0, 1]), propensity=np.array([0.95, 0.95, 0.05]),
        allowed=np.ones((3, 2), dtype=np.bool_), reward=np.ones(3),
        features=np.zeros((3, 1), dtype=np.float32),
    )  # fmt: skip

    own, other = (evaluate(log, deterministic(np.full(3, arm), 2), np.zeros((3, 2))) for arm in (0, 1))

    assert own.sides[0].weights.used == pytest.approx([1 / 0.95, 1 / 0.95, 0])
    assert other.sides[0].weights.used == pytest.approx([0, 0, 20])


def test_what_is_no_policy_is_refused() -> None:
    """An arm that is none, a share above 1, other shapes, a row without arms."""
    allowed = np.ones((2, 2), dtype=np.bool_)

    with pytest.raises(InputError, match=r"the choice of row 1 is 2, wanted an arm from 0 to 1"):
        deterministic(np.array([0, 2]), 2)
    with pytest.raises(InputError, match=r"the exploration share is 1\.5, wanted from 0 to 1"):
        exploring(np.eye(2), allowed, 1.5)
    with pytest.raises(InputError, match=r"target has shape \(3, 3\), allowed \(2, 2\)"):
        exploring(np.eye(3), allowed, 0.1)
    with pytest.raises(InputError, match=r"row 1 allows no arm"):
        exploring(np.eye(2), np.array([[True, True], [False, False]]), 0.1)

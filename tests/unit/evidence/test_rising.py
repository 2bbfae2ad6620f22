"""Rising ladders: by hand, against scipy, and nearer to a truth that rises."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

from churn_saver.evidence.rising import rising_ladder


def test_a_rising_ladder_by_hand() -> None:
    """3 1 2 5: the first three pool to 2; what rises already stays."""
    np.testing.assert_allclose(
        rising_ladder(np.array([[3.0, 1, 2, 5], [1, 2, 3, 4]])), [[2, 2, 2, 5], [1, 2, 3, 4]]
    )


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_a_rising_ladder_agrees_with_scipy(seed: int, arms: int) -> None:
    """The peer finds the same by pooling neighbours, row by row; it rises, and its mean stays."""
    effects = np.random.default_rng(seed).normal(0, 1, (5, arms))

    found = rising_ladder(effects)

    np.testing.assert_allclose(found, [isotonic_regression(row).x for row in effects], atol=1e-12)
    assert (np.diff(found, axis=1) >= 0).all()
    np.testing.assert_allclose(found.mean(axis=1), effects.mean(axis=1))


@given(st.integers(0, 2**32 - 1))
def test_making_it_rise_brings_it_nearer_to_a_truth_that_rises(seed: int) -> None:
    """The nearest rising ladder is never farther from a rising truth than what it was made of."""
    rng = np.random.default_rng(seed)
    truth = np.sort(rng.normal(0, 1, (20, 4)), axis=1)
    found = truth + rng.normal(0, 1, (20, 4))

    before, after = ((one - truth) ** 2 for one in (found, rising_ladder(found)))

    assert (after.sum(axis=1) <= before.sum(axis=1) + 1e-12).all()

"""The best mixture of known plans."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.policy.optimum.certificate import Limits
from churn_saver.policy.optimum.restricted import best_mixture


def test_two_customers_by_hand() -> None:
    """One gains 30 for 10, the other 20 for 10; 8 each, so 16, may be spent.

    The first whole, six tenths of the second: price 20 / 10 = 2.
    """
    gain = np.array([[0.0, 0.0], [30.0, 20.0]])
    spend = np.array([[0.0, 0.0], [10.0, 10.0]])

    weights, price, over_price = best_mixture(gain, spend, np.zeros((2, 2)), Limits(8.0))

    assert weights.ravel().tolist() == pytest.approx([0.0, 0.4, 1.0, 0.6], abs=1e-9)
    assert price == pytest.approx(2.0)
    assert over_price == 0.0


def test_two_limits_by_hand() -> None:
    """Both gain 30 for 10 with a contact above the cap, 20 for 10 without; spend is free up to 100.

    On average one fifth of a contact: .4 of 30 and 1.6 of 20, and one more contact brings 10.
    """
    gain = np.array([[0.0, 0.0], [20.0, 20.0], [30.0, 30.0]])
    spend = np.array([[0.0, 0.0], [10.0, 10.0], [10.0, 10.0]])
    over_cap = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]])

    weights, price, over_price = best_mixture(gain, spend, over_cap, Limits(100.0, 0.2))

    assert float((weights * gain).sum()) == pytest.approx(0.4 * 30 + 1.6 * 20)
    assert price == pytest.approx(0.0, abs=1e-9)
    assert over_price == pytest.approx(10.0)


def test_a_plan_that_is_known_twice_counts_once() -> None:
    """The later of two equal plans has no share in the mixture."""
    gain = np.array([[0.0], [5.0], [5.0]])
    spend = np.array([[0.0], [1.0], [1.0]])

    weights, _, _ = best_mixture(gain, spend, np.zeros((3, 1)), Limits(2.0))

    assert weights.ravel().tolist() == [0.0, 1.0, 0.0]


@given(st.integers(0, 10_000), st.floats(0.01, 2.0))
def test_the_limits_are_kept_and_the_prices_prove_it(seed: int, budget: float) -> None:
    """Shares sum to 1, nothing is overspent, and by duality no plan is worth more at the prices."""
    rng = np.random.default_rng(seed)
    gain, spend, over_cap = rng.random((3, 4, 5))
    gain[0] = spend[0] = over_cap[0] = 0.0
    limits = Limits(budget, 0.1)

    weights, price, over_price = best_mixture(gain, spend, over_cap, limits)

    assert weights.sum(axis=0).tolist() == pytest.approx([1.0] * 5, abs=1e-12)
    assert weights.min() >= 0.0
    assert float((weights * spend).sum(axis=0).mean()) <= budget * (1 + 1e-12)
    assert float((weights * over_cap).sum(axis=0).mean()) <= 0.1 * (1 + 1e-12)
    bound = float((gain - price * spend - over_price * over_cap).max(axis=0).mean())
    bound += price * budget + over_price * 0.1
    assert bound == pytest.approx(float((weights * gain).sum(axis=0).mean()), abs=1e-7)

"""Customers of like probabilities, put together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.evidence.strata import LEAST, MOST, strata


def half(n: int) -> np.ndarray:
    """Treat every other customer."""
    return (np.arange(n) % 2).astype(float)


def test_one_probability_is_one_stratum() -> None:
    """However few customers there are, and though 1 − .05 and .95 differ in the last bit."""
    assert strata(np.array([0.95, 1 - 0.05, 0.95]), half(3)).tolist() == [0, 0, 0]


def test_probabilities_with_enough_customers_stay_apart() -> None:
    """Forty customers of each, twenty in either arm: three strata, by rising probability."""
    found = strata(np.repeat([0.9, 0.5, 0.7], 40), half(120))

    assert found.tolist() == [2] * 40 + [0] * 40 + [1] * 40


def test_neighbours_with_few_customers_are_put_together() -> None:
    """Ten in either arm of .5 are too few: they join .7, and what is left over at .95 joins the last."""
    found = strata(np.repeat([0.5, 0.7, 0.9, 0.95], [20, 40, 40, 10]), half(110))

    assert found.tolist() == [0] * 60 + [1] * 50


def test_too_few_for_one_stratum_are_one() -> None:
    """Six customers of six probabilities."""
    assert strata(np.linspace(0.1, 0.9, 6), half(6)).tolist() == [0] * 6


@pytest.mark.parametrize("n", [800, 200_000])
def test_many_probabilities_make_no_more_strata_than_agreed(n: int) -> None:
    """Each holds enough of both arms, and all customers are in one."""
    rng = np.random.default_rng(1)
    treated = half(n)

    found = strata(rng.random(n), treated)

    assert found.max() + 1 <= MOST
    assert found.max() > 10
    assert min(np.bincount(found, treated).min(), np.bincount(found, 1 - treated).min()) >= LEAST


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_has_no_say(seed: int) -> None:
    """A customer's stratum is the same wherever his row stands, and rises with his probability."""
    rng = np.random.default_rng(seed)
    p, treated = rng.choice([0.5, 0.6, 0.8, 0.9], 300), half(300)
    order = rng.permutation(300)

    found = strata(p, treated)

    np.testing.assert_array_equal(strata(p[order], treated[order]), found[order])
    assert (np.diff(found[np.argsort(p, kind="stable")]) >= 0).all()

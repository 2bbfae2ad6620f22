"""What acceptance probabilities are worth when an offer is chosen by them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.tabular.regret import choices, constant_regret, offer_values, regret

TRUTH = np.array([[0.10, 0.20, 0.40, 0.50], [0.30, 0.31, 0.32, 0.33]])
"""At m = .3 worth .03 .05 .08 .075 and .09 .0775 .064 .0495: best 10 % and 0 %, together .17."""


def test_values_by_hand() -> None:
    """P · (.3 − discount) bills."""
    np.testing.assert_allclose(
        offer_values(TRUTH, 0.3), [[0.03, 0.05, 0.08, 0.075], [0.09, 0.0775, 0.064, 0.0495]]
    )


def test_the_offer_worth_most_is_chosen() -> None:
    """10 % for the first customer, none for the second."""
    assert choices(TRUTH, 0.3).tolist() == [2, 0]


def test_a_tie_takes_the_smaller_offer() -> None:
    """Nobody accepts anything: 0 % is chosen."""
    assert choices(np.zeros((1, 4)), 0.3).tolist() == [0]


def test_regret_by_hand() -> None:
    """Giving both 15 %: (.17 − .075 − .0495) / .17."""
    assert regret(TRUTH, np.array([3, 3]), 0.3) == pytest.approx((0.17 - 0.1245) / 0.17)


def test_the_best_constant_by_hand() -> None:
    """Sums .12, .1275, .144, .1245: 10 % for all is best and loses .026 of .17."""
    assert constant_regret(TRUTH, 0.3) == pytest.approx(0.026 / 0.17)


@given(st.integers(0, 2**32 - 1), st.floats(0.16, 3))
def test_nothing_beats_the_truth(seed: int, margin: float) -> None:
    """Choosing by the truth has no regret; any choice has some or none; a constant is a choice."""
    rng = np.random.default_rng(seed)
    truth = np.sort(rng.random((30, 4)), axis=1)
    constant = [regret(truth, np.full(30, k), margin) for k in range(4)]

    assert regret(truth, choices(truth, margin), margin) == pytest.approx(0, abs=1e-12)
    assert regret(truth, rng.integers(0, 4, 30), margin) + 1e-12 >= 0
    assert constant_regret(truth, margin) == pytest.approx(min(constant))

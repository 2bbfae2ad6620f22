"""Means of an arm as they stand for the treated, by hand."""

import numpy as np
import pytest

from churn_saver.errors import InputError
from churn_saver.evidence.arm_means import cells, mean_of, share_of, spread, wilson_of
from churn_saver.evidence.followed import Followed, State

WINDOW = 30.0


def known(treated: np.ndarray, probability: np.ndarray | float, kept: np.ndarray) -> Followed:
    """Give customers who are all known; the probability is that of being treated."""
    p = np.broadcast_to(probability, treated.shape)
    return Followed.checked(
        treated=treated,
        arm_probability=np.where(treated, p, 1 - p),
        state=np.where(kept > 0, State.RETAINED, State.CHURNED),
        days=np.where(kept > 0, WINDOW, 10.0),
        margin_minor=np.arange(len(treated), dtype=float),
        window_days=WINDOW,
    )


def test_with_one_probability_an_arm_is_its_plain_mean() -> None:
    """Values 1, 3, 8: mean 4, variance 13 over 3, third moment 3·(−27 − 1 + 64)/2 over 9 = 6, two degrees."""
    followed = known(np.array([True] * 3 + [False] * 2), 0.6, np.ones(5))
    arm = cells(followed, treated=True)

    found = mean_of(spread(np.array([1.0, 3, 8, 50, 70]), arm), arm)

    assert found.value == pytest.approx(4)
    assert found.variance == pytest.approx(13 / 3)
    assert found.plain_variance == pytest.approx(26 / 9)
    assert found.third == pytest.approx(3 * (-27 - 1 + 64) / 2 / 9)
    assert found.freedom == pytest.approx(2)


def test_a_share_of_known_customers_has_their_number_as_its_size() -> None:
    """Three of four stay: .75, and as sure as four customers."""
    followed = known(np.array([True] * 4 + [False] * 2), 0.5, np.array([1.0, 1, 0, 1, 1, 0]))
    arm = cells(followed, treated=True)

    assert share_of(spread(followed.kept, arm), arm) == pytest.approx((0.75, 4))


@pytest.mark.parametrize("all_stay", [0.0, 1.0])
def test_a_share_without_variance_has_its_known_customers_as_size(all_stay: float) -> None:
    """All three stay, or none: Wilson's interval still has a length, that of three customers."""
    followed = known(np.array([True] * 3 + [False] * 2), 0.5, np.full(5, all_stay))
    arm = cells(followed, treated=True)

    share, size = share_of(spread(followed.kept, arm), arm)

    assert (share, size) == pytest.approx((all_stay, 3))
    assert wilson_of(share, size, 0.95).high - wilson_of(share, size, 0.95).low > 0.5


def test_strata_are_weighted_by_their_treated() -> None:
    """Two strata, 60 treated of 80 and 20 of 80, three quarters and one quarter of the treated.

    Of the holdout, half stay in the first and none in the second: 3/4 · 1/2 = .375, where their plain
    share is 10 of 80. Its variance is (3/4)² · (1/2 · 1/2)/20 with n, and nothing from the second.
    """
    treated = np.array([True] * 60 + [False] * 20 + [True] * 20 + [False] * 60)
    probability = np.repeat([0.75, 0.25], 80)
    kept = np.zeros(160)
    kept[60:70] = 1
    followed = known(treated, probability, kept)
    arm = cells(followed, treated=False)

    share, size = share_of(spread(kept, arm), arm)

    assert share == pytest.approx(0.375)
    assert size == pytest.approx(0.375 * 0.625 / (9 / 16 * 0.25 / 20))


def test_inside_a_stratum_the_holdout_counts_by_the_odds_of_treatment() -> None:
    """Odds 1 at .5 and 4 at .8, too few for two strata: (1·10 + 4·20) / 5 = 18; the treated count alike."""
    treated = np.array([True, True, False, False])
    followed = known(treated, np.array([0.5, 0.8, 0.5, 0.8]), np.ones(4))
    value = np.array([1.0, 3, 10, 20])

    holdout, reached = cells(followed, treated=False), cells(followed, treated=True)

    assert mean_of(spread(value, holdout), holdout).value == pytest.approx(18)
    assert mean_of(spread(value, reached), reached).value == pytest.approx(2)


def test_one_customer_cannot_show_how_customers_vary() -> None:
    """The message names the arm and what to do."""
    followed = known(np.array([True, True, False]), 0.5, np.ones(3))

    with pytest.raises(
        InputError, match=r"the holdout has 1 customer, wanted two or more.*Hold more customers"
    ):
        cells(followed, treated=False)

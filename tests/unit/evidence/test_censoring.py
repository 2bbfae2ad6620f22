"""Means of what is known only of some: by hand, against the product limit, Greenwood and the jackknife."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.errors import InputError
from churn_saver.evidence.censoring import following, pseudo_values

WINDOW = 10.0


def drawn(seed: int, n: int) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Draw times in whole days, who is known, and who was kept; the last customer is known to the end."""
    rng = np.random.default_rng(seed)
    leaves, followed = rng.integers(1, 16, n).astype(float), rng.integers(3, 14, n).astype(float)
    followed[-1] = leaves[-1] = 20.0
    has_left = (leaves <= followed) & (leaves <= WINDOW)
    known = has_left | (followed >= WINDOW)
    time = np.where(has_left, leaves, np.minimum(followed, WINDOW))
    return time, known, (known & ~has_left).astype(float)


def product_limit(time: NDArray[np.float64], left: NDArray[np.bool_]) -> tuple[float, float]:
    """Multiply up the shares who stay, day by day, and Greenwood's variance: a ruler of a few lines."""
    stays, hurt = 1.0, 0.0
    for day in np.unique(time[left]):
        at_risk, leaves = int((time >= day).sum()), int((left & (time == day)).sum())
        stays *= 1 - leaves / at_risk
        hurt += leaves / (at_risk * (at_risk - leaves)) if at_risk > leaves else 0.0
    return stays, stays**2 * hurt


def test_five_customers_by_hand() -> None:
    """One leaves on day 2, one is followed to day 3, one leaves on day 4, two stay to day 5.

    After day 3, three of the four then followed are left: 3/4, so each of them stands for 4/3. Kept
    are 2 · 4/3 of 5 = 8/15, the Kaplan-Meier 4/5 · 2/3. Money of 3, 6, 9 and 9: (3 + 24 · 4/3) / 5 = 7.
    """
    time, known = np.array([2.0, 3, 4, 5, 5]), np.array([True, False, True, True, True])

    among = following(time, known, np.ones(5), "holdout")
    kept = pseudo_values(np.array([0.0, 0, 0, 1, 1]), among)
    money = pseudo_values(np.array([3.0, np.nan, 6, 9, 9]), among)

    np.testing.assert_allclose(among.standing_for, [1, 0, 4 / 3, 4 / 3, 4 / 3])
    assert kept.mean() == pytest.approx(8 / 15)
    assert money.mean() == pytest.approx((3 + 24 * 4 / 3) / 5)


def test_five_customers_vary_as_greenwood_says() -> None:
    """Greenwood: (8/15)² · (1/(5·4) + 1/(3·2)) = .06163, and so do the pseudo-values with n."""
    time, known = np.array([2.0, 3, 4, 5, 5]), np.array([True, False, True, True, True])

    kept = pseudo_values(np.array([0.0, 0, 0, 1, 1]), following(time, known, np.ones(5), "holdout"))

    assert kept.var() / 5 == pytest.approx((8 / 15) ** 2 * (1 / 20 + 1 / 6))


def test_on_the_same_day_leaving_comes_first() -> None:
    """One of four leaves on day 2 and one ends there: the leaver was no loss of following.

    So 2 of the 3 who did not leave go on, each for 3/2, and 3/4 are kept. The other order would say 2/3.
    """
    time, known = np.array([2.0, 2, 5, 5]), np.array([True, False, True, True])

    kept = pseudo_values(np.array([0.0, 0, 1, 1]), following(time, known, np.ones(4), "holdout"))

    assert kept.mean() == pytest.approx(3 / 4)


def test_where_all_are_known_nothing_is_changed() -> None:
    """Each pseudo-value is the value itself, to rounding."""
    value = np.array([1.0, 5, 2, 8])

    found = pseudo_values(value, following(np.array([1.0, 2, 3, 4]), np.ones(4, bool), np.ones(4), "holdout"))

    np.testing.assert_allclose(found, value)


@given(st.integers(0, 2**32 - 1), st.integers(3, 60))
def test_the_share_is_the_product_limit_with_greenwoods_variance(seed: int, n: int) -> None:
    """Ties and all, at any size; whatever is known stands for everybody."""
    time, known, kept = drawn(seed, n)
    share, variance = product_limit(time, known & (kept == 0))

    among = following(time, known, np.ones(n), "holdout")
    found = pseudo_values(kept, among)

    assert among.standing_for.sum() == pytest.approx(n)
    assert found.mean() == pytest.approx(share, abs=1e-12)
    assert found.var() / n == pytest.approx(variance, abs=1e-12)


def test_a_pseudo_value_is_what_leaving_a_customer_out_shows() -> None:
    """The jackknife, n·estimate − (n − 1)·estimate without him, agrees to the order of 1/n, with weights."""
    n = 400
    time, known, kept = drawn(3, n)
    rng = np.random.default_rng(4)
    weight, value = rng.uniform(0.5, 2, n), kept * 5 + time

    def estimate(rows: NDArray[np.bool_]) -> float:
        among = following(time[rows], known[rows], weight[rows], "holdout")
        return float((among.standing_for * value[rows]).sum() / weight[rows].sum())

    everybody = np.ones(n, dtype=np.bool_)
    without = np.array([estimate(np.arange(n) != k) for k in range(n)])
    jackknife = n * estimate(everybody) - (n - 1) * without

    found = pseudo_values(value, following(time, known, weight, "holdout"))

    assert found.mean() == pytest.approx(estimate(everybody))
    assert np.corrcoef(found, jackknife)[0, 1] > 0.9999
    assert found.std() == pytest.approx(jackknife.std(), rel=0.01)


def test_equal_weights_of_any_size_change_nothing() -> None:
    """Only their ratios count."""
    time, known, kept = drawn(5, 50)

    one = pseudo_values(kept, following(time, known, np.ones(50), "holdout"))
    other = pseudo_values(kept, following(time, known, np.full(50, 7.0), "holdout"))

    np.testing.assert_allclose(one, other)


def test_nobody_followed_to_the_end_is_refused() -> None:
    """Nothing is known of the end then; the message names the arm and the longest following."""
    with pytest.raises(
        InputError, match=r"nobody of the holdout .*the longest for 12 days\. Wait, or judge at"
    ):
        following(np.array([3.0, 12, 5]), np.array([True, False, False]), np.ones(3), "holdout")

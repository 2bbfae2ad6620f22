"""Differences and ratios of two arms, against scipy, Fieller and Katz."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind
from scipy.stats.contingency import relative_risk

from benchmarks.evidence_lift import money_coverage
from churn_saver.evidence.arm_means import Mean, wilson_of
from churn_saver.evidence.contrasts import mean_difference, mean_interval, ratio
from churn_saver.evidence.shares import Interval


def mean_of(values: np.ndarray) -> Mean:
    """Work out the moments of a plain mean."""
    n, apart = len(values), values - values.mean()
    square, cube = (apart**2).sum() / (n - 1), (apart**3).sum() * n / ((n - 1) * (n - 2))
    return Mean(values.mean(), square / n, cube / n**2, n - 1, (apart**2).mean() / n)


def fieller(figure: Interval, other: Interval, z: float) -> tuple[float, float]:
    """Give the ratios r for which figure − r·other lies within z errors of 0, both being symmetric."""
    a, b = (figure.high - figure.value) / z, (other.high - other.value) / z
    roots = np.roots(
        [
            other.value**2 - z**2 * b**2,
            -2 * figure.value * other.value,
            figure.value**2 - z**2 * a**2,
        ]
    )
    return tuple(np.sort(roots.real))


def test_without_skewness_it_is_welchs_interval() -> None:
    """Two samples that are symmetric about their means: scipy's Welch interval, to every digit."""
    one, other = np.array([1.0, 2, 3, 9, 10, 11]), np.array([4.0, 5, 6])
    peer = ttest_ind(one, other, equal_var=False).confidence_interval(0.9)

    found = mean_difference(mean_of(one), mean_of(other), 0.9)

    assert found.value == pytest.approx(1)
    assert (found.low, found.high) == pytest.approx((peer.low, peer.high))


@given(st.integers(0, 2**32 - 1))
def test_skewness_only_moves_an_end_outwards(seed: int) -> None:
    """Money with a long tail: the interval holds Welch's, and one end of it is Welch's."""
    rng = np.random.default_rng(seed)
    one, other = rng.lognormal(0, 1, 200), rng.lognormal(0, 1, 12)
    peer = ttest_ind(one, other, equal_var=False).confidence_interval(0.95)

    found = mean_difference(mean_of(one), mean_of(other), 0.95)

    assert found.low <= peer.low + 1e-9
    assert found.high >= peer.high - 1e-9


def test_the_end_that_moves_is_where_the_transformed_distance_is_the_quantile() -> None:
    """A difference of −5 with error 1 and skewness A = .3, normal otherwise: large amounts may be missing.

    At the upper end T = −5 − high, and g(T) = T + A·T²/3 + A²·T³/27 + A/6 is −1.96; the lower end is Welch's.
    """
    found = mean_difference(Mean(0, 0, 0, 1e9, 0), Mean(5, 1, -0.3, 1e9, 1), 0.95)
    t = -5 - found.high

    assert found.low == pytest.approx(-5 - 1.959964, abs=1e-5)
    assert found.high > -5 + 1.959964 + 0.3
    assert t + 0.3 * t**2 / 3 + 0.09 * t**3 / 27 + 0.05 == pytest.approx(-1.959964, abs=1e-5)


def test_arms_the_other_way_round_turn_the_interval_over() -> None:
    """Treated minus holdout is the holdout minus treated with the other sign, ends swapped."""
    rng = np.random.default_rng(2)
    one, other = mean_of(rng.lognormal(0, 1, 80)), mean_of(rng.gamma(1, 1, 9))

    found, turned = mean_difference(one, other, 0.95), mean_difference(other, one, 0.95)

    assert (found.low, found.high) == pytest.approx((-turned.high, -turned.low))


def test_a_figure_that_does_not_vary_is_sure() -> None:
    """A cost of 20 for everybody has no interval but itself."""
    assert mean_interval(Mean(20.0, 0.0, 0.0, 5.0, 0.0), 0.95) == Interval(20, 20, 20)
    assert mean_interval(Mean(20.0, 1e-30, -1e-44, 5.0, 1e-30), 0.95) == Interval(20, 20, 20)


@pytest.mark.parametrize("held_out", [50, 100])
def test_with_one_in_twenty_held_out_skewed_money_is_missed_less_often_than_by_welch(held_out: int) -> None:
    """Lognormal money, σ = 1, 500 campaigns: standard deviation of a coverage of .95 is .0097.

    Welch's interval is passed on its upper side by one campaign in ten at 50 held out; ours by fewer, and
    by no more than three deviations below .92.
    """
    ours, welch = money_coverage(held_out, campaigns=500, seed=1)

    assert ours > welch
    assert ours >= 0.92 - 3 * 0.0097


def test_the_ratio_of_symmetric_intervals_is_fiellers() -> None:
    """The quadratic that Fieller's theorem gives, solved by itself."""
    figure, other = Interval(6.0, 5.0, 7.0), Interval(3.0, 2.2, 3.8)

    found = ratio(figure, other)

    assert found is not None
    assert found.value == 2
    assert (found.low, found.high) == pytest.approx(fieller(figure, other, 1.96))


def test_the_ratio_to_a_sure_figure_is_the_interval_divided() -> None:
    """6 (5 to 7) over exactly 2."""
    assert ratio(Interval(6, 5, 7), Interval(2, 2, 2)) == Interval(3, 2.5, 3.5)


def test_the_ratio_of_shares_lies_near_katzs() -> None:
    """9,000 of 10,000 over 800 of 1,000: scipy's interval from the logarithm, to three in a thousand."""
    peer = relative_risk(9_000, 10_000, 800, 1_000).confidence_interval(0.95)

    found = ratio(wilson_of(0.9, 10_000, 0.95), wilson_of(0.8, 1_000, 0.95))

    assert found is not None
    assert (found.low, found.high) == pytest.approx((peer.low, peer.high), abs=0.003)


def test_a_ratio_turned_over_is_its_reciprocal() -> None:
    """1/r lies between 1/high and 1/low."""
    one, other = Interval(0.9, 0.85, 0.93), Interval(0.8, 0.7, 0.87)
    found, turned = ratio(one, other), ratio(other, one)

    assert found is not None
    assert turned is not None
    assert (1 / turned.high, 1 / turned.low) == pytest.approx((found.low, found.high))


@pytest.mark.parametrize("nearer", list(pairwise([1.5, 1.9, 1.999_999, 2.0, 2.000_001, 2.1, 2.5])))
def test_the_lower_end_has_no_jump_where_the_formula_divides_by_0(nearer: tuple[float, float]) -> None:
    """The upper end of the holdout's figure passes twice the figure itself: the ratio falls on smoothly."""
    low, lower = (ratio(Interval(3, 2, 4), Interval(1, 0.5, high)) for high in nearer)

    assert low is not None
    assert lower is not None
    assert 0 < lower.low <= low.low < 3


@pytest.mark.parametrize(
    ("figure", "other"),
    [
        (Interval(-1, -2, 1), Interval(2, 1, 3)),
        (Interval(1, 0, 2), Interval(0, 0, 0)),
        (Interval(1, 0, 2), Interval(1, 0, 2)),
        (Interval(1, 0, 2), Interval(-1, -2, 2)),
    ],
)
def test_no_ratio_is_told_where_a_figure_may_be_nothing(figure: Interval, other: Interval) -> None:
    """A loss, or a holdout that may have earned 0, has no ratio that says anything."""
    assert ratio(figure, other) is None

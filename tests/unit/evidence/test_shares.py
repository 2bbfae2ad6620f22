"""Intervals of shares: published examples, scipy, and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from churn_saver.errors import InputError
from churn_saver.evidence.shares import Interval, intervals, newcombe, normal_quantile, wilson


def ends_of_share(count: int, rows: int, level: float = 0.95) -> tuple[float, float]:
    """Ask for one share."""
    low, high = wilson(np.array([float(count)]), np.array([float(rows)]), level)
    return float(low[0]), float(high[0])


def ends_of_difference(
    count: int, rows: int, other: int, others: int, level: float = 0.95
) -> tuple[float, float]:
    """Ask for one difference."""
    first, second, third, fourth = (np.array([float(number)]) for number in (count, rows, other, others))
    low, high = newcombe(first, second, third, fourth, level)
    return float(low[0]), float(high[0])


def test_wilson_of_a_published_example() -> None:
    """81 of 263 is .308, .2553 to .3662: Newcombe, Statistics in Medicine 17 (1998) 857-872, table I."""
    low, high = ends_of_share(81, 263)

    assert low == pytest.approx(0.2553, abs=5e-5)
    assert high == pytest.approx(0.3662, abs=5e-5)


@given(st.integers(1, 400), st.data(), st.sampled_from([0.8, 0.95, 0.999]))
def test_wilson_agrees_with_scipy(rows: int, data: st.DataObject, level: float) -> None:
    """The peer library finds the same ends, also of none and of all."""
    count = data.draw(st.integers(0, rows))
    peer = binomtest(count, rows).proportion_ci(level, method="wilson")

    low, high = ends_of_share(count, rows, level)

    assert low == pytest.approx(peer.low, abs=1e-12)
    assert high == pytest.approx(peer.high, abs=1e-12)


def test_nothing_is_known_exactly() -> None:
    """None of 20 reaches from 0 exactly to z²/(20 + z²) = 3.8415/23.8415 = .1611; all of 20 mirrors it."""
    low, high = wilson(np.array([0.0, 20]), np.array([20.0, 20]), 0.95)

    assert low[0] == 0
    assert high[0] == pytest.approx(0.16113, abs=1e-5)
    assert low[1] == pytest.approx(1 - 0.16113, abs=1e-5)
    assert high[1] == 1


def test_newcombe_of_a_published_example() -> None:
    """56 of 70 less 48 of 80 is .2, .0524 to .3339: Newcombe (1998) 873-890, table II, row (a), method 10."""
    low, high = ends_of_difference(56, 70, 48, 80)

    assert low == pytest.approx(0.0524, abs=5e-5)
    assert high == pytest.approx(0.3339, abs=5e-5)


def test_newcombe_of_shares_at_the_ends() -> None:
    """10 of 10 less 0 of 20 is 1, .6791 to 1: table II, row (g), method 10."""
    low, high = ends_of_difference(10, 10, 0, 20)

    assert low == pytest.approx(0.6791, abs=5e-5)
    assert high == pytest.approx(1.0)


@given(st.integers(1, 100), st.integers(1, 100), st.data())
def test_a_difference_turned_round_turns_its_interval(rows: int, others: int, data: st.DataObject) -> None:
    """Where p − q lies from low to high, q − p lies from −high to −low."""
    count, other = data.draw(st.integers(0, rows)), data.draw(st.integers(0, others))

    low, high = ends_of_difference(count, rows, other, others, 0.9)
    back_low, back_high = ends_of_difference(other, others, count, rows, 0.9)

    assert low <= count / rows - other / others <= high
    assert (back_low, back_high) == pytest.approx((-high, -low))


def test_the_normal_quantile_of_tables() -> None:
    """95 % lie within 1.959964 and 99 % within 2.575829."""
    assert normal_quantile(0.95) == pytest.approx(1.959964, abs=1e-6)
    assert normal_quantile(0.99) == pytest.approx(2.575829, abs=1e-6)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_a_level_is_a_share(level: float) -> None:
    """95 is not .95."""
    with pytest.raises(InputError, match=rf"level is {level}, wanted a share inside \(0, 1\)"):
        normal_quantile(level)


@pytest.mark.parametrize(("count", "rows"), [(1, 0), (-1, 5), (6, 5)])
def test_a_count_fits_its_rows(count: int, rows: int) -> None:
    """No rows, fewer than none and more than all are refused by place."""
    with pytest.raises(InputError, match=rf"share 1 is {count} of {rows} rows, wanted a count from 0"):
        wilson(np.array([1.0, count]), np.array([2.0, rows]), 0.95)


def test_figures_side_by_side() -> None:
    """Three arrays become intervals, and the sign of one can be turned."""
    found = intervals(np.array([1.0, 2]), np.array([0.0, 1]), np.array([3.0, 4]))

    assert found == (Interval(1, 0, 3), Interval(2, 1, 4))
    assert found[0].negative == Interval(-1, -3, 0)

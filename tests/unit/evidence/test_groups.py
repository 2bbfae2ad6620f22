"""Means of groups and their differences: by hand, against scipy, and over seeds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp, ttest_ind

from churn_saver.errors import InputError
from churn_saver.evidence.groups import MISSING, grouped, means, refuse


def test_groups_come_by_name_and_missing_is_one() -> None:
    """Customers without a value are a group of their own."""
    found = grouped(np.arange(4), ["b", None, "a", "b"], 4)

    assert found.names == (MISSING, "a", "b")
    assert found.place.tolist() == [2, 0, 1, 2]
    assert found.rows.tolist() == [1, 1, 2]


def test_means_by_hand() -> None:
    """1 and 3: mean 2, variance 2 of a value and 1 of the mean; a group of one has that of all, 14/9."""
    found = means(grouped(np.arange(3), ["a", "a", "b"], 3), np.array([1.0, 3, 4]))

    np.testing.assert_allclose(found.value, [2, 4])
    np.testing.assert_allclose(found.variance, [1, 14 / 9])


def test_one_group_against_the_others_by_hand() -> None:
    """Groups of 1, 2 and 3 customers: the others of the first weigh 2/5 and 3/5."""
    groups = grouped(np.arange(6), list("abbccc"), 6)

    np.testing.assert_allclose(groups.against_others(0), [-1, 0.4, 0.6])


@given(st.integers(0, 2**32 - 1))
def test_a_difference_of_two_groups_agrees_with_scipy(seed: int) -> None:
    """Two groups: Welch's interval; one group alone: Student's."""
    rng = np.random.default_rng(seed)
    values = rng.exponential(1, 50)
    groups = grouped(np.arange(50), ["a"] * 20 + ["b"] * 30, 50)
    peer = ttest_ind(values[:20], values[20:], equal_var=False).confidence_interval(0.9)
    alone = ttest_1samp(values[:20], 0).confidence_interval(0.9)
    found = means(groups, values)

    two, one = found.contrast(np.array([1.0, -1]), 0.9), found.contrast(np.array([1.0, 0]), 0.9)

    assert (two.low, two.high) == pytest.approx((peer.low, peer.high))
    assert (one.low, one.high) == pytest.approx((alone.low, alone.high))


def test_values_that_never_vary_are_known() -> None:
    """Without spread the interval is a point."""
    found = means(grouped(np.arange(4), list("aabb"), 4), np.array([1.0, 1, 2, 2]))

    interval = found.contrast(np.array([-1.0, 1]), 0.95)

    assert (interval.value, interval.low, interval.high) == (1, 1, 1)


def test_relative_figures_cover_the_truth() -> None:
    """Skewed costs of means 1, 2 and 3, of groups of 300, 200 and 100: shares of the mean of all, 10/6.

    600 draws: the 95 % interval of the second group's 1.2 misses in .05, ± 3·√(.05·.95/600) = .027.
    """
    groups = grouped(np.arange(600), ["a"] * 300 + ["b"] * 200 + ["c"] * 100, 600)
    scale = np.array([1.0, 2, 3])[groups.place]
    inside = []
    for seed in range(600):
        found = means(groups, np.random.default_rng(seed).exponential(scale))
        interval = found.contrast(np.array([0.0, 1, 0]), 0.95, relative=True)
        inside.append(interval.low <= 1.2 <= interval.high)

    assert np.mean(inside) == pytest.approx(0.95, abs=0.027)


def test_relative_figures_have_no_unit() -> None:
    """Costs in another currency give the same."""
    rng = np.random.default_rng(1)
    groups, cost = grouped(np.arange(60), list("abc") * 20, 60), rng.exponential(1, 60)
    weights = groups.against_others(1)

    found, other = (means(groups, cost * scale).contrast(weights, 0.9, relative=True) for scale in (1, 100))

    assert (other.value, other.low) == pytest.approx((found.value, found.low))


def test_a_customer_stands_once() -> None:
    """A second row of a customer is named: his rows would count as two people."""
    with pytest.raises(
        InputError, match=r"row 2 is a customer that stood before: hand in one row a customer"
    ):
        grouped(np.array([5, 6, 5]), ["a", "b", "a"], 3)


def test_no_value_may_read_as_missing() -> None:
    """Two groups of one name would be one."""
    with pytest.raises(InputError, match=r"row 0 has the value '\(missing\)': rename it, or say None"):
        grouped(np.arange(1), [MISSING], 1)


@pytest.mark.parametrize(("units", "values", "rows"), [(0, 0, 0), (2, 1, 2), (1, 2, 2)])
def test_everything_has_one_row_a_customer(units: int, values: int, rows: int) -> None:
    """No rows, and lengths that differ, are refused."""
    with pytest.raises(
        InputError, match=rf"{units} customers, {values} values of the column and {rows} rows"
    ):
        grouped(np.arange(units), ["a"] * values, rows)


def test_rows_at_fault_are_named_and_counted() -> None:
    """The first by its number, the others by how many they are; none: silence."""
    refuse(np.zeros(3, dtype=np.bool_), "is odd")

    with pytest.raises(InputError, match=r"row 1 \(and 1 more\) is odd: mend the row"):
        refuse(np.array([False, True, True]), "is odd")

"""Units that stay together, and intervals by hand and beside scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from churn_saver.errors import InputError
from churn_saver.evidence.clusters import estimate, units_of


def test_units_are_coded_and_summed() -> None:
    """Codes −5, 9, −5: two units, sums 1 + 4 and 2."""
    units = units_of(np.array([-5, 9, -5]))

    assert units.count == 2
    assert units.sums(np.array([1.0, 2.0, 4.0])).tolist() == [5.0, 2.0]


def test_folds_hold_whole_units_of_equal_number() -> None:
    """12 units of 3 rows in 4 folds: 3 units each, the same for the same seed, others for another."""
    unit = np.repeat(np.arange(12) * 7, 3)

    first, again, other = (units_of(unit).folds(4, seed) for seed in (1, 1, 2))

    assert np.bincount(first).tolist() == [9, 9, 9, 9]
    assert (first.reshape(12, 3) == first.reshape(12, 3)[:, :1]).all()
    assert (first == again).all()
    assert (first != other).any()


def test_too_few_units_for_the_folds_are_refused() -> None:
    """Two customers fill no three folds, however many rows they have."""
    with pytest.raises(InputError, match=r"the log has 2 units, wanted at least 3, one for each fold"):
        units_of(np.array([1, 1, 1, 2])).folds(3, 0)


def test_a_standard_error_by_hand() -> None:
    """Influence 1, −1, 2, −2 of four units: G/(G−1)·Σ²/n² = 4/3·10/16, its root .9129.

    κ = 4·(1 + 1 + 16 + 16)/100 = 1.36, 2G/(κ − 1) = 22.2, so G − 1 = 3 degrees: t = 3.1824. Skewness 0: even.
    """
    found = estimate(5.0, np.array([1.0, -1.0, 2.0, -2.0]), units_of(np.arange(4)))

    assert found.standard_error == pytest.approx(0.912871, abs=1e-6)
    assert found.freedom == 3
    assert (found.low, found.high) == pytest.approx((5 - 2.905147, 5 + 2.905147), abs=1e-4)


def test_rows_of_one_unit_are_one_draw() -> None:
    """Two units of (1, 1) and (−1, −1): sums 2 and −2, SE² = 2·8/16 = 1; as four units it would be 1/3."""
    influence = np.array([1.0, 1.0, -1.0, -1.0])

    together, apart = (estimate(0.0, influence, units_of(np.array(u))) for u in ([0, 0, 1, 1], [0, 1, 2, 3]))

    assert together.standard_error == pytest.approx(1.0)
    assert apart.standard_error == pytest.approx(np.sqrt(1 / 3))
    assert together.freedom == 1


@given(st.integers(0, 2**32 - 1), st.integers(3, 60))
def test_the_error_of_a_mean_is_scipys(seed: int, n: int) -> None:
    """One row a unit: the standard error of a mean is `scipy.stats.sem`."""
    values = np.random.default_rng(seed).normal(size=n)

    found = estimate(values.mean(), values - values.mean(), units_of(np.arange(n)))

    assert found.standard_error == pytest.approx(stats.sem(values), rel=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_rows_said_twice_say_nothing_new(seed: int) -> None:
    """Every row of a unit doubled: the same estimate with the same interval."""
    values = np.random.default_rng(seed).exponential(size=30)
    influence = values - values.mean()

    once = estimate(1.0, influence, units_of(np.arange(30)))
    twice = estimate(1.0, np.repeat(influence, 2), units_of(np.repeat(np.arange(30), 2)))

    assert (twice.low, twice.high, twice.freedom) == pytest.approx((once.low, once.high, once.freedom))


def test_many_even_units_have_the_normal_interval() -> None:
    """100,000 draws of a normal law: ±1.96 standard errors to three digits."""
    values = np.random.default_rng(0).normal(size=100_000)
    values -= values.mean()

    found = estimate(0.0, values, units_of(np.arange(100_000)))

    assert found.high / found.standard_error == pytest.approx(1.96, abs=2e-3)
    assert found.low / found.standard_error == pytest.approx(-1.96, abs=2e-3)


def test_a_skewed_interval_reaches_farther_to_its_long_side() -> None:
    """Hall's cubic g(x) = x + a·x²/3 + a²·x³/27 + a/6 takes the far end, in errors, to the t quantile.

    It has 59 degrees of freedom for 60 units; the near end is the even one's, which has fewer. Turned around,
    the interval turns around.
    """
    values = np.random.default_rng(3).exponential(size=60)
    influence = values - values.mean()
    units = units_of(np.arange(60))
    a = np.sum(influence**3) / np.sum(influence**2) ** 1.5

    found, turned = estimate(0.0, influence, units), estimate(0.0, -influence, units)

    far = -found.high / found.standard_error
    assert far + a * far**2 / 3 + a**2 * far**3 / 27 + a / 6 == pytest.approx(-stats.t.ppf(0.975, 59))
    assert found.high > -found.low
    assert -found.low / found.standard_error == pytest.approx(stats.t.ppf(0.975, found.freedom))
    assert found.freedom < 59
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


def test_one_unit_that_carries_all_costs_degrees_of_freedom() -> None:
    """99 rows of ±.001 and one of 10: κ is 100, so 2·100/99 degrees are left."""
    influence = np.append(np.resize([0.001, -0.001], 99), 10.0)

    found = estimate(0.0, influence, units_of(np.arange(100)))

    assert found.freedom == pytest.approx(200 / 99, rel=1e-3)


def test_doubt_moves_the_ends_and_nothing_else() -> None:
    """Half a unit below, two above."""
    influence, units = np.array([1.0, -1.0, 2.0, -2.0]), units_of(np.arange(4))

    plain, doubted = estimate(0.0, influence, units), estimate(0.0, influence, units, (0.5, 2.0))

    assert doubted.low == pytest.approx(plain.low - 0.5)
    assert doubted.high == pytest.approx(plain.high + 2.0)
    assert doubted.standard_error == plain.standard_error


def test_what_never_varies_has_an_interval_of_no_width() -> None:
    """Influence 0 everywhere: a point."""
    found = estimate(3.0, np.zeros(5), units_of(np.arange(5)))

    assert (found.low, found.high, found.standard_error) == (3.0, 3.0, 0.0)


def test_one_unit_has_no_interval() -> None:
    """A thousand rows of one customer are one draw."""
    with pytest.raises(InputError, match=r"the log has 1 unit, wanted at least two"):
        estimate(0.0, np.zeros(1_000), units_of(np.zeros(1_000, dtype=np.int64)))


def test_a_higher_level_reaches_as_much_farther_as_its_quantile() -> None:
    """Even rows, four units: 3 degrees of freedom, t 3.182 at 95 % and 5.841 at 99 %; the same error."""
    influence, units = np.array([1.0, -1.0, 2.0, -2.0]), units_of(np.arange(4))

    plain, surer = estimate(0.0, influence, units), estimate(0.0, influence, units, level=0.99)

    assert plain.high / plain.standard_error == pytest.approx(3.182446, abs=1e-5)
    assert surer.high / surer.standard_error == pytest.approx(5.840909, abs=1e-5)
    assert surer.standard_error == plain.standard_error


def test_a_level_is_a_share() -> None:
    """95 is refused, which would be read as per cent."""
    with pytest.raises(InputError, match=r"level is 95, wanted a share inside \(0, 1\), such as 0\.95"):
        estimate(0.0, np.zeros(4), units_of(np.arange(4)), level=95)

"""Drift by column: quiet on one population, loud on two, and what it says of each column."""

import datetime

import numpy as np
import polars as pl
import pytest
from scipy.stats import ks_2samp

from churn_saver.domain.stability_index import psi
from churn_saver.errors import InputError
from churn_saver.evidence.drift import ColumnDrift, Drift, Limits, drift
from tests.known_effects import customer_columns

LOOKS = 200


def of(found: Drift, column: str) -> ColumnDrift:
    """Pick one column."""
    return next(one for one in found.columns if one.column == column)


def test_one_population_raises_no_alarm() -> None:
    """200 looks at eight dependent columns of one law: no move, and hardly a sure difference.

    α = .01 whatever the dependence, so at most 2 looks in the mean; more than 7 come with a chance of
    .001. A move also needs a PSI of .1, and chance brings eleven bins of 1,500 rows a side past .04 once in
    a thousand.
    """
    looks = []
    for seed in range(LOOKS):
        rng = np.random.default_rng(seed)
        looks.append(drift(customer_columns(1_500, rng), customer_columns(1_500, rng)))

    assert sum(found.alarms for found in looks) == 0
    assert sum(any(one.p_adjusted <= 0.01 for one in found.columns) for found in looks) <= 7
    assert {one.verdict for found in looks for one in found.columns} <= {"steady", "slight"}


@pytest.mark.parametrize("column", ["bill", "senior", "plan", "city", "churn_score"])
def test_a_column_that_moved_is_named_and_no_other(column: str) -> None:
    """Half of the rows take the largest value: that column alone raises the alarm."""
    rng = np.random.default_rng(7)
    old, new = customer_columns(2_000, rng), customer_columns(2_000, rng)
    every_other = pl.int_range(pl.len()) % 2 == 0
    changed = new.with_columns(
        pl.when(every_other).then(pl.col(column).max()).otherwise(column).alias(column)
    )

    found = drift(old, changed)

    assert found.alarms
    assert found.moved == (column,)


def test_a_move_too_small_to_matter_is_slight() -> None:
    """A twentieth of a standard deviation among 100,000 rows is sure, and its PSI about .0025."""
    rng = np.random.default_rng(8)
    old, new = rng.normal(0, 1, 100_000), rng.normal(0.05, 1, 100_000)

    found = drift(pl.DataFrame({"x": old}), pl.DataFrame({"x": new}))

    assert of(found, "x").verdict == "slight"
    assert of(found, "x").psi == pytest.approx(0.0025, abs=0.001)
    assert of(found, "x").p == pytest.approx(ks_2samp(old, new).pvalue, rel=0.05)
    assert not found.alarms


def test_a_handful_of_rows_cannot_tell() -> None:
    """Forty rows of one law over eleven bins pass a PSI of .1 by chance: neither steady nor moved."""
    rng = np.random.default_rng(9)

    found = of(drift(pl.DataFrame({"x": rng.random(40)}), pl.DataFrame({"x": rng.random(40)})), "x")

    assert found.psi_by_chance > 0.1
    assert found.verdict == "cannot tell"


def test_a_move_shows_in_a_handful_of_rows_when_it_is_large() -> None:
    """Forty rows against forty that lie wholly above them: few rows, and no doubt."""
    rng = np.random.default_rng(9)

    found = drift(pl.DataFrame({"x": rng.random(40)}), pl.DataFrame({"x": rng.random(40) + 1}))

    assert found.moved == ("x",)


def test_bins_are_the_deciles_of_the_reference() -> None:
    """1..100 makes ten bins of ten rows, of which 1..50 twice fills the first five: PSI of those counts."""
    old, new = np.arange(1.0, 101), np.repeat(np.arange(1.0, 51), 2)
    by_hand = psi(np.full(10, 10.0), np.array([20.0] * 5 + [0.0] * 5))

    found = of(drift(pl.DataFrame({"x": old}), pl.DataFrame({"x": new})), "x")

    assert found.kind == "number"
    assert found.psi == pytest.approx(by_hand)
    assert found.effect == pytest.approx(0.5)


def test_a_column_that_falls_silent_has_moved() -> None:
    """The same numbers, but a third of them missing: missing is a bin, and shares are told."""
    rng = np.random.default_rng(10)
    old, new = rng.random(900), rng.random(900)
    new[::3] = np.nan

    found = drift(pl.DataFrame({"x": old}), pl.DataFrame({"x": new}))

    assert found.moved == ("x",)
    assert (of(found, "x").missing_reference, of(found, "x").missing_current) == pytest.approx((0, 1 / 3))
    assert of(found, "x").effect >= 0.3


def test_null_and_nan_are_both_missing() -> None:
    """However a gap is written, the figures are the same."""
    values = [float(one) for one in range(50)]
    gaps = pl.DataFrame({"x": [*values, None, None]})
    nans = pl.DataFrame({"x": [*values, float("nan"), float("nan")]})

    assert drift(gaps, nans) == drift(nans, gaps) == drift(gaps, gaps)


def test_new_words_are_seen() -> None:
    """A plan that the reference does not know is no small thing when a third of all customers have it."""
    old = pl.DataFrame({"plan": ["a", "b", "c"] * 100})
    new = pl.DataFrame({"plan": ["a", "b", "new"] * 100})

    found = of(drift(old, new), "plan")

    assert (found.kind, found.verdict) == ("words", "moved")
    assert found.psi == pytest.approx(psi(np.array([100.0, 100, 100, 0]), np.array([100.0, 100, 0, 100])))


def test_a_number_of_few_values_is_compared_as_words() -> None:
    """0 and 1 from 16 % to 50 %: chi-square over two categories."""
    old, new = [1] * 16 + [0] * 84, [1] * 50 + [0] * 50

    found = of(drift(pl.DataFrame({"senior": old}), pl.DataFrame({"senior": new})), "senior")

    assert found.kind == "words"
    assert found.psi == pytest.approx(psi(np.array([84.0, 16]), np.array([50.0, 50])))
    assert found.verdict == "moved"


def test_columns_that_came_went_or_changed_are_named() -> None:
    """None is compared; one that went or holds another kind of value is an alarm, one that came is not."""
    old = pl.DataFrame({"kept": [1.0, 2, 3] * 100, "gone": [1] * 300, "other": [1] * 300})
    came = old.with_columns(pl.lit("x").alias("extra"))
    changed = pl.DataFrame({"kept": [1.0, 2, 3] * 100, "other": ["1"] * 300})

    assert (drift(old, came).came, drift(old, came).alarms) == (("extra",), False)
    found = drift(old, changed)
    assert (found.went, found.changed, found.alarms) == (("gone",), ("other",), True)
    assert [one.column for one in found.columns] == ["kept"]


def test_a_column_without_any_value_can_be_compared() -> None:
    """A column that is all gaps today holds no other kind of value; it has moved."""
    old = pl.DataFrame({"x": [float(one) for one in range(100)], "w": ["a", "b"] * 50})
    new = pl.DataFrame({"x": [None] * 100, "w": [None] * 100})

    found = drift(old, new)

    assert found.changed == ()
    assert found.moved == ("x", "w")
    assert drift(new, new).moved == ()


def test_who_comes_first_does_not_matter() -> None:
    """Rows in another order give the same figures."""
    rng = np.random.default_rng(11)
    old, new = customer_columns(300, rng), customer_columns(300, rng)

    assert drift(old.reverse(), new.reverse()) == drift(old, new)


def test_tables_have_rows() -> None:
    """Without decisions there is nothing to compare."""
    some = pl.DataFrame({"x": [1.0]})

    with pytest.raises(InputError, match=r"reference has 1 rows and current 0, wanted some of both"):
        drift(some, some.clear())


def test_an_infinite_number_is_named() -> None:
    """It is refused by row and column, not taken as missing."""
    with pytest.raises(InputError, match=r"row 1 of column 'x' is inf, wanted a finite number or none"):
        drift(pl.DataFrame({"x": [1.0, np.inf]}), pl.DataFrame({"x": [1.0]}))


def test_a_date_cannot_be_compared() -> None:
    """What is neither number nor word is refused, not left out in silence."""
    days = pl.DataFrame({"since": [datetime.date(2026, 11, 1)]})

    with pytest.raises(InputError, match=r"column 'since' holds Date, wanted numbers, words or truth values"):
        drift(days, days)


@pytest.mark.parametrize(("least", "alpha"), [(0.0, 0.01), (0.1, 0.0), (0.1, 1.0), (float("nan"), 0.01)])
def test_limits_can_hold_and_fail(least: float, alpha: float) -> None:
    """A limit of 0, or a chance of 0 or 1, would always or never raise an alarm."""
    with pytest.raises(InputError, match=r"limits are psi .* wanted above 0 and in"):
        Limits(least, alpha)

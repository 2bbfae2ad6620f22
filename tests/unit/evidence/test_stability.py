"""Kolmogorov-Smirnov and chi-square: by hand, against scipy, and their laws under chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import chi2_contingency, ks_2samp, kstwobign

from churn_saver.errors import InputError
from churn_saver.evidence.stability import Compared, chi_square, kolmogorov_smirnov

COUNTS = arrays.arrays(np.float64, 6, elements=st.integers(0, 500).map(float))


def test_kolmogorov_smirnov_by_hand() -> None:
    """1 2 3 4 against 3 4 5 6: below 2.5 lie 2/4 and 0/4, which is the widest, .5."""
    found = kolmogorov_smirnov(np.array([1.0, 2, 3, 4]), np.array([3.0, 4, 5, 6]))

    assert found.statistic == found.effect == 0.5


@given(st.integers(0, 2**32 - 1), st.integers(80, 400), st.integers(80, 400))
def test_kolmogorov_smirnov_agrees_with_scipy(seed: int, n: int, m: int) -> None:
    """The same distance, and p within .02 of the exact one, or within a tenth of it."""
    rng = np.random.default_rng(seed)
    old, new = rng.normal(0, 1, n), rng.normal(0.15, 1, m)

    found, peer = kolmogorov_smirnov(old, new), ks_2samp(old, new, method="exact")

    assert found.statistic == pytest.approx(peer.statistic, abs=1e-12)
    assert found.p == pytest.approx(peer.pvalue, rel=0.1, abs=0.02)


def test_large_samples_follow_the_limit_law() -> None:
    """With a million rows on each side the correction is gone: p is that of Kolmogorov's law."""
    rng = np.random.default_rng(4)
    old, new = rng.random(1_000_000), rng.random(1_000_000) * 1.0015

    found = kolmogorov_smirnov(old, new)

    assert found.p == pytest.approx(kstwobign.sf(np.sqrt(500_000) * found.statistic), rel=1e-2)


def test_a_missing_value_lies_below_all_others() -> None:
    """A tenth against three tenths missing, and the same values else: .2 apart, where no number yet is."""
    values = np.arange(7_000.0)
    old = np.concatenate([values.repeat(9), np.full(7_000, np.nan)])
    new = np.concatenate([values, np.full(3_000, np.nan)])

    found = kolmogorov_smirnov(old, new)

    assert found.effect == pytest.approx(0.2)
    assert found.p < 1e-12


@given(st.integers(0, 2**32 - 1))
def test_only_the_order_of_values_matters(seed: int) -> None:
    """Any rising change of scale, and any order of rows, leaves the test as it was."""
    rng = np.random.default_rng(seed)
    old, new = rng.normal(0, 1, 50), rng.normal(0.5, 1, 30)
    new[:3] = np.nan

    found = kolmogorov_smirnov(old, new)

    assert kolmogorov_smirnov(np.exp(old)[::-1], np.exp(new)) == found


@pytest.mark.parametrize(("old", "new"), [([], [1.0]), ([1.0], []), ([1.0], [np.inf])])
def test_samples_have_finite_rows(old: list[float], new: list[float]) -> None:
    """Nothing and infinity cannot be compared."""
    with pytest.raises(
        InputError, match=r"has \d rows, \d of them infinite: wanted rows, all finite or missing"
    ):
        kolmogorov_smirnov(np.array(old), np.array(new))


def test_chi_square_by_hand() -> None:
    """Of (30, 70) and (50, 50) all expect 40 and 60: 2·(100/40 + 100/60) = 8.3333; V = √(8.3333/200)."""
    found = chi_square(np.array([30.0, 70]), np.array([50.0, 50]))

    assert found.statistic == pytest.approx(25 / 3)
    assert found.effect == pytest.approx(np.sqrt(25 / 600))
    assert found.p == pytest.approx(0.003892, abs=1e-6)


@given(COUNTS, COUNTS)
def test_chi_square_agrees_with_scipy(old: np.ndarray, new: np.ndarray) -> None:
    """Where no category is rare, the peer library finds the same."""
    old, new = old + 60, new + 60
    peer = chi2_contingency(np.array([old, new]), correction=False)

    found = chi_square(old, new)

    assert found.statistic == pytest.approx(peer.statistic, rel=1e-9, abs=1e-9)
    assert found.p == pytest.approx(peer.pvalue, rel=1e-6, abs=1e-12)


def test_rare_categories_are_pooled() -> None:
    """Of 100 and 100 rows, words of 4, 3 and 5 rows together expect 2, 1.5 and 2.5: pooled they expect 6.

    What is left is (88, 100) beside (12, 0) in the pool: the same as with the pool made by hand.
    """
    found = chi_square(np.array([88.0, 4, 3, 5]), np.array([100.0, 0, 0, 0]))

    assert found == chi_square(np.array([88.0, 12]), np.array([100.0, 0]))


def test_a_pool_that_is_too_small_takes_the_next_category() -> None:
    """A word of 2 rows expects 1 on either side, so it joins the rarest other one."""
    found = chi_square(np.array([60.0, 38, 2]), np.array([50.0, 50, 0]))

    assert found == chi_square(np.array([60.0, 40]), np.array([50.0, 50]))


def test_too_few_rows_show_no_difference() -> None:
    """Where everything is pooled there is nothing to compare: p = 1."""
    assert chi_square(np.array([3.0, 0]), np.array([0.0, 3])) == Compared(0.0, 0.0, 1.0)


def test_chi_square_under_chance_rejects_as_often_as_it_may() -> None:
    """2,000 pairs over words of which some are rare: p ≤ .05 in .05, ± 3·√(.05·.95/2,000) = .0146."""
    rng, law = np.random.default_rng(5), np.array([0.5, 0.3, 0.17, 0.01, 0.01, 0.01])
    old, new = rng.multinomial(600, law, 2_000), rng.multinomial(300, law, 2_000)

    rejected = np.mean(
        [chi_square(a.astype(float), b.astype(float)).p <= 0.05 for a, b in zip(old, new, strict=True)]
    )

    assert rejected == pytest.approx(0.05, abs=0.0146)


@pytest.mark.parametrize(("old", "new"), [([1.0], [1.0, 2]), ([0.0], [1.0]), ([1.0, -1], [1.0, 1])])
def test_counts_are_over_the_same_bins(old: list[float], new: list[float]) -> None:
    """Other bins, no rows and counts below 0 are refused."""
    with pytest.raises(InputError, match=r"wanted the same bins, no count below 0, and rows on both sides"):
        chi_square(np.array(old), np.array(new))

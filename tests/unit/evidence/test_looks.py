"""Looks before the end: published bounds, a peer's integral, and paths that are looked at."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from churn_saver.errors import InputError
from churn_saver.evidence.looks import looks, spent_by


def test_five_equal_looks_have_the_published_bounds() -> None:
    """ldBounds(t = 5) of the R package ldbounds, O'Brien-Fleming spending, alpha .05 on two sides.

    4.8769, 3.3569, 2.6803, 2.2898, 2.0310; the levels are 2Φ(z) − 1, 2.0310 giving .95775.
    """
    found = looks([0.2, 0.4, 0.6, 0.8, 1.0])

    assert [look.critical for look in found] == pytest.approx(
        [4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=2e-4
    )
    assert found[-1].level == pytest.approx(2 * norm.cdf(2.0310) - 1, abs=1e-5)
    assert found[-1].spent == pytest.approx(0.05)


def test_four_equal_looks_at_90_per_cent_have_the_bounds_of_another_package() -> None:
    """3.74955, 2.53993, 2.01604, 1.72014: one side at .05; https://github.com/PharmCat/SeqBounds.jl."""
    found = looks([0.25, 0.5, 0.75, 1.0], level=0.9)

    assert [look.critical for look in found] == pytest.approx([3.74955, 2.53993, 2.01604, 1.72014], abs=5e-4)


def test_one_look_is_the_usual_one() -> None:
    """1.96 standard errors at 95 %."""
    (only,) = looks([1.0])

    assert (only.critical, only.level) == pytest.approx((1.959964, 0.95), abs=1e-6)


def test_half_of_what_will_be_known_lets_spend_three_in_a_thousand() -> None:
    """4 · (1 − Φ(2.2414 / √.5)) = 4 · (1 − Φ(3.1698)) = .00305."""
    assert spent_by(0.5) == pytest.approx(4 * norm.sf(3.16982), rel=1e-3)
    assert spent_by(1.0) == pytest.approx(0.05)


@pytest.mark.parametrize("fractions", [(0.5, 1.0), (0.3, 0.301, 0.9), (0.97, 1.0), (0.4, 0.999, 1.0)])
def test_a_path_stays_inside_all_bounds_as_often_as_was_agreed(fractions: tuple[float, ...]) -> None:
    """Scipy integrates the joint normal law of the looks over the box of the bounds: 1 − what was spent."""
    found = looks(fractions)
    t = np.array(fractions)
    law = multivariate_normal(cov=np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t)))
    bounds = np.array([look.critical for look in found])

    inside = law.cdf(bounds, lower_limit=-bounds)

    assert 1 - inside == pytest.approx(found[-1].spent, abs=2e-5)


def test_five_looks_at_nothing_find_something_in_one_campaign_of_twenty() -> None:
    """400,000 paths without drift: .05 ± 4 · √(.05 · .95 / 400,000) = .0014; at 1.96 each, .142 are found."""
    rng = np.random.default_rng(1)
    t = np.arange(1, 6) / 5
    z = np.cumsum(rng.normal(0, np.sqrt(0.2), (400_000, 5)), axis=1) / np.sqrt(t)
    bounds = np.array([look.critical for look in looks(list(t))])

    assert np.mean((np.abs(z) > bounds).any(axis=1)) == pytest.approx(0.05, abs=0.0014)
    assert np.mean((np.abs(z) > 1.96).any(axis=1)) == pytest.approx(0.142, abs=0.003)


def test_a_later_look_does_not_change_an_earlier_one() -> None:
    """So that a report stands when the next one is made."""
    assert looks([0.2, 0.4, 0.7])[:2] == looks([0.2, 0.4])


def test_the_last_look_spends_what_is_left() -> None:
    """Though only seven tenths of what was foreseen is known; as only look it is the usual one."""
    last = looks([0.2, 0.4, 0.7], is_last=True)[-1]

    assert last.spent == pytest.approx(0.05)
    assert last.critical < looks([0.2, 0.4, 0.7])[-1].critical
    assert looks([0.3], is_last=True)[0].critical == pytest.approx(1.959964, abs=1e-6)


def test_a_look_at_next_to_nothing_finds_next_to_nothing() -> None:
    """At a hundredth of what will be known no campaign ends, and at a thousandth the bound is a number."""
    first, second = looks([0.001, 0.01])

    assert first.critical == 38.0
    assert 0.999 < first.level < 1
    assert second.critical == pytest.approx(22.3831, abs=1e-3)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6, unique=True))
def test_more_is_spent_at_every_look_and_never_more_than_all(fortieths: list[int]) -> None:
    """Spending rises, and every look asks for more than a single one would."""
    found = looks([k / 40 for k in sorted(fortieths)])

    assert all(a.spent < b.spent for a, b in pairwise(found))
    assert all(look.spent <= 0.05 + 1e-12 and look.critical >= 1.9599 for look in found)


@pytest.mark.parametrize(
    "fractions", [[], [0.0, 1.0], [0.5, 0.5], [0.5, 0.5001], [0.5, 1.1], [0.6, 0.4], [float("nan")]]
)
def test_looks_that_do_not_rise_are_refused(fractions: list[float]) -> None:
    """The message shows them, and what they are to be."""
    with pytest.raises(
        InputError, match=r"looks are at \[.*wanted one or more fractions of what will be known"
    ):
        looks(fractions)


def test_a_level_that_is_none_is_refused() -> None:
    """All of it or nothing cannot be spent."""
    with pytest.raises(InputError, match=r"level is 1\.0, wanted a share inside \(0, 1\)"):
        looks([1.0], level=1.0)

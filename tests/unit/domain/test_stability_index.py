"""The population stability index: by hand, its laws, and its law under chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from churn_saver.domain.stability_index import psi, psi_by_chance, stacked_counts
from churn_saver.errors import InputError

COUNTS = arrays.arrays(np.float64, 6, elements=st.integers(0, 500).map(float))


def test_psi_by_hand() -> None:
    """(9, 0) and (4, 5) of two bins: shares 9.5/10 = .95, .05 and .45, .55.

    (.45 − .95)·ln(.45/.95) + (.55 − .05)·ln(.55/.05) = .5·.747214 + .5·2.397895 = 1.572555.
    """
    assert psi(np.array([9.0, 0]), np.array([4.0, 5])) == pytest.approx(1.572555, abs=1e-6)


@given(COUNTS, COUNTS)
def test_psi_is_symmetric_and_never_negative(old: np.ndarray, new: np.ndarray) -> None:
    """With the same bins it does not matter which sample came first, nor how the bins are ordered."""
    old[0] += 1
    new[1] += 1

    found = psi(old, new)

    assert found >= 0
    assert psi(new, old) == pytest.approx(found, abs=1e-12)
    assert psi(old[::-1], new[::-1]) == pytest.approx(found, abs=1e-12)
    assert psi(old, old) == 0


def test_bins_empty_on_both_sides_do_not_count() -> None:
    """A word that nobody has changes nothing."""
    old, new = np.array([30.0, 70]), np.array([40.0, 60])

    assert psi(np.append(old, 0), np.append(new, 0)) == psi(old, new)


def test_psi_under_chance_follows_its_law() -> None:
    """2,000 pairs of one law over five bins pass the 5 % mark in .05: ± 3·√(.05·.95/2,000) = .0146."""
    rng, law = np.random.default_rng(3), np.array([0.1, 0.2, 0.3, 0.3, 0.1])
    old, new = rng.multinomial(2_000, law, 2_000), rng.multinomial(1_000, law, 2_000)
    mark = psi_by_chance(old[0].astype(float), new[0].astype(float), 0.05)

    passed = np.mean([psi(a.astype(float), b.astype(float)) > mark for a, b in zip(old, new, strict=True)])

    assert mark == pytest.approx(9.487729 * (1 / 2_000 + 1 / 1_000), abs=1e-8)
    assert passed == pytest.approx(0.05, abs=0.0146)


def test_one_bin_never_moves() -> None:
    """With one bin there is nothing that chance could bring."""
    assert psi_by_chance(np.array([10.0]), np.array([10.0]), 0.05) == 0
    assert psi_by_chance(np.array([10.0, 0]), np.array([10.0, 0]), 0.05) == 0
    assert psi(np.array([5.0]), np.array([9.0])) == 0


def test_chance_by_hand() -> None:
    """Of three bins one is empty on both sides: one degree of freedom, whose 95 % quantile is 3.841459.

    Times 1/20 + 1/5.
    """
    found = psi_by_chance(np.array([9.0, 0, 11]), np.array([5.0, 0, 0]), 0.05)

    assert found == pytest.approx(3.841459 * 0.25, abs=1e-6)


def test_counts_are_stacked_without_what_both_lack() -> None:
    """The middle one of three."""
    assert stacked_counts(np.array([1.0, 0, 2]), np.array([0.0, 0, 3])).tolist() == [[1, 2], [0, 3]]


@pytest.mark.parametrize(("old", "new"), [([1.0], [1.0, 2]), ([0.0], [1.0]), ([1.0, -1], [1.0, 1])])
def test_counts_are_over_the_same_bins(old: list[float], new: list[float]) -> None:
    """Other bins, no rows and counts below 0 are refused."""
    with pytest.raises(InputError, match=r"wanted the same bins, no count below 0, and rows on both sides"):
        psi(np.array(old), np.array(new))
    with pytest.raises(InputError, match=r"wanted the same bins, no count below 0, and rows on both sides"):
        psi_by_chance(np.array(old), np.array(new), 0.05)

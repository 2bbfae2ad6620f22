"""Levels and p-values over many questions: by hand, against scipy, and over seeds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from churn_saver.errors import InputError
from churn_saver.evidence.simultaneous import Method, adjusted, each_level

METHODS: tuple[Method, ...] = ("hochberg", "yekutieli")
PEER = {"hochberg": "bh", "yekutieli": "by"}


def test_the_level_of_each_of_two_by_hand() -> None:
    """√.81 = .9: two independent intervals of .9 hold together in .81 of all cases; one keeps its level."""
    assert each_level(0.81, 2) == pytest.approx(0.9)
    assert each_level(0.95, 1) == 0.95


def test_many_intervals_hold_together() -> None:
    """Of 4,000 draws of ten normals, all ten lie within their ends in .95: ± 3·√(.95·.05/4,000) = .0103."""
    from scipy.special import ndtri

    draws = np.abs(np.random.default_rng(1).standard_normal((4_000, 10)))

    together = (draws < ndtri(0.5 + each_level(0.95, 10) / 2)).all(axis=1).mean()

    assert together == pytest.approx(0.95, abs=0.0103)


@pytest.mark.parametrize(("level", "questions"), [(1.0, 2), (0.95, 0)])
def test_there_is_a_level_and_a_question(level: float, questions: int) -> None:
    """A certain interval and an interval for nothing are refused."""
    with pytest.raises(
        InputError, match=rf"level is {level} over {questions} intervals, wanted a share inside"
    ):
        each_level(level, questions)


def test_adjusted_by_hand() -> None:
    """Of .01, .02, .03, .5: 4·.01/1 = 4·.02/2 = 4·.03/3 = .04, .5; Yekutieli times 1 + 1/2 + 1/3 + 1/4."""
    p = np.array([0.03, 0.5, 0.01, 0.02])

    np.testing.assert_allclose(adjusted(p, "hochberg"), [0.04, 0.5, 0.04, 0.04])
    np.testing.assert_allclose(adjusted(p, "yekutieli"), [0.04 * 25 / 12, 1, 0.04 * 25 / 12, 0.04 * 25 / 12])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.sampled_from(METHODS))
def test_adjusted_agrees_with_scipy(p: list[float], method: Method) -> None:
    """The peer library finds the same, and none gets smaller than it was."""
    found = adjusted(np.array(p), method)

    np.testing.assert_allclose(found, false_discovery_control(p, method=PEER[method]), rtol=1e-12, atol=1e-15)
    assert (found >= np.array(p) * (1 - 1e-12)).all()


def test_no_p_values() -> None:
    """Of nothing nothing is adjusted."""
    assert len(adjusted(np.array([]), "yekutieli")) == 0


def test_chance_alone_rejects_as_often_as_it_may() -> None:
    """Without anything to be found, Hochberg rejects in exactly α of independent families, Yekutieli in less.

    4,000 families of ten at α = .05: ± 3·√(.05·.95/4,000) = .0103. Yekutieli: .05/2.929 = .0171, ± .0062.
    """
    families = np.random.default_rng(2).random((4_000, 10))

    hochberg = np.mean([(adjusted(p, "hochberg") <= 0.05).any() for p in families])
    yekutieli = np.mean([(adjusted(p, "yekutieli") <= 0.05).any() for p in families])

    assert hochberg == pytest.approx(0.05, abs=0.0103)
    assert yekutieli == pytest.approx(0.0171, abs=0.0062)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_a_p_value_is_a_chance(wrong: float) -> None:
    """What is no probability is named by its place."""
    with pytest.raises(InputError, match=rf"p-value 1 is {wrong}, wanted one in \[0, 1\]"):
        adjusted(np.array([0.5, wrong]), "hochberg")

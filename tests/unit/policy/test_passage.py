"""The days between one decision and the next."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.policy.passage import Passage
from tests.tiny_campaigns import one_level, tiny


def test_two_days_by_hand() -> None:
    """81 % survive a day, 90 % while protected, 100 a day.

    One protected day of two: .9·.81 = .729 arrive, 90 + 72.9 = 162.9 are earned. Both: .81 and 90 + 81.
    """
    passage = Passage.of(one_level())

    assert passage.arrive.shape == (1, 9, 8, 1, 1)
    assert passage.arrive[0, :4, 1, 0, 0].tolist() == pytest.approx([0.6561, 0.729, 0.81, 0.81], abs=1e-12)
    assert passage.earned[0, :4, 1, 0].tolist() == pytest.approx([146.61, 162.9, 171.0, 171.0], abs=1e-9)


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.integers(0, 8), st.integers(0, 3), st.integers(0, 3))
def test_two_steps_in_a_row_are_one_longer_step(seed: int, inside: int, first: int, second: int) -> None:
    """Chapman and Kolmogorov, with the protection that is left after the first step; margin adds up."""
    passage = Passage.of(tiny(seed))
    left = max(inside - (1 + first), 0)

    whole = first + second + 1
    there = passage.arrive[:, inside, first]
    earned = passage.earned[:, inside, first] + np.einsum(
        "nij,nj->ni", there, passage.earned[:, left, second]
    )

    assert passage.arrive[:, inside, whole] == pytest.approx(
        there @ passage.arrive[:, left, second], rel=1e-12
    )
    assert passage.earned[:, inside, whole] == pytest.approx(earned, rel=1e-12)


def test_protection_that_outlasts_the_step_makes_no_difference() -> None:
    """Three and eight protected days are the same to a step of three."""
    passage = Passage.of(tiny(1))

    assert passage.arrive[:, 3, 2].tolist() == passage.arrive[:, 8, 2].tolist()
    assert np.all(passage.arrive[:, 2, 2].sum(axis=2) < passage.arrive[:, 3, 2].sum(axis=2))

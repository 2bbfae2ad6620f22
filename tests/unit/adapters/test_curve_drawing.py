"""One curve as a picture."""

from xml.etree import ElementTree

import numpy as np
import pytest

from churn_saver.adapters.curve_drawing import MOST_POINTS, curve, picked, short


def test_a_title_is_made_of_first_last_and_largest() -> None:
    """Of what was measured."""
    curves = {"iteration": np.arange(4.0), "x": np.array([np.nan, 1.0, 5.0, 3.0])}
    found = curve(curves, "x", "units", lambda first, last, most: f"{first} {last} {most}", caption="Why.")

    assert found is not None
    assert ElementTree.fromstring(found[0]).findtext("{http://www.w3.org/2000/svg}title") == "1.0 3.0 5.0"
    assert found[1] == "Why."


def test_a_curve_without_a_point_is_none() -> None:
    """Nothing is drawn of nothing."""
    assert curve({"iteration": np.arange(2.0), "x": np.full(2, np.nan)}, "x", "", lambda *_: "") is None


def test_a_long_curve_keeps_its_ends() -> None:
    """And no more points than fit."""
    chosen = picked(np.zeros(10_001))

    assert (chosen[0], chosen[-1], len(chosen)) == (0, 10_000, MOST_POINTS)
    assert picked(np.zeros(3)).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("value", "written"), [(1234.5, "1,234"), (0.04321, "0.043"), (7.654, "7.65"), (-0.5, "−0.5"), (0.0, "0")]
)
def test_figures_are_written_short(value: float, written: str) -> None:
    """Three figures, two of the very small, a minus that is one."""
    assert short(value) == written

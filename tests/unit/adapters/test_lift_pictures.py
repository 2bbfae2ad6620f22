"""The pictures of what a campaign did."""

import pytest

from churn_saver.adapters.lift_pictures import lift_pictures
from churn_saver.errors import ArtifactError
from tests.lift_reports import ten_report


def test_there_are_three_with_a_title_each() -> None:
    """Each is an SVG that says its figures, with a caption of how to read it."""
    curves, difference, sizes = lift_pictures(ten_report(), 0.02)

    assert "After 30 days 83.3 % of the treated" in curves[0]
    assert "A difference of +33.3 points was found" in difference[0]
    assert "4 are held out, 4.0 were to be expected" in sizes[0]
    assert all(svg.startswith("<svg") and caption for svg, caption in (curves, difference, sizes))


def test_the_effect_that_is_asked_for_stands_beside_the_difference() -> None:
    """Where there is one."""
    with_it, without = (lift_pictures(ten_report(), wanted)[1][0] for wanted in (0.02, None))

    assert "asked for" in with_it
    assert "asked for" not in without


def test_the_same_report_draws_the_same_bytes() -> None:
    """No date and no chance."""
    assert lift_pictures(ten_report(), 0.02) == lift_pictures(ten_report(), 0.02)


def test_a_difference_below_nothing_has_its_sign() -> None:
    """Both ends too."""
    ends = {"value": -0.02, "low": -0.05, "high": 0.01}
    effects = {"retained": {"difference": ends, "smallest": 0.03}}
    title = lift_pictures(ten_report() | {"effects": effects}, None)[1][0]

    assert "A difference of −2.0 points was found, from −5.0 to +1.0" in title


def test_what_is_no_figure_is_named() -> None:
    """A curve without an arm, a smallest effect that is none."""
    curve = [{"day": 0, "treated": {"value": 1.0, "low": 1.0, "high": 1.0}}]
    with pytest.raises(ArtifactError, match=r"curve lacks holdout"):
        lift_pictures(ten_report() | {"curve": curve}, None)
    ends = {"value": 0.0, "low": 0.0, "high": 0.0}
    with pytest.raises(ArtifactError, match=r"smallest is 'None', wanted a finite number"):
        lift_pictures(ten_report() | {"effects": {"retained": {"difference": ends, "smallest": None}}}, None)

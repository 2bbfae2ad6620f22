"""Pictures of an evaluation."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np

from churn_saver.adapters.evaluation_pictures import BINS, evaluation_pictures
from churn_saver.adapters.evaluation_report import Evaluation
from tests.evaluations import evaluation

SVG = "{http://www.w3.org/2000/svg}"


def titles(found: Evaluation) -> list[str]:
    """Give the title of each picture."""
    return [
        ElementTree.fromstring(svg).findtext(SVG + "title") or "" for svg, _ in evaluation_pictures(found)
    ]


def test_titles_say_what_the_pictures_show() -> None:
    """Value, difference, effective rows, and the thinnest arm that is wanted."""
    found = evaluation()
    assert found.difference is not None
    value, gap = found.value.dr.value, found.difference.dr.value
    share = (found.value.sides[0].overlap[1].logged) / 4

    assert titles(found) == [
        f"file:p.csv: {value:.3f} a decision",
        f"Difference: +{gap:.3f} a decision",
        f"{found.value.effective_rows:.0f} effective rows of 400",
        f"<b>10</b>: {share:.1f}\N{NO-BREAK SPACE}% of the log",
    ]


def test_without_another_policy_there_is_no_difference() -> None:
    """One picture less."""
    assert len(titles(evaluation(against=False))) == 3


def test_rows_without_a_weight_are_told_and_not_drawn() -> None:
    """Those of the arm that nobody wants."""
    found = evaluation()
    none = found.value.sides[0].overlap[2].logged / 4
    _, caption = evaluation_pictures(found)[2]

    assert caption.startswith(f"{none:.1f}\N{NO-BREAK SPACE}% of the rows have none")


def test_weights_that_are_all_alike_are_one_bar() -> None:
    """As those of who logged."""
    found = evaluation()
    assert found.other is not None
    svg, _ = evaluation_pictures(replace(found, value=found.other))[2]

    assert svg.count("clip-path") > 0
    assert "400 effective rows of 400" in svg


def test_weights_far_apart_stand_on_a_scale_of_ratios() -> None:
    """Rows of every weight are in a bin, the largest too."""
    found = evaluation()
    side = found.value.sides[0]
    used = np.geomspace(0.001, 1000, 400)
    wide = replace(found.value, sides=(replace(side, weights=replace(side.weights, used=used)),))
    svg, _ = evaluation_pictures(replace(found, value=wide))[2]

    assert "1000" in svg
    assert "0.001" in svg
    assert f"in {BINS} bins" in svg

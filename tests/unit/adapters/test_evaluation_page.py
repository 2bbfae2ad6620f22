"""The page of an evaluation."""

from churn_saver.adapters.evaluation_page import evaluation_page
from churn_saver.adapters.evaluation_report import NEVER_COVERED
from tests.evaluations import evaluation
from tests.pages import Page, assert_needs_nothing_else


def test_a_page_needs_nothing_but_itself() -> None:
    """Words of arms and files are escaped."""
    page = Page(evaluation_page(evaluation()))

    assert_needs_nothing_else(page)
    assert "&lt;b&gt;10&lt;/b&gt;" in page.html
    assert "Columns not used: &lt;i&gt;." in page.html


def test_the_first_words_say_what_was_found() -> None:
    """With value, difference and effective rows as figures."""
    found, page = evaluation(), Page(evaluation_page(evaluation()))
    assert found.difference is not None

    assert " ".join(found.headline.split()) in page.text
    assert page.values == {
        "value": str(found.value.dr.value),
        "difference": str(found.difference.dr.value),
        "effective": str(found.value.effective_rows),
    }
    assert NEVER_COVERED in page.text


def test_the_direct_method_never_stands_alone() -> None:
    """Four rows, in each the policy, the other one and the difference."""
    rows = Page(evaluation_page(evaluation())).rows[:5]

    assert rows[0] == ["Estimate", "file:p.csv", "logged", "difference"]
    assert [row[0] for row in rows[1:]] == [
        "doubly robust", "self-normalised", "inverse propensity", "direct method",
    ]  # fmt: skip
    assert all(len(row) == 4 and " to " in cell for row in rows[1:] for cell in row[1:])


def test_arms_weights_and_what_was_left_out_have_their_rows() -> None:
    """An arm that nobody wants has no least propensity."""
    found, page = evaluation(clip=2.0), Page(evaluation_page(evaluation(clip=2.0)))
    overlap = found.value.sides[0].overlap

    assert ["20", f"{overlap[2].logged}", "0.0 %", "0.0 %", "+0.0", "–", "0.0"] in page.rows
    assert ["Younger than 30 days.", "3,400"] in page.rows
    assert "Weights above 2 were cut" in page.text
    assert "Weights were cut; the intervals hold the most" in page.text


def test_a_value_alone_has_no_place_for_a_difference() -> None:
    """And without a cut it is said that there was none."""
    page = Page(evaluation_page(evaluation(against=False)))

    assert "difference" not in page.values
    assert page.rows[0] == ["Estimate", "file:p.csv"]
    assert "No weight was cut." in page.text

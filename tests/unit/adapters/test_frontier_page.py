"""The page of the frontier."""

import io
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from PIL import Image

from churn_saver.adapters.drawing import DOTS_PER_INCH, INCHES
from churn_saver.adapters.frontier_page import frontier_page, frontier_png, frontier_view
from churn_saver.errors import ArtifactError
from tests.pages import Page, assert_needs_nothing_else
from tests.policy_reports import frontier


@cache
def _usual() -> Page:
    return Page(frontier_page(frontier()))


def test_a_page_needs_nothing_but_itself() -> None:
    """It reads the same offline; what callers hand in is escaped."""
    assert_needs_nothing_else(_usual())
    assert "&lt;table&gt;.csv" in _usual().html


def test_the_first_words_say_what_the_budget_buys() -> None:
    """Half of 8.00 lies a third of the way from 2.00 to 8.00: 10 + 10/3 of 20 is 67 %."""
    page = _usual()

    assert "A budget of 8.00 per customer buys a gain of 20.00" in page.text
    assert "Half of that budget already buys 67 % of it." in page.text
    assert page.figures == {"gain": "20.00", "price": "1.250", "spend": "8.00", "gap": "1.0e-08"}


def test_every_budget_has_its_row() -> None:
    """Spend, gain, price, gap, and others with their share of the optimum, where they were measured."""
    assert _usual().rows[:4] == [
        ["Budget", "Expected spend", "Gain", "Price λ", "Gap", "Myopic knapsack"],
        ["2.00", "2.00", "10.00", "4.500", "2.0e-08", "8.00 80.0 %"],
        ["8.00", "8.00", "20.00", "1.250", "1.0e-08", "15.00 75.0 %"],
        ["32.00", "29.50", "25.00", "0.000", "0", "–"],
    ]


def test_pictures_say_what_they_show() -> None:
    """Gain and price at the budget that stands out."""
    assert "A budget of 8.00 buys a gain of 20.00 per customer" in _usual().html
    assert "At 8.00 the last unit of budget brings λ = 1.25" in _usual().html


def test_without_a_budget_of_its_own_the_largest_stands_out() -> None:
    """And without others there is nothing beside the optimum."""
    plain = frontier(others={})
    del plain["budget_per_customer"]
    page = Page(frontier_page(plain))

    assert "A budget of 32.00 per customer buys a gain of 25.00" in page.text
    assert "Myopic" not in page.text


def test_the_nearest_budget_stands_out() -> None:
    """7.00 was not solved for, 8.00 was."""
    assert frontier_view(frontier(budget_per_customer=7.0)).marked == 1


def test_nothing_to_gain_draws_all_the_same() -> None:
    """A horizon of a day, say; an unknown gap is a dash."""
    page = Page(frontier_page(frontier(gain=[0.0] * 3, price=[0.0] * 3, gap=[None] * 3)))

    assert "already buys 0 % of it" in page.text
    assert page.rows[1] == ["2.00", "2.00", "0.00", "0.000", "–", "8.00"]


def test_png_has_both_pictures() -> None:
    """Side by side."""
    picture = Image.open(io.BytesIO(frontier_png(frontier())))

    assert picture.size == (round(2 * INCHES[0] * DOTS_PER_INCH), round(INCHES[1] * DOTS_PER_INCH))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda r: r.pop("gap"), r"^the frontier lacks gap$"),
        (
            lambda r: r.update(gain=[1.0]),
            r"^the frontier has columns of lengths .*'gain': 1.*wanted one length",
        ),
        (lambda r: r.update({n: [] for n in ("budget", "gain", "price", "spend", "gap")}), r"of 1 or more"),
        (
            lambda r: r.update(budget=[2.0, 2.0, 3.0]),
            r"budgets are \[2\.0, 2\.0, 3\.0\], wanted them to rise",
        ),
        (
            lambda r: r.update(price=[1.0, None, 0.0]),
            r"^the frontier has no number in price, wanted one for each",
        ),
        (lambda r: r["others"]["knapsack"].pop("gain"), r"^others\.knapsack lacks gain$"),
        (
            lambda r: r["others"]["knapsack"].update(gain=[1.0]),
            r"^others\.knapsack has 2 budgets and 1 gains",
        ),
    ],
)
def test_a_frontier_of_another_kind_is_refused(
    change: Callable[[dict[str, Any]], object], match: str
) -> None:
    """The message names what is missing or wrong."""
    plain = frontier()
    change(plain)

    with pytest.raises(ArtifactError, match=match):
        frontier_page(plain)

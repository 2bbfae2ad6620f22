"""Pictures of the ladder."""

import io
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image

from churn_saver.adapters.ladder import LadderRow
from churn_saver.adapters.ladder_pictures import factor_name, ladder_picture, ladder_png, ranked
from tests.policy_reports import ladder, rung

SVG = "{http://www.w3.org/2000/svg}"


def _rows(*rows: dict[str, Any]) -> list[LadderRow]:
    return [LadderRow(**row) for row in rows or ladder()["rows"]]


def _texts(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter() if (node.text or "").strip()]


def test_rungs_stand_from_best_to_worst_and_those_over_the_budget_last() -> None:
    """Greedy would gain 99 %, but not within the budget; other budgets are no bars."""
    assert [row.name for row in ranked(_rows())] == ["optimum", "exact", "ppo_price", "knapsack", "greedy"]


def test_the_picture_says_who_serves_and_what_each_rung_gains() -> None:
    """Gain to one digit; none for a rung over the budget, which is labelled and hatched."""
    svg = ladder_picture(_rows(), "ppo_price")
    texts = _texts(svg)

    assert texts[0] == "PPO, price as input gains 96.2\N{NO-BREAK SPACE}% of the attainable"
    assert {"100.0", "99.5", "96.2", "78.8", "–"} <= set(texts)
    assert "99.0" not in texts
    assert texts.count("over the budget") == 1
    assert "<pattern" in svg
    assert "1/4× budget" in texts


def test_nothing_is_hatched_where_all_keep_the_budget() -> None:
    """And without another budget there are no marks to explain."""
    svg = ladder_picture(_rows(rung("knapsack", 78.8), rung("never", 0.0)), "knapsack")

    assert "<pattern" not in svg
    assert not any("budget" in text for text in _texts(svg)[2:])


def test_a_champion_over_the_budget_gets_no_figure() -> None:
    """The title only says that it serves."""
    svg = ladder_picture(_rows(rung("ppo", 99.0, feasible=False)), "ppo")

    assert _texts(svg)[0] == "PPO serves"


def test_more_rungs_make_a_higher_picture() -> None:
    """So that labels do not meet."""
    few = ladder_png(_rows(rung("knapsack", 78.8), rung("never", 0.0)), "knapsack")
    many = ladder_png(_rows(), "ppo_price")
    small, large = (Image.open(io.BytesIO(content)) for content in (few, many))

    assert small.width == large.width
    assert small.height < large.height


def test_same_rows_give_the_same_picture() -> None:
    """In whatever order they come."""
    forward, backward = _rows(), _rows()[::-1]

    assert ladder_picture(forward, "ppo_price") == ladder_picture(backward, "ppo_price")


@pytest.mark.parametrize(
    ("factor", "name"),
    [(0.0625, "1/16×"), (0.25, "1/4×"), (1.0, "1×"), (4.0, "4×"), (0.3, "0.3×"), (1.5, "3/2×")],
)
def test_factors_are_told_as_fractions_where_they_are_some(factor: float, name: str) -> None:
    """Of at most a 64th."""
    assert factor_name(factor) == name

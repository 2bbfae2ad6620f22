"""The page of the ladder."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from churn_saver.adapters.assumptions import Assumption
from churn_saver.adapters.ladder_page import ladder_page, ladder_view
from churn_saver.errors import ArtifactError
from tests.pages import Page, assert_needs_nothing_else
from tests.policy_reports import ladder, rung


@cache
def _usual() -> Page:
    return Page(ladder_page(ladder()))


def test_a_page_needs_nothing_but_itself() -> None:
    """It reads the same offline; what callers hand in is escaped."""
    assert_needs_nothing_else(_usual())
    assert "&lt;table&gt;.csv" in _usual().html


def test_the_first_words_say_who_serves_and_why() -> None:
    """Heading, reason as it was recorded, and the champion's own figures."""
    page = _usual()

    assert "PPO, price as input serves: 96.2 % of the attainable gain, within the budget" in page.text
    assert "ppo_price gains most of what decides fast enough." in page.text
    assert page.figures == {
        "gain": "96.2 %",
        "regret": "4.8 %",
        "spend": "7.92",
        "seconds": "40 µs",
    }


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("largest gain of all: 96.2 %", "Largest gain of all: 96.2 %."),
        ("ppo is not above the tuned knapsack", "ppo is not above the tuned knapsack."),
    ],
)
def test_a_reason_is_told_as_a_sentence(why: str, told: str) -> None:
    """But the name of a rung stays as serve.yaml writes it."""
    assert ladder_view(ladder(why=why)).why == told


def test_every_rung_has_its_row_the_best_first() -> None:
    """Gain with its interval, regret, spend, seeds, time, and whether it may answer a request."""
    rows = {row[0]: row[1:] for row in _usual().rows[1:6]}

    assert list(rows) == [
        "Constrained optimum", "Exact at one price", "PPO, price as input champion", "Myopic knapsack",
        "Greedy",
    ]  # fmt: skip
    assert rows["PPO, price as input champion"] == [
        "96.2 % 95.7–96.7 %", "4.8 %", "7.92", "5", "40 µs", "yes",
    ]  # fmt: skip
    assert rows["Exact at one price"][-2:] == ["13 ms", "no"]
    assert rows["Constrained optimum"][0] == "100.0 %"
    assert rows["Constrained optimum"][-1] == "the ruler"
    assert rows["Greedy"][0] == "over budget"


def test_other_budgets_have_a_column_each() -> None:
    """A quarter of 8.00 is 2.00; what was not measured there is a dash."""
    rows = _usual().rows[6:12]

    assert rows[0] == ["Rung", "1/4× budget 2.00", "1× budget 8.00"]
    assert rows[1] == ["Constrained optimum", "–", "100.0 %"]
    assert rows[3][1] == "94.1 % 93.6–94.6 %"
    assert rows[4][1] == "over budget"


def test_the_ruler_is_told_with_its_proof() -> None:
    """38,934 − 36,512 minor units are 24.22 per customer."""
    rows = dict(row for row in _usual().rows if len(row) == 2)

    assert rows["Attainable gain per customer, currency units"] == "24.22"
    assert rows["Price of budget λ*"] == "2.013"
    assert rows["Certified: nothing gains more by"] == "3.1e-08 of it"
    assert rows["Found in"] == "38.2 s"


def test_what_is_not_known_of_the_ruler_is_left_out() -> None:
    """An empty record makes no table."""
    assert ladder_view(ladder(optimum={})).ruler == ()
    assert ladder_view(ladder(optimum={"gap": 0.0, "price": None})).ruler == (
        ("Certified: nothing gains more by", "0.0e+00 of it"),
    )
    assert "The ruler: the constrained optimum" not in ladder_page(ladder(optimum={}))


def test_one_budget_needs_no_second_table() -> None:
    """And no link to one."""
    page = Page(ladder_page(ladder(rows=[rung("knapsack", 78.8), rung("never", 0.0)], champion="knapsack")))

    assert "budgets" not in page.ids
    assert_needs_nothing_else(page)


def test_a_champion_over_its_budget_is_warned_of() -> None:
    """It has no gain to show."""
    page = Page(ladder_page(ladder(rows=[rung("ppo", 99.0, feasible=False)], champion="ppo")))

    assert "PPO serves, over the budget" in page.text
    assert "It must not serve: set policy: knapsack" in page.text
    assert ("warn", "p") in page.classes
    assert "gain" not in page.figures


def test_assumptions_are_listed_where_they_are_handed_in() -> None:
    """As on the other pages."""
    page = Page(ladder_page(ladder(), [Assumption("annoyance", "0.003", "probability, assumed")]))

    assert ["annoyance", "0.003", "probability, assumed"] in page.rows


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda r: r.pop("why"), r"^the ladder lacks why$"),
        (lambda r: r.update(rows={}), r"^rows is '\{\}', wanted a list"),
        (lambda r: r["rows"][1].pop("low"), r"^rows\[1\] lacks low$"),
        (lambda r: r["rows"][1].update(name="best"), r"^rows\[1\]: name is 'best', wanted one of"),
        (
            lambda r: r.update(champion="ppo"),
            r"^the champion 'ppo' has no row at budget factor 1: measure it",
        ),
        (lambda r: r.update(seeds="five"), r"^seeds is 'five', wanted a finite number"),
        (lambda r: r.update(optimum={"gap": "small"}), r"^optimum\.gap is 'small', wanted a finite number"),
    ],
)
def test_a_ladder_of_another_kind_is_refused(change: Callable[[dict[str, Any]], object], match: str) -> None:
    """The message names what is missing or wrong."""
    plain = ladder()
    change(plain)

    with pytest.raises(ArtifactError, match=match):
        ladder_page(plain)

"""The page of learned effects."""

import json
from functools import cache
from typing import Any

import pytest

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.uplift_page import uplift_page, uplift_view
from churn_saver.errors import ArtifactError
from tests.pages import Page, assert_needs_nothing_else
from tests.persuadables import learned


def report(**changes: Any) -> dict[str, Any]:
    """Give a report as it is read back from JSON, with changes."""
    found: dict[str, Any] = json.loads(canonical(learned().report))
    return found | changes


@cache
def page() -> Page:
    """Set the page of it, once."""
    return Page(uplift_page(report(source={"name": "<table>.csv", "sha256": "ab12"})))


def test_a_page_needs_nothing_but_itself() -> None:
    """It reads the same offline; what callers hand in is escaped."""
    assert_needs_nothing_else(page())
    assert "&lt;table&gt;.csv" in page().html


def test_every_arm_has_its_row_and_its_pictures() -> None:
    """Four arms with figures and intervals, three pictures each."""
    assert [row[0] for row in page().rows[1:5]] == ["Message alone", "5 % off", "10 % off", "15 % off"]
    assert page().html.count("<svg") == 12
    assert "3,000 decisions about 3,000 customers" in page().text


def test_figures_are_those_of_the_report() -> None:
    """A mean effect of .0123 between −.004 and .03 is 1.2 of 100 customers; areas have one digit more."""
    told = report()
    told["arms"][0] |= {
        "average": {"value": 0.0123, "low": -0.004, "high": 0.03},
        "qini": {"value": 0.00512, "low": 0.001, "high": 0.009},
        "shown": False,
    }

    row = Page(uplift_page(told)).rows[1]

    assert (row[2], row[4], row[5]) == ("1.2 (−0.4 to 3.0)", "0.51 (0.10 to 0.90)", "not shown")


@pytest.mark.parametrize(("shown", "told"), [(True, "shows"), (False, "does not show")])
def test_the_first_words_say_what_the_log_shows(shown: bool, told: str) -> None:
    """That customers differ, or that it does not show it; doubts stand below."""
    text = Page(uplift_page(report(shown=shown, warnings=["explore longer"]))).text

    assert f"The log {told} that customers differ" in text
    assert "Explore longer." in text


def test_without_money_the_page_says_why() -> None:
    """Two pictures an arm are left."""
    told = report()
    for arm in told["arms"]:
        arm["money"] = None
    plain = Page(uplift_page(told))

    assert plain.html.count("<svg") == 8
    assert "the log has no churn_risk or no monthly_spend" in plain.text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arms": 1}, r"arms is '1', wanted a list"),
        ({"arms": [{}]}, r"arms\[0\] lacks arm, rows"),
        ({"slope": {"value": 1.0}}, r"slope lacks low, high"),
        ({"rows": "many"}, r"rows is 'many', wanted a finite number"),
        ({"notes": [1]}, r"notes\[0\] is '1', wanted a text"),
    ],
)
def test_a_report_of_another_kind_is_refused(change: dict[str, Any], message: str) -> None:
    """By the field that is wrong."""
    with pytest.raises(ArtifactError, match=message):
        uplift_view(report(**change))

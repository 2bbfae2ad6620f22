"""The page of a comparison: the verdict first, then each condition with its reason."""

from dataclasses import replace
from functools import cache

import pytest

from churn_saver.adapters.comparison_page import TITLES, comparison_page, headline
from churn_saver.evidence.conditions import Losses, Unread
from churn_saver.evidence.promotion import NAMES, Evidence, gate
from tests.comparisons import BESIDE, GOOD, written
from tests.pages import Page, assert_needs_nothing_else

BLIND = Evidence(*[Unread("the books <cannot> be read")] * 5)


@cache
def page(is_blind: bool = False) -> Page:
    """Set the page of a challenger that passes, or of which nothing is known."""
    evidence = BLIND if is_blind else GOOD
    return Page(comparison_page(evidence, gate(evidence, 0.95), written(evidence)))


@pytest.mark.parametrize("is_blind", [False, True])
def test_a_page_needs_nothing_but_itself(is_blind: bool) -> None:
    """It reads the same offline; what comes from the books is escaped."""
    assert_needs_nothing_else(page(is_blind))
    assert ("&lt;cannot&gt;" if is_blind else "&lt;i&gt;a&lt;/i&gt;") in page(is_blind).html


def test_the_first_words_are_the_verdict() -> None:
    """Who may what after whom, and the gain with its interval."""
    assert "B may become champion after A: all 5 conditions hold" in page().text
    assert page().figures == {"gain": "+0.03", "low": "+0.01", "holding": "5"}
    assert "of 5 hold" in page().text
    assert "The only look." in page().text


def test_every_condition_has_its_row() -> None:
    """Name, whether it holds, why."""
    told = {row[0]: row[1] for row in page().rows if len(row) == 3}

    assert [told.get(TITLES[name]) for name in NAMES] == ["yes"] * 5
    assert (
        "The challenger earns more: +0.03 of the customers kept, from +0.01 to +0.05 at 95 %." in page().text
    )


def test_groups_are_drawn_and_told() -> None:
    """One picture of the gain, one of the column; the table has customers and bound."""
    assert page().html.count("<svg") == 2
    assert [
        cell
        for place, cell in enumerate(next(row for row in page().rows if len(row) == 8 and row[0] == "gender"))
        if place not in (4, 5)
    ] == ["gender", "<i>a</i>", "90", "-0.015", "0.02", "within bound"]


def test_nothing_known_is_no_pass_and_says_why() -> None:
    """No figure, no picture, five failures."""
    blind = page(is_blind=True)

    assert (
        "B may not become champion after A: not shown that it earns more, no limit was broken" in blind.text
    )
    assert blind.figures == {}
    assert "<svg" not in blind.html
    assert blind.text.count("The books <cannot> be read.") == 5


def test_a_headline_names_what_is_not_shown() -> None:
    """One condition of five."""
    lacking = gate(replace(GOOD, losses=Losses({})), 0.95)

    assert headline(lacking, written()) == (
        "B may not become champion after A: not shown that no group is worse off"
    )


def test_the_digest_stands_on_the_page() -> None:
    """And that there was no protocol."""
    assert str(written()["digest"]) in page().text
    assert "SHA-256 of the protocol none" in page().text


def test_a_challenger_that_was_a_shadow_has_a_section() -> None:
    """With a link to it; nothing of it where it never was one, and nothing but itself is needed."""
    found = Page(comparison_page(GOOD, gate(GOOD, 0.95), written(), BESIDE))
    row = next(row for row in found.rows if row and row[0].startswith("Contacts"))

    assert_needs_nothing_else(found)
    assert row == ["Contacts.", "30 of 96, 31.2%", "36 of 96, 37.5%"]
    assert 'href="#shadow"' in found.html
    assert 'id="shadow"' not in page().html

"""The page of one look at a campaign."""

from functools import cache

from churn_saver.adapters.watch_page import ends, heading, watch_page
from churn_saver.evidence.shares import Interval
from churn_saver.evidence.watch import Reference, Watch, watch
from tests.logbooks import logbook
from tests.pages import Page, assert_needs_nothing_else
from tests.watched_campaigns import ANSWER_DAYS, LOOK, settings, sound

FIRST_DAYS = Reference("the campaign's <first> days", 0, 14)


@cache
def _off() -> tuple[Watch, Page]:
    log = sound(700, 3, spend_shift=40.0, fewer_female=0.28)
    look = watch(log, LOOK, settings(), ANSWER_DAYS, FIRST_DAYS, {}, "Legal agreed <today>, J. Doe")
    return look, Page(watch_page(look, 0.1))


@cache
def _empty() -> Page:
    look = watch(logbook([{"decided_at": 55.0}]), LOOK, settings(), ANSWER_DAYS, FIRST_DAYS, {})
    return Page(watch_page(look, 0.1))


def test_a_page_needs_nothing_but_itself() -> None:
    """It reads the same offline; what callers hand in is escaped."""
    assert_needs_nothing_else(_off()[1])
    assert_needs_nothing_else(_empty())
    assert "&lt;first&gt;" in _off()[1].html


def test_what_is_off_stands_first() -> None:
    """Heading and alarms, before any figure."""
    look, page = _off()

    assert page.text.index("One thing is off") < page.text.index("monthly_spend has moved: PSI")
    assert page.text.index("monthly_spend has moved: PSI") < page.text.index("Columns that moved")
    assert page.figures["moved"] == "1"
    assert page.figures["decisions"] == "700"
    assert ("fail", "li") in page.classes
    assert heading(look) == "One thing is off"


def test_every_column_has_its_row_with_a_verdict() -> None:
    """The farthest first, with PSI, chance, effect, p, missing, verdict."""
    row = next(row for row in _off()[1].rows if row and row[0] == "monthly_spend")

    assert len(row) == 7
    assert row[5:] == ["0.0 %, 0.0 %", "moved"]


def test_groups_are_told_with_bound_and_verdict() -> None:
    """Two groups of a measure in a row each; the override stands above, in the words of who wrote it."""
    _, page = _off()

    told = [row for row in page.rows if row and row[0] == "Contact rate"]
    assert told[0][1] == "female"
    assert told[0][5:] == ["5.0 %", "worse than bound"]
    assert "Fairness is overridden in writing: Legal agreed <today>, J. Doe." in page.text


def test_where_nothing_can_be_told_the_page_says_so() -> None:
    """A campaign of one decision: no figure is made up, and quiet is not called well."""
    page = _empty()

    assert "Nothing is off, as far as these decisions can show" in page.text
    assert "There is nothing to compare yet" in page.text
    assert "No contact of the last 14 days is old enough to be missed." in page.text
    assert "Churn risk" in page.text
    assert "churn risk: no outcome is due yet" in page.text


def test_intervals_are_written_with_a_minus_that_is_one() -> None:
    """Shares in per cent, other figures as they are."""
    assert ends(Interval(-0.1, -0.2, 0.05)) == "−10.0\N{NO-BREAK SPACE}% (−20.0 to 5.0)"
    assert ends(Interval(1.5, -0.25, 3.0), is_share=False) == "1.50 (−0.25 to 3.00)"

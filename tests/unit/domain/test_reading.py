"""Reading figures back: the fast way agrees with the full one, and contexts decide what a figure is."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from churn_saver.domain.reading import has_figure, has_term, strike, strike_all
from churn_saver.domain.slots import CONTRACTS, Facts

SAM = Facts("Sam", 12, 10, "one year", date(2026, 12, 5))
PIECES = (
    "10%", "15%", "10 %", "ten percent", "12 months", "12 months'", "13 months", "a year",
    "one-year plan", "two-year plan",
    "month-to-month plan", "one-year", "5 december 2026", "6 december 2026", "december 5",
    "5 december", "the", "saturday",
    "friday", "next bill", "your", "over", "and", "up to", "from", "or more", "for",
    "thank you", "off", "a", "1", "0", ".", ",",
    "%", "2026", "may", "month", "to", "$", "to month",
)  # fmt: skip


@settings(max_examples=600)
@example(["over", "the", "5 december 2026"], " ", SAM)
@given(
    st.lists(st.sampled_from(PIECES), max_size=8),
    st.sampled_from([" ", " ", ""]),
    st.sampled_from(
        [SAM, Facts(None, 1, 5, None, date(2026, 5, 6)), Facts(None, None, 0, "month-to-month", None)]
    ),
)
def test_the_fast_way_agrees_with_the_full_one(pieces: list[str], glue: str, facts: Facts) -> None:
    """Where the figures are worded as the slots word them, nothing else is read; the verdict is the same."""
    low = glue.join(pieces)
    fast, full = strike(low, facts), strike_all(low, facts)

    assert fast.stated == full.stated
    assert has_figure(fast, facts) == has_figure(full, facts)
    assert has_term(fast) == has_term(full)


@pytest.mark.parametrize(
    ("low", "slots"),
    [
        ("10% off your next bill by 5 december 2026", {"offer", "duration", "valid_until"}),
        ("10 per cent off next month's bill", {"offer", "duration"}),
        ("thanks for one year with us on the one-year plan", {"tenure", "plan"}),
        ("thanks for twelve wonderful months on the 12-month contract", {"tenure", "plan"}),
        ("by saturday, the 5th of december", {"valid_until"}),
        ("by dec. 5, 2026", {"valid_until"}),
        ("by 2026-12-05", {"valid_until"}),
        ("your annual plan", {"plan"}),
    ],
)
def test_right_figures_are_stated_in_other_words_too(low: str, slots: set[str]) -> None:
    """Words, abbreviations and other orders of the same value count, and nothing is left over."""
    struck = strike(low, SAM)

    assert struck.stated == slots
    assert not has_figure(struck, SAM)


@pytest.mark.parametrize(
    "low",
    ["11%", "10", "10%%", "a10%", "0.10%", "over 10%", "10% or more", "five percent",
     "percent", "5 december 2027",
     "4 december", "december 5 2025", "by friday 5 december", "from 5 december 2026",
     "thanks for 5 december 2026", "on 5 december", "your 5 december 2026",
      "13 months", "2 years",
     "1 year and 1 month", "two-year plan", "12-year plan", "month-to-month", "2026-12-06",
      "2026-13-05", "ten", "€", "½", "一0",
     "a week free", "free month", "until next week", "for years", "by the end of the month"],
)  # fmt: skip
def test_any_other_figure_is_one_too_many(low: str) -> None:
    """Whatever does not equal the facts is left, and seen."""
    assert has_figure(strike(low, SAM), SAM)


def test_years_and_months_add_up() -> None:
    """2 years and 1 month are 25 months."""
    facts = Facts(None, 25, 0, None, None)

    assert strike("2 years and 1 month", facts).stated == {"tenure"}
    assert strike("twenty-five months", facts).stated == {"tenure"}
    assert has_figure(strike("for years", facts), facts) is False


@pytest.mark.parametrize(
    ("low", "term"),
    [
        ("10% off for 12 months", True),
        ("10% off your plan for a whole year", True),
        ("12 months of savings", True),
        ("we hold your price for two years", True),
        ("10% off, and thank you for 12 months", False),
        ("thank you for 12 months: 10% off", False),
        ("you have had your plan for 12 months. 10% off", False),
        ("10% off your next bill", False),
    ],
)
def test_a_discount_for_a_time_is_told_from_a_tenure(low: str, term: bool) -> None:
    """The clause before 'for' says whether the months are thanked for or promised."""
    assert has_term(strike(low, SAM)) is term


@given(st.integers(0, 1200), st.sampled_from(CONTRACTS), st.integers(0, 3000))
def test_only_the_own_tenure_is_stated(tenure: int, contract: str, claimed: int) -> None:
    """A number of months agrees exactly when it is the customer's, and is not 0."""
    struck = strike(f"thank you for {claimed} months with us", Facts(None, tenure, 0, contract, None))

    assert ("tenure" in struck.stated) == (claimed == tenure > 0)

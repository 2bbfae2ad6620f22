"""The grammar of figures: what a wording is worth, against a ruler that writes numbers out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.figures import PARTS, STATED, WORDS, slot_of
from churn_saver.domain.slots import MONTHS, Facts

ONES = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
ONES += ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def in_words(number: int, hyphen: str) -> str:
    """Write 1..99 in English."""
    if number < 20:
        return ONES[number]
    ten, one = divmod(number, 10)
    return TENS[ten] + (hyphen + ONES[one] if one else "")


def agrees(text: str, facts: Facts) -> str | None:
    """Give the slot that the whole text states, if it is one figure."""
    match = STATED.fullmatch(text)
    return slot_of(match, facts) if match else None


@given(st.integers(1, 99), st.sampled_from("- "), st.integers(1, 99))
def test_number_words_have_their_value(number: int, hyphen: str, tenure: int) -> None:
    """All numbers up to 99, with hyphen or space, equal themselves and no other."""
    facts = Facts(None, tenure, 0, None, None)

    assert (agrees(f"{in_words(number, hyphen)} months", facts) == "tenure") == (number == tenure)
    assert (agrees(f"{number} months", facts) == "tenure") == (number == tenure)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_a_day_equals_itself_in_every_order(day: date, other: date) -> None:
    """Day first, month first, short month, ISO and with its weekday: the same day and no other."""
    month = MONTHS[day.month - 1].lower()
    week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    wordings = [
        f"{day.day} {month} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month[:3]} {day.year}",
        f"the {day.day}th of {month}, {day.year}",
        day.isoformat(),
        f"{week[day.weekday()]}, {day.day} {month} {day.year}",
    ]

    for wording in wordings:
        assert agrees(wording, Facts(None, None, 10, None, day)) == "valid_until"
        assert (agrees(wording, Facts(None, None, 10, None, other)) is not None) == (day == other)
        assert agrees(wording, Facts(None, None, 0, None, None)) is None


@pytest.mark.parametrize("percent", [0, 5, 10, 15])
@pytest.mark.parametrize("claimed", [0, 1, 5, 10, 15, 20, 50, 100])
def test_a_per_cent_equals_the_offer_or_nothing(percent: int, claimed: int) -> None:
    """With offer 0 no per cent agrees, not even 0 %."""
    facts = Facts(None, None, percent, None, date(2026, 12, 5) if percent else None)
    right = "offer" if claimed == percent > 0 else None

    assert agrees(f"{claimed}%", facts) == agrees(f"{claimed} per cent", facts) == right


@pytest.mark.parametrize(
    ("wording", "contract"),
    [
        ("month-to-month", "month-to-month"),
        ("month to month", "month-to-month"),
        ("one-year", "one year"),
        ("12-month", "one year"),
        ("annual", "one year"),
        ("two year", "two year"),
        ("24-month", "two year"),
        ("12-year", "none at all"),
    ],
)
def test_a_term_equals_the_contract_or_nothing(wording: str, contract: str) -> None:
    """A plan's term agrees with the customer's own contract only."""
    for own in (None, "month-to-month", "one year", "two year"):
        match = STATED.match(f"{wording} plan")

        assert match is not None
        assert slot_of(match, Facts(None, None, 0, own, None)) == ("plan" if own == contract else None)


def test_the_words_of_figures_leave_plain_words_alone() -> None:
    """'One' and 'may' are everyday words: parts of figures, but no figures."""
    assert {"one", "may", "march"} <= PARTS - WORDS
    assert {"ten", "half", "december", "friday", "percent", "dollars"} <= WORDS

"""Slots: the exact words of each value, and the facts that may be stated."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.slots import (
    CONTRACTS,
    PLANS,
    SLOTS,
    Context,
    Facts,
    facts_of,
    long_date,
    slot_values,
    tenure_band,
)
from churn_saver.errors import InputError
from tests.builders import customers

DAY = date(2026, 12, 5)


def test_every_value_is_worded_exactly() -> None:
    """Each slot has one wording."""
    values = slot_values(Facts("Sam", 12, 10, "month-to-month", DAY))

    assert values == {
        "name": "Sam",
        "tenure": "12 months",
        "offer": "10%",
        "plan": "month-to-month plan",
        "duration": "your next bill",
        "valid_until": "5 December 2026",
    }
    assert set(values) == set(SLOTS)


@pytest.mark.parametrize(
    ("contract", "plan"), [(None, "plan"), ("one year", "one-year plan"), ("two year", "two-year plan")]
)
def test_what_is_not_known_has_no_value(contract: str | None, plan: str) -> None:
    """No name, no tenure and no discount leave the plan alone."""
    assert slot_values(Facts(None, None, 0, contract, None)) == {"plan": plan}


@pytest.mark.parametrize(("months", "words"), [(1, "1 month"), (2, "2 months"), (1200, "1200 months")])
def test_months_agree_in_number(months: int, words: str) -> None:
    """One month is no months."""
    assert slot_values(Facts(None, months, 0, None, None))["tenure"] == words


def test_a_tenure_below_a_month_is_not_stated() -> None:
    """Nobody is thanked for 0 months."""
    assert "tenure" not in slot_values(Facts(None, 0, 0, None, None))


def test_every_contract_has_a_plan() -> None:
    """The words of the field contract_type are all worded."""
    assert set(PLANS) == {None, *CONTRACTS}


@pytest.mark.parametrize(
    ("months", "band"),
    [
        (None, "unstated"), (0, "unstated"), (1, "new"), (11, "new"), (12, "settled"),
         (35, "settled"), (36, "long"),
        (1200, "long"),
    ],
)  # fmt: skip
def test_bands_meet_without_gaps(months: int | None, band: str) -> None:
    """A band begins where the one before it ends."""
    assert tenure_band(months) == band


def test_a_context_has_no_identity() -> None:
    """Two customers in one situation share a context, whatever their names and days."""
    one = Context.of(Facts("Sam", 12, 10, "one year", DAY))
    other = Context.of(Facts("Zoë", 30, 10, "one year", DAY + timedelta(days=3)))

    assert one == other == Context(10, "settled", "one year", True, "email")
    assert Context.of(Facts(None, 0, 0, None, None), "sms") == Context(0, "unstated", None, False, "sms")


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (("Sam", 12, 20, None, DAY), "offer_percent is 20"),
        (("Sam", 12, 10, None, None), "valid_until is None with an offer of 10"),
        (("Sam", 12, 0, None, DAY), "valid_until is 2026-12-05 with an offer of 0"),
        (("Sam", -1, 0, None, None), "tenure_months is -1, wanted 0 to 1200"),
        (("Sam", 1201, 0, None, None), "tenure_months is 1201"),
        (("Sam", 12, 0, "weekly", None), "contract is 'weekly'"),
        (("", 12, 0, None, None), "name is empty"),
    ],
)
def test_impossible_facts_are_refused(
    facts: tuple[str | None, int | None, int, str | None, date | None], message: str
) -> None:
    """Facts that no decision can have are named."""
    with pytest.raises(InputError, match=message):
        Facts(*facts)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_day_is_written_out(day: date) -> None:
    """Day, month and year can be read back."""
    number, month, year = long_date(day).split()
    names = "January February March April May June July August September October November December"

    assert (int(number), names.split().index(month) + 1, int(year)) == (day.day, day.month, day.year)


def test_facts_are_those_of_the_row() -> None:
    """12 whole months on a monthly contract; an absent column is not known, 0 % has no last day."""
    table = customers(2, names=["Sam", None])
    day = date(2026, 3, 16)

    assert facts_of(table, 0, 10, day) == Facts("Sam", 12, 10, "month-to-month", day)
    assert facts_of(table, 1, 0, day) == Facts(None, 12, 0, "month-to-month", None)
    assert facts_of(customers(1, fields={}), 0, 10, day) == Facts("Sam", None, 10, None, day)

"""Filling slots: one pass, nothing left open, nothing expanded twice."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.slots import Facts
from churn_saver.errors import InputError
from churn_saver.message.wording import fill

SAM = Facts("Sam", 12, 10, "one year", date(2026, 12, 5))


def test_every_slot_is_filled() -> None:
    """All six slots, some of them twice, at both ends."""
    draft = "{name}: {tenure}, {offer} off {duration}, {plan}, {valid_until}, {name}"

    assert fill(draft, SAM) == "Sam: 12 months, 10% off your next bill, one-year plan, 5 December 2026, Sam"


def test_a_draft_without_slots_stays() -> None:
    """Nothing to fill is fine."""
    assert fill("Thank you.", SAM) == "Thank you."


@pytest.mark.parametrize("name", ["{offer}", "{{name}}", "{", "}{", "\\1", "{nobody}"])
def test_a_value_is_never_expanded_again(name: str) -> None:
    """A name that looks like a slot stays as it is."""
    facts = Facts(name, 12, 10, None, date(2026, 12, 5))

    assert fill("Hi {name}, {offer}", facts) == f"Hi {name}, 10%"


@given(st.text(min_size=1))
def test_any_name_is_put_in_as_it_is(name: str) -> None:
    """Whatever a name holds, the text around it stays and no other slot moves."""
    facts = Facts(name, 12, 10, None, date(2026, 12, 5))

    assert fill("Hi {name}, {offer} off", facts) == "Hi " + name + ", 10% off"


@pytest.mark.parametrize(
    ("draft", "message"),
    [
        ("Hi {nam}", r"has the slot \{nam\}, wanted one of name, tenure"),
        ("Hi {Name}", r"has the slot \{Name\}"),
        ("Hi {name", "brace outside a slot"),
        ("Hi name}", "brace outside a slot"),
        ("Hi {{name}}", "brace outside a slot"),
        ("Hi { name }", "brace outside a slot"),
        ("Hi {}", "brace outside a slot"),
    ],
)
def test_a_wrong_slot_is_refused(draft: str, message: str) -> None:
    """An unknown slot or a lost brace is named."""
    with pytest.raises(InputError, match=message):
        fill(draft, SAM)


@pytest.mark.parametrize("slot", ["name", "tenure", "offer", "duration", "valid_until"])
def test_a_slot_without_a_value_is_refused(slot: str) -> None:
    """A draft that needs a fact that is not there cannot be filled."""
    with pytest.raises(InputError, match=rf"needs \{{{slot}\}}, which these facts do not have"):
        fill(f"Hi {{{slot}}}", Facts(None, 0, 0, None, None))

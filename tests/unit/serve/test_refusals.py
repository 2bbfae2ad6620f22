"""Refusals: field, reason and what was wanted, and never what was sent."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from churn_saver.serve.refusals import MOST_SHOWN, Refused, each_name_once, refused, strict_json
from churn_saver.serve.wire import CustomerRequest, PredictRequest, RetainRequest
from tests.serving import PREDICT, RETAIN


def faults(body: object, kind: type[CustomerRequest] = RetainRequest) -> Refused:
    """Read a body that cannot be used."""
    with pytest.raises(ValidationError, match="validation error") as caught:
        kind.model_validate(body)
    return refused([{**error, "loc": ("body", *error["loc"])} for error in caught.value.errors()])


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("tenure_months", None, "wrong type: null"),
        ("tenure_months", True, "wrong type: a boolean"),
        ("tenure_months", "12", "wrong type: a text"),
        ("tenure_months", [12], "wrong type: an array"),
        ("tenure_months", {"months": 12}, "wrong type: an object"),
        ("tenure_months", 1_201, "out of range: too large"),
        ("tenure_months", 10**400, "out of range: too large"),
        ("tenure_months", -1, "out of range: too small"),
        ("tenure_months", float("nan"), "not a finite number"),
        ("contacts_last_7d", 0.5, "not a whole number"),
        ("customer_id", "", "blank"),
        ("customer_id", " ", "blank"),
        ("customer_id", "x" * 129, "too long"),
        ("customer_id", 5, "wrong type: a number"),
        ("customer_id", "\ud800", "not valid Unicode"),
        ("channel", "pigeon", "unknown word"),
        ("contract_type", "weekly", "unknown word"),
        ("time_zone", "Mars", "unknown time zone"),
        ("country", "Germany", "unknown country"),
        ("name", "<b>", "name has markup, digits or an address in it, wanted a plain name"),
    ],
)
def test_a_reason_is_in_plain_words(field: str, value: object, reason: str) -> None:
    """One fault, at its field, with what was wanted of it."""
    found = faults({**RETAIN, field: value}).detail

    assert [(one.field, one.reason) for one in found] == [(field, reason)]
    assert found[0].wanted


def test_unknown_words_are_answered_with_the_known_ones() -> None:
    """Under the name that the request documents."""
    (found,) = faults({**PREDICT, "contract": "weekly"}, PredictRequest).detail

    assert (found.field, found.wanted) == ("contract", "Month-to-month, One year or Two year")


def test_a_missing_field_is_named() -> None:
    """Without an id nothing can be decided."""
    body = {name: value for name, value in RETAIN.items() if name != "customer_id"}

    assert [(one.field, one.reason) for one in faults(body).detail] == [("customer_id", "missing")]


def test_what_is_no_object_is_the_bodys_fault() -> None:
    """An array of customers is not a customer."""
    (found,) = faults([RETAIN]).detail

    assert (found.field, found.reason) == ("body", "wrong type: an array")
    assert "Content-Type" in str(found.wanted)


def test_a_long_or_unprintable_name_is_cut() -> None:
    """Whoever made up the name made up its length too."""
    found = faults({**RETAIN, "x" * 500: 1, "a\u202eb\n": 1, "\u0007": 1}).detail

    assert [one.field for one in found] == ["x" * 37 + "...", "ab", "(unprintable)"]
    assert {one.reason for one in found} == {"unknown field"}


def test_thousands_of_faults_are_counted_not_listed() -> None:
    """50 unknown fields: 19 are listed, the last line counts the other 31."""
    found = faults({**RETAIN, **{f"field_{i}": i for i in range(50)}}).detail

    assert len(found) == MOST_SHOWN
    assert found[-1].reason == "and 31 more faults"


def test_json_is_read_strictly() -> None:
    """NaN is read, so that its field can be named; all that is not JSON is refused without a word of it."""
    assert strict_json(b'{"a": 1, "b": {"a": 2}}') == {"a": 1, "b": {"a": 2}}
    assert repr(strict_json(b"[NaN, -Infinity]")) == "[nan, -inf]"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"secret": ', "Expecting value at character 11"),
        (b"", "Expecting value at character 0"),
        (b'{"secret": "\xff"}', "not UTF-8"),
        (b"[" * 60_000, "nested too deep"),
        (b"9" * 60_000, "a number is too long"),
        (b'{"a": 1, "b": 2, "a": 3}', "'a' is there twice"),
        (b'{"x": {"%s": 1, "%s": 2}}' % (b"k" * 60, b"k" * 60), "'%s...' is there twice" % ("k" * 37)),
    ],
)
def test_what_is_no_json_says_so_and_keeps_nothing(raw: bytes, reason: str) -> None:
    """The error carries no part of the body that could end in a log."""
    with pytest.raises(json.JSONDecodeError, match="^" + reason.replace(".", r"\.")) as caught:
        strict_json(raw)

    assert caught.value.doc == ""


class Compared(str):
    """A name that counts how often it is compared with another."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        """Compare, and count it."""
        Compared.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_a_doubled_name_is_found_in_one_pass() -> None:
    """Of 2,000 names the last is there twice: each is looked up once, not compared with all others."""
    Compared.compared = 0
    names = [*(Compared(f"{number:x}") for number in range(2_000)), Compared("z"), Compared("z")]

    with pytest.raises(Exception, match=r"^'z' is there twice$"):
        each_name_once((name, 0) for name in names)

    assert Compared.compared < len(names)


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.integers(), st.lists, max_leaves=5)
)
@settings(max_examples=100)
def test_a_value_is_never_repeated(value: object) -> None:
    """Whatever stands in a field, the answer is made of our own words and of names."""
    secret = f"x{value!r}x" * 3
    found = faults({**RETAIN, "tenure_months": secret, "name": [secret]})

    assert secret not in found.model_dump_json()
    assert [one.field for one in found.detail] == ["name", "tenure_months"]


@pytest.mark.parametrize(
    ("location", "field"),
    [
        (("body", "customers", 17, "tenure"), "customers[17].tenure"),
        (("body", "customers", 17), "customers[17]"),
        (("body", "customers"), "customers"),
        (("path", "decision_id"), "decision_id"),
        (("header", "Idempotency-Key"), "Idempotency-Key"),
        (("body", 12), "body"),
    ],
)
def test_a_fault_is_named_by_its_place(location: tuple[object, ...], field: str) -> None:
    """Row and field of a table, a part of the path, a header."""
    found = refused([{"type": "missing", "loc": location}]).detail[0]

    assert (found.field, found.reason) == (field, "missing")
    assert (found.wanted is None) == (field == "customers[17]")

"""Fields in a request: texts, words and bounds come from the domain alone."""

from typing import Any

import pytest
from pydantic import TypeAdapter, create_model

from churn_saver.domain.customer import FIELDS, word_codes, word_key
from churn_saver.serve.fields import WANTED, given, shown_words


@pytest.mark.parametrize("entry", [entry for entry in FIELDS if entry.words], ids=lambda entry: entry.name)
def test_the_words_that_are_shown_are_the_vocabulary(entry: Any) -> None:
    """As many as there are words, each accepted, each another one."""
    codes = [word_codes(entry)[word_key(word)] for word in shown_words(entry)]

    assert sorted(codes) == list(range(len(entry.words)))


def test_a_number_is_bounded_as_the_domain_says() -> None:
    """Tenure goes from 0 to 1,200 months."""
    model = create_model("Asked", tenure_months=given(FIELDS[0], "tenure", needed=True))
    schema = model.model_json_schema()

    assert schema["required"] == ["tenure"]
    assert schema["properties"]["tenure"]["type"] == "number"
    assert (schema["properties"]["tenure"]["minimum"], schema["properties"]["tenure"]["maximum"]) == (
        0,
        1_200,
    )
    assert "months from 0 to 1200" in schema["properties"]["tenure"]["description"]


def test_protected_fields_say_what_they_are_for() -> None:
    """They are reported on; an input only when somebody allows it."""
    gender = next(entry for entry in FIELDS if entry.name == "gender")

    assert "allow_protected" in str(given(gender, "gender", needed=False)[1].description)


def test_the_schema_of_a_yes_or_no_field_lists_all_its_forms() -> None:
    """Yes or No, true or false, 0 or 1, or null."""
    partner = next(entry for entry in FIELDS if entry.name == "partner")
    schema = TypeAdapter(given(partner, "Partner", needed=False)[0]).json_schema()

    assert schema["anyOf"] == [
        {"type": "string", "enum": ["Yes", "No", "No internet service", "No phone service"]},
        {"type": "boolean"},
        {"type": "integer", "enum": [0, 1]},
        {"type": "null"},
    ]


def test_a_vocabulary_of_two_other_words_is_no_yes_or_no_field() -> None:
    """Female and Male are words only."""
    gender = next(entry for entry in FIELDS if entry.name == "gender")
    kind = TypeAdapter(given(gender, "gender", needed=False)[0])

    assert kind.json_schema()["anyOf"] == [{"type": "string", "enum": ["Female", "Male"]}, {"type": "null"}]
    with pytest.raises(ValueError, match="wrong type"):
        kind.validate_python(True)


def test_every_field_says_what_is_wanted() -> None:
    """No text of the domain is written a second time."""
    assert all(WANTED[entry.name] == entry.wanted for entry in FIELDS)

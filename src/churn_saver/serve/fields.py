"""How a customer field looks in a request: its type, its bounds or words, its text in the schema.

Everything is taken from `domain.customer.FIELDS`; nothing is defined a second time.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from churn_saver.domain import customer as known
from churn_saver.domain.countries import WANTED_COUNTRY
from churn_saver.domain.customer import View
from churn_saver.domain.money import MAX_UNITS
from churn_saver.domain.names import MAX_NAME_LENGTH

_LONGEST_WORD = 64
_FORMS = ("0", "1", "false", "true")
"""Synonyms of yes and no that JSON has other types for."""

WANTED: Mapping[str, str] = {
    "customer_id": f"a text of 1 to {known.MAX_ID_LENGTH} characters, none of them invisible",
    "name": f"a plain name of at most {MAX_NAME_LENGTH} characters: no markup, digits or address",
    "event_id": f"a text of 1 to {known.MAX_ID_LENGTH} characters, none of them invisible",
    "time_zone": "an IANA time zone such as Europe/Berlin",
    "country": WANTED_COUNTRY,
    "channel": "email, sms or push",
    "opted_in": "true, false or null",
    "churn_risk": "a probability from 0 to 1",
    "contacts_last_7d": f"a whole number from 0 to {known.MAX_CONTACTS:,}",
    "days_since_last_contact": f"days from 0 to {known.MAX_DAYS_SINCE_CONTACT:,}",
    "churned": "Yes or No; the outcome itself, never an input",
    "customers": "a list of 1 to 10,000 customers, each as /predict takes one",
    "decision_id": "32 hex digits, as metadata.decision_id has them",
    "outcome": "accepted, declined, retained or churned",
    "happened_at": "a moment with its zone, such as 2026-03-02T17:00:00Z",
    "baseline": "true or false",
    "stopped": "true or false",
    "limit": f"currency units from 0 to {MAX_UNITS:,}, or null",
    "Idempotency-Key": "1 to 200 printable ASCII characters without a space",
    **{entry.name: entry.wanted for entry in known.FIELDS},
}
"""What a valid value is, by canonical name."""


def shown_words(entry: known.Field) -> list[str]:
    """Give a vocabulary in the spelling that people read, as `Field.wanted` has it."""
    return re.split(r", | or ", entry.wanted)


def given(entry: known.Field, name: str, needed: bool) -> tuple[Any, Any]:
    """Give type and settings of a customer field in a request, as `pydantic.create_model` takes them.

    Args:
        entry: The field.
        name: How callers send it.
        needed: A request without it is refused.
    """
    note = " Reported on; an input only with `allow_protected`." if entry.view is View.PROTECTED else ""
    text = f"{entry.name.replace('_', ' ').capitalize()}: {entry.wanted}.{note}"
    default = ... if needed else None
    if not entry.words:
        kind = float if needed else float | None
        return kind, Field(default, alias=name, ge=entry.low, le=entry.high, description=text)
    word: Any = Annotated[
        float | None, PlainValidator(_word_reader(entry)), WithJsonSchema(_word_schema(entry))
    ]
    return word, Field(default, alias=name, description=f"{text} Case does not matter.")


def _is_flag(entry: known.Field) -> bool:
    return set(entry.words) == {"no", "yes"}


def _word_schema(entry: known.Field) -> dict[str, Any]:
    others = [word.capitalize() for word in entry.synonyms if word not in _FORMS]
    kinds: list[dict[str, Any]] = [{"type": "string", "enum": [*shown_words(entry), *others]}]
    if _is_flag(entry):
        kinds += [{"type": "boolean"}, {"type": "integer", "enum": [0, 1]}]
    return {"anyOf": [*kinds, {"type": "null"}]}


def _word_reader(entry: known.Field) -> Callable[[object], float | None]:
    codes, flag = known.word_codes(entry), _is_flag(entry)

    def read(value: object) -> float | None:
        if value is None:
            return None
        if flag and isinstance(value, int | float) and value in (0, 1):
            value = str(int(value))
        if not isinstance(value, str):
            raise ValueError("wrong type")
        code = codes.get(known.word_key(value)) if len(value) <= _LONGEST_WORD else None
        if code is None:
            raise ValueError("unknown word")
        return float(code)

    return read

"""Why a request is refused: the field, the reason, and what was wanted; never what was sent.

A body is read by `strict_json`, which refuses what JSON leaves open (a name given twice). Values,
which may be personal or a megabyte long, stay out of every answer.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, Field

from churn_saver.domain.customer import column_key
from churn_saver.serve.fields import WANTED
from churn_saver.serve.wire import PredictRequest, RetainRequest

MOST_SHOWN = 20
"""Faults listed in one answer; a body of 64 KiB can hold thousands."""
_LONGEST_NAME = 40
_PLACES = frozenset(("body", "path", "query", "header"))
"""Where FastAPI says that it found a value: no name of ours."""


class Refusal(BaseModel):
    """One fault of a request."""

    field: str = Field(description="Field of the request, or 'body' when the request as a whole is meant.")
    reason: str = Field(description="What is wrong with it; the value itself is never repeated.")
    wanted: str | None = Field(None, description="What a valid value is.")


class Refused(BaseModel):
    """Answer to a request that cannot be used."""

    detail: list[Refusal] = Field(description=f"Every fault found, at most {MOST_SHOWN} of them.")


class Failed(BaseModel):
    """Answer to a request that failed for no fault of its own, or names nothing that is there."""

    detail: str = Field(description="What happened.")
    trace: str | None = Field(None, description="Stands in the service's log beside the cause.")


def strict_json(raw: bytes) -> object:
    """Read a body.

    NaN and Infinity are read as such, so that the field that holds one is named when it is refused.

    Raises:
        json.JSONDecodeError: not UTF-8, not JSON, nested too deep, or with a name twice in one object.
    """
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=each_name_once)
    except json.JSONDecodeError as error:
        # The error would keep the whole body.
        raise json.JSONDecodeError(f"{error.msg} at character {error.pos}", "", 0) from None
    except UnicodeDecodeError:
        raise json.JSONDecodeError("not UTF-8", "", 0) from None
    except RecursionError:
        raise json.JSONDecodeError("nested too deep", "", 0) from None
    except _Twice as error:
        raise json.JSONDecodeError(str(error), "", 0) from None
    except ValueError:
        raise json.JSONDecodeError("a number is too long", "", 0) from None


class _Twice(Exception):
    pass


def each_name_once(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Make an object of its names and values, each looked at once: a body can hold a million."""
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise _Twice(f"{_short(name)!r} is there twice")
        found[name] = value
    return found


def refused(errors: Sequence[Mapping[str, object]]) -> Refused:
    """Say what is wrong, in the callers' words.

    Args:
        errors: As pydantic lists them.
    """
    shown = [_refusal(error) for error in errors[:MOST_SHOWN]]
    if len(errors) > MOST_SHOWN:
        shown[-1] = Refusal(
            field="body", reason=f"and {len(errors) - MOST_SHOWN + 1:,} more faults", wanted=None
        )
    return Refused(detail=shown)


def _refusal(error: Mapping[str, object]) -> Refusal:
    row, field = _place(error["loc"])
    kind, value, context = str(error["type"]), error.get("input"), error.get("ctx")
    reason = _reason(kind, value, context if isinstance(context, dict) else {})
    wanted: str | None
    if field == "body":
        wanted = "a JSON object, sent with Content-Type: application/json"
    elif kind == "extra_forbidden":
        wanted = "a documented field: see /openapi.json"
    else:
        wanted = _wanted().get(field)
    return Refusal(field=row + _short(field), reason=reason, wanted=wanted)


def _place(location: object) -> tuple[str, str]:
    """Give the row of a table, as 'customers[17].', else nothing, and the field; 'body': all of it."""
    parts = [part for part in location if part not in _PLACES] if isinstance(location, tuple) else []
    if len(parts) > 1 and isinstance(parts[0], str) and isinstance(parts[1], int):
        names = [part for part in parts[2:] if isinstance(part, str)]
        return (f"{parts[0]}[{parts[1]}].", names[0]) if names else ("", f"{parts[0]}[{parts[1]}]")
    return "", next((part for part in parts if isinstance(part, str)), "body")


def _wanted() -> dict[str, str]:
    """Say what is wanted of each field, by the name that either request shows it under."""
    return {**WANTED} | {
        info.alias or name: WANTED[name]
        for kind in (RetainRequest, PredictRequest)
        for name, info in kind.model_fields.items()
    }


_REASONS = {
    "missing": "missing",
    "extra_forbidden": "unknown field",
    "finite_number": "not a finite number",
    "greater_than_equal": "out of range: too small",
    "less_than_equal": "out of range: too large",
    "multiple_of": "not a whole number",
    "literal_error": "unknown word",
    "string_too_short": "blank",
    "string_too_long": "too long",
    "too_short": "too few",
    "too_long": "too many",
    "string_unicode": "not valid Unicode",
    "string_pattern_mismatch": "of another form",
}
_JSON_TYPES = {dict: "an object", list: "an array", str: "a text", bool: "a boolean", bytes: "not JSON"}


def _reason(kind: str, value: object, context: Mapping[object, object]) -> str:
    if kind == "value_error":
        return str(context.get("error"))
    if kind == "json_invalid":
        return f"malformed JSON: {context.get('error')}"
    if kind in _REASONS:
        return _REASONS[kind]
    if kind == "float_type" and isinstance(value, int) and not isinstance(value, bool):
        return _REASONS["less_than_equal"]
    found = "null" if value is None else _JSON_TYPES.get(type(value), "a number")
    return f"wrong type: {found}"


def _short(name: str) -> str:
    """Cut a name that a caller made up, and keep it printable: it may be anything."""
    shown = name if name.isprintable() else column_key(name) or "(unprintable)"
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[: _LONGEST_NAME - 3]}..."

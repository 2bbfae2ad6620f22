"""Objects out of files of one JSON object a line; what cannot be used is named by file, line and key.

Knows nothing of which keys there must be: a reader takes an object apart with the functions below,
which raise `Unusable` when they meet something else than they were told.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from churn_saver.data.reading.deep_json import loads
from churn_saver.data.texts.gathering import Gathering
from churn_saver.data.texts.hygiene import flaw, tidy
from churn_saver.errors import Fault

Json = Mapping[str, object]
T = TypeVar("T")
_WHOLE_LINE = "(line)"
_SHOWN_CHARACTERS = 100


class Unusable(Exception):
    """A line cannot be used; caught by `read_each`, so it never leaves this package."""

    def __init__(self, key: str, value: object, wanted: str) -> None:
        """Say where in the line, what was found and what was wanted."""
        self.parts = (key, _shown(value), wanted)
        super().__init__(Fault("", 0, *self.parts).told())


def read_each(
    files: Mapping[str, Iterable[bytes]], read: Callable[[Json], T], into: Gathering
) -> Iterator[T]:
    """Yield what `read` makes of each object; blank lines count for nothing but the line numbers.

    Args:
        files: Name → lines, as `lines.lines` gives them.
        read: Raises `Unusable` for an object that it cannot use.
        into: Takes the rejects.
    """
    for file, rows in files.items():
        for line, raw in enumerate(rows, start=1):
            if not raw.strip():
                continue
            try:
                found = read(_object(raw))
            except Unusable as unusable:
                into.reject(Fault(file, line, *unusable.parts), raw)
            else:
                yield found


def text(values: Json, key: str) -> str:
    """Give the tidied text under a key, which may be blank."""
    value = values.get(key)
    if not isinstance(value, str):
        raise Unusable(key, _got(values, key), "a text")
    wanted = flaw(value)
    if wanted is not None:
        raise Unusable(key, ascii(value), wanted)
    return tidy(value)


def name(values: Json, key: str) -> str:
    """Give the text under a key, which must not be blank."""
    found = text(values, key)
    if not found:
        raise Unusable(key, values[key], "a text that is not blank")
    return found


def name_or_none(values: Json, key: str) -> str | None:
    """Give the text under a key, None where it is absent or null."""
    return None if values.get(key) is None else name(values, key)


def flag(values: Json, key: str) -> bool | None:
    """Give true or false, None where it is absent or null."""
    value = values.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise Unusable(key, value, "true, false or null")


def number(values: Json, key: str) -> float:
    """Give a finite number."""
    value = values.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        # An int may be too large for a float.
        found = float(value) if abs(value) < 1e300 else math.inf
        if math.isfinite(found):
            return found
    raise Unusable(key, _got(values, key), "a number")


def whole_or_none(values: Json, key: str) -> int | None:
    """Give a whole number, None where it is absent or null; 2.0 is one, as pandas writes it."""
    if values.get(key) is None:
        return None
    found = number(values, key)
    if found != int(found):
        raise Unusable(key, found, "a whole number")
    return int(found)


def _object(raw: bytes) -> Json:
    try:
        found = loads(raw.decode())
    except UnicodeDecodeError as error:
        raise Unusable(_WHOLE_LINE, f"byte {error.start + 1} is {raw[error.start]:#04x}", "UTF-8") from None
    except ValueError as error:
        raise Unusable(_WHOLE_LINE, str(error), "one whole JSON object") from None
    if not isinstance(found, dict):
        raise Unusable(_WHOLE_LINE, found, "one whole JSON object")
    return found


def _got(values: Json, key: str) -> object:
    return values.get(key, "absent")


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value[:_SHOWN_CHARACTERS]
    if isinstance(value, dict | list):
        # Writing it out could be long, or too deep.
        return "an object" if isinstance(value, dict) else "a list"
    return json.dumps(value)

"""One line of JSON → an object, or what exactly is wrong with it.

orjson is fast and takes no NaN, no half surrogates and no bytes that are not UTF-8, but where a key
is there twice it keeps the last one and says nothing. Lines that it refuses, or where a key may be
there twice, go to a slower reader that knows why.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TypeAlias

import numpy as np
import orjson

from churn_saver.data.reading import deep_json
from churn_saver.data.reading.grid import WHOLE_ROW, Trouble
from churn_saver.data.reading.records import MOST_KEPT, readable

JSON_OBJECT = 'a JSON object such as {"name": "value"}, whole and on one line'
_UTF8_TEXT = "UTF-8 text without half a surrogate pair"
_AFTER_KEY, _SPACED_KEY = b'":', re.compile(rb'"\s+:')
_BEFORE_COLON = np.frombuffer(b'" \t\r', dtype=np.uint8)
_MOST_DIGITS = 300
_DEEPEST = 10_000
"""Levels of a value that no column is meant by; a conversation nests some two for each turn."""
_TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]')
Json: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Literal:
    """A word in place of a number, such as NaN or 1e400."""

    text: str


class Unusable(Exception):
    """A line that is no object to read a row from."""

    def __init__(self, *troubles: Trouble, keys: Iterable[str] = ()) -> None:
        """Say why, and which keys it has as far as it is an object at all."""
        super().__init__(troubles)
        self.troubles = troubles
        self.keys = tuple(keys)


def no_key_twice(text: bytes, rows: Sequence[Json]) -> bool:
    """Say whether lines that were read quickly are sure to hold each key once."""
    # Behind a key there is a colon, next to its quote or after a space: no more of those than keys, and
    # none is there twice. A colon within a text may stand so as well; then this is not sure.
    codes = np.frombuffer(text, dtype=np.uint8)
    before = codes[np.flatnonzero(codes == ord(":")) - 1]
    return int(np.isin(before, _BEFORE_COLON).sum()) == sum(map(len, rows))


def quickly(line: bytes) -> Json:
    """Read a line that is an object; anything else gives none."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def sure_object(line: bytes, longest: int, exact: bool = False) -> Json:
    """Read a line; the fast reader is believed when it took the line and no key can be there twice.

    Args:
        line: The line.
        longest: Bytes that it may have.
        exact: Read whole numbers of any length to the last digit.

    Raises:
        Unusable: too long, no JSON object, or one that cannot be meant.
    """
    if len(line) > longest:
        raise Unusable(too_long(line, longest))
    found = {} if exact else quickly(line)
    if found and line.count(_AFTER_KEY) == len(found) and _SPACED_KEY.search(line) is None:
        return found
    return _carefully(line)


def _carefully(line: bytes) -> Json:
    text = line.decode("utf-8", "surrogateescape")
    troubles: list[Trouble] = []

    def take(pairs: list[tuple[str, object]]) -> Json:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            again = next(name for i, name in enumerate(names) if name in names[:i])
            troubles.append(Trouble(readable(again), "there twice", "each key once"))
        return found

    try:
        found = _loads(text, take)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unusable(_no_object(line))
    for key, value in found.items():
        if isinstance(value, _Literal):
            troubles.append(Trouble(key, value.text, "a finite number, or null"))
        if any(isinstance(part, str) and _has_half(part) for part in (key, value)):
            shown = value if isinstance(value, str) else key
            troubles.append(Trouble(ascii(key)[1:-1] if _has_half(key) else key, ascii(shown), _UTF8_TEXT))
    if troubles:
        raise Unusable(*troubles, keys=(key for key in found if not _has_half(key)))
    return found


def _loads(text: str, take: Callable[[list[tuple[str, object]]], Json]) -> object:
    def read(text: str) -> object:
        return json.loads(
            text, object_pairs_hook=take, parse_constant=_Literal, parse_float=_finite, parse_int=_whole
        )

    try:
        return read(text)
    except RecursionError:
        return read(_shallow(text))


def _shallow(text: str) -> str:
    """Put an empty object in the place of each list or object within the outermost one.

    Raises:
        ValueError: one of them is no JSON, or too deep.
    """
    kept, depth, begun, done = [], 0, 0, 0
    for sign in _TEXT_OR_BRACKET.finditer(text):
        if sign[0] in "[{":
            depth += 1
            begun = sign.start() if depth == 2 else begun
            if depth > _DEEPEST:
                raise ValueError(f"nested more than {_DEEPEST:,} levels deep")
        elif sign[0] in "]}":
            depth -= 1
            if depth == 1:
                deep_json.loads(text[begun : sign.end()])
                kept += [text[done:begun], "{}"]
                done = sign.end()
    return "".join([*kept, text[done:]])


def _finite(text: str) -> float | _Literal:
    return float(text) if isfinite(float(text)) else _Literal(text)


def _whole(text: str) -> int | _Literal:
    return int(text) if len(text) <= _MOST_DIGITS else _Literal(text[:_MOST_DIGITS])


def _has_half(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)


def _no_object(line: bytes) -> Trouble:
    shown = readable(line.decode("utf-8", "surrogateescape")).strip()
    return Trouble(WHOLE_ROW, shown, JSON_OBJECT)


def too_long(front: bytes, longest: int) -> Trouble:
    """Say that a line is too long."""
    shown = front[:MOST_KEPT].decode("utf-8", "replace")
    return Trouble(WHOLE_ROW, shown, f"a line of at most {longest:,} bytes")

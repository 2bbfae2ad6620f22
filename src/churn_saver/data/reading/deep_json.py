"""JSON of any depth: a conversation of a thousand replies nests two thousand levels deep.

The standard reader calls itself for each level and gives up near a thousand. For the few lines that
it gives up on, there is a slower one here that keeps its own stack.
"""

import json
import re

MAX_DEPTH = 100_000
_SPACE = re.compile(r"[ \t\n\r]*")
_ONE_VALUE = json.JSONDecoder()

Container = dict[str, object] | list[object]


def loads(text: str) -> object:
    """Read JSON of at most `MAX_DEPTH` levels.

    Raises:
        ValueError: it is no JSON, or deeper.
    """
    try:
        found: object = json.loads(text)
    except RecursionError:
        found = _walk(text)
    return found


def _walk(text: str) -> object:
    whole: list[object] = []
    open_ones: list[Container] = [whole]
    key, at = "", _skip(text, 0)
    while True:
        value, at = _value(text, at)
        _put(open_ones[-1], key, value)
        if isinstance(value, dict | list):
            open_ones.append(value)
            if len(open_ones) > MAX_DEPTH + 1:
                raise ValueError(f"nested more than {MAX_DEPTH:,} levels deep")
            if not _closes(text, at, value):
                key, at = _key(text, at, value)
                continue
        while len(open_ones) > 1 and _closes(text, at, open_ones[-1]):
            open_ones.pop()
            at = _skip(text, at + 1)
        if len(open_ones) == 1:
            break
        key, at = _key(text, _past(text, at, ","), open_ones[-1])
    if at != len(text):
        raise ValueError(f"more after the end, at character {at + 1:,}")
    return whole[0]


def _value(text: str, at: int) -> tuple[object, int]:
    """Read a plain value, or open a container."""
    opening = text[at : at + 1]
    if opening in ("{", "["):
        return {} if opening == "{" else [], _skip(text, at + 1)
    value, end = _ONE_VALUE.raw_decode(text, at)
    return value, _skip(text, end)


def _key(text: str, at: int, inside: Container) -> tuple[str, int]:
    """Read a key and its colon, where one must stand."""
    if isinstance(inside, list):
        return "", at
    key, at = _value(text, at)
    if not isinstance(key, str):
        raise ValueError(f"no key before character {at + 1:,}")
    return key, _past(text, at, ":")


def _put(inside: Container, key: str, value: object) -> None:
    if isinstance(inside, dict):
        inside[key] = value
    else:
        inside.append(value)


def _closes(text: str, at: int, inside: Container) -> bool:
    return text[at : at + 1] == ("}" if isinstance(inside, dict) else "]")


def _past(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise ValueError(f"no {sign!r} at character {at + 1:,}")
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at

"""JSON of any depth; the standard reader is the ruler."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.reading.deep_json import MAX_DEPTH, loads

DEEP = 1_200
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)


def deep(inner: str) -> str:
    """Put a value under more levels than the standard reader goes."""
    return '[{"k" : ' * DEEP + inner + ' } , "after"]' * DEEP


def unpacked(found: object) -> object:
    """Take it out again, level by level."""
    for _ in range(DEEP):
        assert isinstance(found, list)
        outer, after = found
        assert after == "after"
        (found,) = outer.values()
    return found


@given(VALUES, st.sampled_from([None, 1]))
def test_deep_value_is_read_as_a_shallow_one(value: object, indent: int | None) -> None:
    """Whatever it is and however it is spaced."""
    text = json.dumps(value, indent=indent)

    assert unpacked(loads(deep(text))) == json.loads(text)


@given(VALUES, st.data())
def test_broken_json_is_broken_at_any_depth(value: object, data: st.DataObject) -> None:
    """A sign put in, taken out or changed: both readers take it, and find the same, or neither does."""
    text = json.dumps(value)
    at = data.draw(st.integers(0, len(text) - 1))
    sign = data.draw(st.sampled_from(["", *'{}[],:"0a \\']))
    broken = text[:at] + sign + text[at + data.draw(st.integers(0, 1)) :]
    nested = '{"k": ' * DEEP + broken + "}" * DEEP
    try:
        expected = json.loads(broken)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            loads(nested)
        return
    found = loads(nested)
    for _ in range(DEEP):
        assert isinstance(found, dict)
        found = found["k"]

    assert found == expected


@pytest.mark.parametrize("end", ["", "]" * (DEEP - 1), "]" * (DEEP + 1), "]" * DEEP + "1"])
def test_deep_json_must_be_whole(end: str) -> None:
    """Cut off, one bracket short, one too many, or more after the end."""
    with pytest.raises(ValueError, match=r"character|Expecting"):
        loads("[" * DEEP + "1" + end)


def test_depth_has_an_end() -> None:
    """A line of brackets alone is an attack."""
    with pytest.raises(ValueError, match=r"nested more than 100,000 levels deep"):
        loads("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))


def test_as_deep_as_allowed_is_read() -> None:
    """The last level counts."""
    found = loads("[" * MAX_DEPTH + "]" * MAX_DEPTH)

    assert isinstance(found, list)

"""Objects out of lines."""

from collections.abc import Callable

import pytest

from churn_saver.data.texts.gathering import Gathering
from churn_saver.data.texts.json_lines import (
    Json,
    Unusable,
    flag,
    name,
    name_or_none,
    number,
    read_each,
    text,
    whole_or_none,
)


def read(*rows: bytes) -> tuple[list[str], list[tuple[str, int, str, str]]]:
    """Read `a` of each line."""
    gathering = Gathering(["n"])
    found = list(read_each({"f.jsonl": rows}, lambda line: name(line, "a"), gathering))
    return found, gathering.texts(gathering.frame()).rejects.rows()


def test_good_lines_are_read_and_bad_ones_named() -> None:
    """Blank lines count for the numbers only."""
    found, rejects = read(b'{"a": "x"}', b"", b'{"a": 1}', b" ", b'{"a": " y "}')

    assert found == ["x", "y"]
    assert rejects == [("f.jsonl", 3, "column 'a' is '1', wanted a text", '{"a": 1}')]


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b'{"a": "x"', r"wanted one whole JSON object"),
        (b"not json", r"wanted one whole JSON object"),
        (b"[1]", r"column '(line)' is 'a list', wanted one whole JSON object"),
        (b"null", r"column '(line)' is 'null', wanted one whole JSON object"),
        (b'{"a": "x"} {}', r"wanted one whole JSON object"),
        (b"[" * 200_000, r"wanted one whole JSON object"),
        (b'{"a": ' + b"9" * 5_000 + b"}", r"wanted one whole JSON object"),
        ('{"a": "é"}'.encode("latin-1"), r"column '(line)' is 'byte 8 is 0xe9', wanted UTF-8"),
        ('{"a": "x"}'.encode("utf-16"), r"wanted UTF-8"),
        (b"{}", r"column 'a' is 'absent', wanted a text"),
        (b'{"a": null}', r"column 'a' is 'null', wanted a text"),
        (b'{"a": " "}', r"wanted a text that is not blank"),
        (b'{"a": "\\u0000"}', r"wanted a text without NUL"),
        (b'{"a": "\\ud83d"}', "wanted a text without half a surrogate pair"),
    ],
)
def test_fault_says_what_was_found_and_wanted(raw: bytes, fault: str) -> None:
    """The line beside it stays."""
    found, rejects = read(raw, b'{"a": "x"}')

    assert found == ["x"]
    assert [(line, fault in said) for _, line, said, _ in rejects] == [(1, True)]
    assert rejects[0][3].encode() == raw or b"\xe9" in raw or raw.startswith(b"\xff")


def test_all_files_are_read_in_order() -> None:
    """Each with its own line numbers."""
    gathering = Gathering(["n"])
    files = {"b": [b'{"a": "1"}', b"x"], "a": [b"", b"y", b'{"a": "2"}']}

    assert list(read_each(files, lambda line: text(line, "a"), gathering)) == ["1", "2"]
    rejects = gathering.texts(gathering.frame()).rejects
    assert rejects.select("file", "line").rows() == [("b", 2), ("a", 2)]


@pytest.mark.parametrize(
    ("take", "value", "expected"),
    [
        (text, " a ", "a"),
        (text, " ", ""),
        (name_or_none, None, None),
        (name_or_none, "a", "a"),
        (flag, None, None),
        (flag, False, False),
        (number, 3, 3.0),
        (number, -0.5, -0.5),
        (whole_or_none, None, None),
        (whole_or_none, 0, 0),
        (whole_or_none, 2.0, 2),
    ],
)
def test_value_of_the_right_kind_is_given(
    take: Callable[[Json, str], object], value: object, expected: object
) -> None:
    """Null is a value only where it may be."""
    assert take({"k": value}, "k") == expected


@pytest.mark.parametrize(
    ("take", "value", "wanted"),
    [
        (text, 1, r"'1', wanted a text"),
        (text, ["x"], r"'a list', wanted a text"),
        (name_or_none, {}, r"'an object', wanted a text"),
        (name_or_none, "", r"wanted a text that is not blank"),
        (flag, "true", r"wanted true, false or null"),
        (flag, 1, r"wanted true, false or null"),
        (number, "3", r"wanted a number"),
        (number, True, r"wanted a number"),
        (number, None, r"wanted a number"),
        (number, float("nan"), r"'NaN', wanted a number"),
        (number, float("inf"), r"wanted a number"),
        (number, 10**400, r"wanted a number"),
        (whole_or_none, 1.5, r"'1\.5', wanted a whole number"),
        (whole_or_none, True, r"wanted a number"),
    ],
)
def test_value_of_another_kind_is_unusable(
    take: Callable[[Json, str], object], value: object, wanted: str
) -> None:
    """True is no number, and 1 is not true."""
    with pytest.raises(Unusable, match=wanted):
        take({"k": value}, "k")


def test_long_values_are_shown_short() -> None:
    """A fault is one line that a person can read."""
    _, rejects = read(b'{"a": ["' + b"x" * 10_000 + b'"]}')

    assert len(rejects[0][2]) < 200

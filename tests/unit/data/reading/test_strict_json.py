"""One line of JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.reading.strict_json import Unusable, no_key_twice, quickly, sure_object

PLAIN = st.dictionaries(
    st.text(max_size=4), st.one_of(st.none(), st.integers(-9, 9), st.text(max_size=6)), max_size=4
)


@given(PLAIN, st.sampled_from([None, (" , ", " : ")]))
def test_object_is_read_as_it_was_written(row: dict[str, object], separators: tuple[str, str] | None) -> None:
    """Whatever the spacing, and with signs that look like a key's end within texts."""
    line = json.dumps(row, ensure_ascii=False, separators=separators)

    assert sure_object(line.encode(), 10_000) == row


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        (b'{"a": 1, "a": 2}', "a", "there twice"),
        (b'{"a": 1, "a" : 2}', "a", "there twice"),
        (b'{"a": "\\":", "b": 1, "b": 2}', "b", "there twice"),
        (b'{"a": NaN}', "a", "NaN"),
        (b'{"a": 1e999}', "a", "1e999"),
        (b'{"a": "\\ud800"}', "a", "'\\ud800'"),
        (b'{"a": "\xeb"}', "a", "'\\udceb'"),
        (b'{"\\ud800": 1}', "\\ud800", "'\\ud800'"),
        (b'{"a": 1', "(row)", '{"a": 1'),
        (b"[1]", "(row)", "[1]"),
        (b"\xff", "(row)", "\\xff"),
        (b"[" * 5_000, "(row)", "[" * 5_000),
    ],
)
def test_what_is_wrong_is_named(line: bytes, column: str, value: str) -> None:
    """By its key, with what stands there."""
    with pytest.raises(Unusable, match="Trouble") as caught:
        sure_object(line, 10_000)

    assert [(trouble.column, trouble.value) for trouble in caught.value.troubles] == [(column, value)]


def test_line_is_bounded() -> None:
    """Only the beginning of a longer one is shown."""
    with pytest.raises(Unusable, match="at most 10 bytes"):
        sure_object(b'{"a": "0123456789"}', 10)


def test_empty_object_is_one() -> None:
    """Though it is as false as none."""
    assert sure_object(b"{}", 100) == {}


@pytest.mark.parametrize(
    ("text", "is_sure"),
    [(b'{"a": 1, "b": 2}', True), (b'{"a": 1, "a": 2}', False), (b'{"a" : 1, "a": 2}', False)],
)
def test_keys_are_counted(text: bytes, is_sure: bool) -> None:
    """A key more than the object holds is there twice."""
    assert no_key_twice(text, [quickly(text)]) is is_sure


@pytest.mark.parametrize("levels", [1_500, 9_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a": ', "}"), ('["]", ', "]")])
def test_deep_value_is_read_over(levels: int, opening: str, closing: str) -> None:
    """Deeper than the usual readers go; brackets within its texts do not count."""
    deep = opening * levels + "1" + closing * levels

    assert sure_object(f'{{"a": "x{{", "b": {deep}, "c": [2]}}'.encode(), 1 << 20) == {
        "a": "x{",
        "b": {},
        "c": {},
    }


@pytest.mark.parametrize(
    "line",
    [
        '{"a": ' + "[" * 2_000 + "]" * 1_999 + "}",
        '{"a": ' + "[" * 2_000 + "}" * 2_000 + "}",
        '{"a": ' + "[" * 20_000 + "]" * 20_000 + "}",
        '{"a": ' + "[" * 2_000 + "]" * 2_000 + "}}",
    ],
    ids=["open", "crossed", "too deep", "one more"],
)
def test_deep_value_must_be_json(line: str) -> None:
    """Of at most ten thousand levels."""
    with pytest.raises(Unusable, match="JSON object"):
        sure_object(line.encode(), 1 << 20)


def test_unusable_line_still_tells_its_keys() -> None:
    """But for those that no text can hold."""
    with pytest.raises(Unusable, match="Trouble") as caught:
        sure_object(b'{"a": NaN, "b": 1, "\\ud800": 2}', 100)

    assert caught.value.keys == ("a", "b")

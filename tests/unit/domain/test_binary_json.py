"""The boosting library's binary JSON, read within bounds."""

from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.binary_json import DEEPEST, read_binary_json
from churn_saver.errors import ArtifactError
from tests.binary_models import grown, length, written

MODEL = grown(1)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(width=32, allow_nan=False)
    | st.text(st.characters(codec="utf-8"), max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"Z", None),
        (b"T", True),
        (b"F", False),
        (b"i\xff", -1),
        (b"U\xff", 255),
        (b"I\x01\x00", 256),
        (b"l\x00\x01\x00\x00", 65_536),
        (b"L\x00\x00\x00\x01\x00\x00\x00\x00", 2**32),
        (b"d\x3f\x80\x00\x00", 1.0),
        (b"D\xbf\xf0\x00\x00\x00\x00\x00\x00", -1.0),
        (b"SL\x00\x00\x00\x00\x00\x00\x00\x02\xc3\xa9", "é"),
        (b"[#L\x00\x00\x00\x00\x00\x00\x00\x02i\x01T", [1, True]),
        (b"{L\x00\x00\x00\x00\x00\x00\x00\x01ai\x01}", {"a": 1}),
        (b"{}", {}),
    ],
)
def test_each_kind_of_value_by_hand(content: bytes, value: object) -> None:
    """Marks and big-endian numbers from the format's own tables."""
    found = read_binary_json(content)

    assert (found, type(found)) == (value, type(value))


def test_a_row_of_numbers_by_hand() -> None:
    """Two of 32 bits: 1 and −1; nobody can write to it."""
    found = read_binary_json(b"[$l#" + length(2) + b"\x00\x00\x00\x01\xff\xff\xff\xff")

    assert isinstance(found, np.ndarray)
    assert (found.tolist(), found.flags.writeable) == ([1, -1], False)


def test_what_the_library_wrote_is_read_whole() -> None:
    """Put together again it is the same bytes, so nothing was left out or taken for something else."""
    assert written(read_binary_json(MODEL)) == MODEL


@given(PLAIN)
def test_any_value_comes_back(value: Any) -> None:
    """Nested and empty ones too."""
    assert read_binary_json(written(value)) == value


def test_it_is_refused_wherever_it_is_cut() -> None:
    """After every single byte."""
    for size in range(len(MODEL)):
        with pytest.raises(ArtifactError, match=r"it ends after|bytes are left"):
            read_binary_json(MODEL[:size])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"it ends after 0 bytes, in the middle of a value"),
        (b"i\x01i", r"the value ends at byte 2 of 3"),
        (b"S" + length(2**40), r"1,099,511,627,776 are to follow byte 10, and 0 bytes are left"),
        (b"S" + length(-1), r"-1 are to follow byte 10"),
        (b"[#" + length(2**62), r"4,611,686,018,427,387,904 are to follow byte 11, and 0 bytes are left"),
        (b"[$L#" + length(2**61), r"2,305,843,009,213,693,952 are to follow byte 13"),
        (b"[$d#" + length(2) + bytes(7), r"2 are to follow byte 13, and 7 bytes are left"),
        (b"[$S#" + length(0), r"b'S#' before byte 4 is nothing that the boosting library writes"),
        (b"[$d]" + length(0), r"b'd\]' before byte 4 is nothing"),
        (b"[i\x01]", r"b'i' before byte 2 is nothing"),
        (b"Si\x01a", r"b'i' before byte 2 is nothing"),
        (b"N", r"b'N' before byte 1 is nothing"),
        (b'{"a": 1}', r"""b'"' before byte 2 is nothing"""),
        (b"S" + length(1) + b"\xff", r"the text before byte 11 is no UTF-8"),
        (b"{" + (length(1) + b"aT") * 2 + b"}", r"'a' is there twice in one object"),
        ((b"[#" + length(1)) * (DEEPEST + 1) + b"Z", r"is nested deeper than 16 levels"),
        ((b"[#" + length(1)) * 100_000 + b"Z", r"is nested deeper than 16 levels"),
    ],
)
def test_what_the_library_would_not_write_is_refused(content: bytes, message: str) -> None:
    """By the place and the reason; before any memory is taken for what is said to follow."""
    with pytest.raises(ArtifactError, match=message):
        read_binary_json(content)


def test_as_deep_as_allowed_is_read() -> None:
    """One level less than what is refused."""
    assert str(read_binary_json((b"[#" + length(1)) * DEEPEST + b"Z")).count("[") == DEEPEST


@given(st.data())
def test_altered_bytes_raise_nothing_else(data: st.DataObject) -> None:
    """Whatever stands in them, they are read or refused."""
    raw = bytearray(MODEL)
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=4)):
        raw[place] = data.draw(st.integers(0, 255))

    with suppress(ArtifactError):
        assert isinstance(read_binary_json(bytes(raw)), dict)

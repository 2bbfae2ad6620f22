"""What is done to every text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.texts.hygiene import flaw, tidy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a\tb \n", "a\tb"),
        ("a\r\nb\rc\n\r\nd", "a\nb\nc\n\nd"),
        ("\u00a0a\u2003", "a"),
        ("ﬁ Å é́ 😀", "ﬁ Å é́ 😀"),
        (" \r\n ", ""),
    ],
)
def test_newlines_and_outer_space_are_tidied(text: str, expected: str) -> None:
    """Nothing inside is composed, folded or replaced."""
    assert tidy(text) == expected


@given(st.text())
def test_tidying_twice_changes_nothing(text: str) -> None:
    """And no carriage return is left."""
    once = tidy(text)

    assert tidy(once) == once
    assert "\r" not in once


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\0b", "a text without NUL"),
        ("\ud83d", "a text without half a surrogate pair"),
        ("é\udc00", "a text without half a surrogate pair"),
        ("😀 é \x01", None),
        ("", None),
    ],
)
def test_flaw_is_named(text: str, wanted: str | None) -> None:
    """What other readers of the text would stumble over."""
    assert flaw(text) == wanted

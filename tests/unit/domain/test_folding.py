"""Folding: disguises fall, plain text stays."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.folding import (
    _fold_all,
    fold,
    has_foreign_letter,
    has_hidden,
    has_invisible,
    has_symbol,
    skeleton,
    spelled,
    squeezed,
    without_name,
)

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200)


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("асt nоw", "act now"),
        ("ａｃｔ", "act"),
        ("𝕒𝕔𝕥", "act"),
        ("a\u200bc\u00adt", "act"),
        ("áçţ", "act"),
        ("όλ", "oλ"),
        ("🅰🅲🆃 🇦", "ACT A"),
        ("it’s—here–now", "it's - here - now"),
        ("10 %", "10 %"),
        ("5\tDecember\n2026", "5 December 2026"),
        ("½ ⑩ ²", "1/2 10 2"),
        ("evil。com", "evil.com"),
    ],
)
def test_a_text_is_read_as_it_looks(raw: str, folded: str) -> None:
    """Look-alikes, wide and decorated letters, marks and invisible characters become plain letters."""
    assert fold(raw) == folded


@given(PRINTABLE)
def test_plain_text_needs_no_folding(text: str) -> None:
    """The fast path of printable ASCII is what the slow path gives, but for its two quotation signs."""
    plain = text.replace("`", "'")

    assert fold(plain) == plain == _fold_all(plain)


@given(st.text(max_size=60))
def test_squeezing_is_the_same_both_ways(text: str) -> None:
    """The fast path of ASCII gives what the slow one gives: letters and digits, runs once."""
    shape = skeleton(text)
    slow = re.sub(r"(.)\1+", r"\1", re.sub(r"[\W_]+", "", shape), flags=re.DOTALL)

    assert squeezed(shape) == slow


@given(
    st.text(st.sampled_from("acotwn013 .-_!ab"), max_size=40),
    st.sampled_from(["act now", "sue", "100% free", "aab"]),
)
def test_what_a_phrase_matches_is_in_the_squeezed_text(text: str, phrase: str) -> None:
    """The quick look never hides a match."""
    shape = skeleton(text)

    if spelled(phrase).search(shape):
        assert squeezed(skeleton(phrase)) in squeezed(shape)


@pytest.mark.parametrize("text", ["sue", "S.U.E.", "5ue", "s u e", "ssuee", "we sue you", "$ue"])
def test_a_phrase_is_matched_in_its_spellings(text: str) -> None:
    """Digits, dots, spaces and repeats do not hide a word."""
    assert spelled("sue").search(skeleton(text))


@pytest.mark.parametrize("text", ["issue", "tissue", "sued", "pursue it", "us ued", "s ue7"])
def test_a_phrase_is_not_matched_inside_a_word(text: str) -> None:
    """Word boundaries hold."""
    assert not spelled("sue").search(skeleton(text))


@pytest.mark.parametrize(
    ("text", "name", "left"),
    [
        ("Hi Sam, hi", "Sam", "Hi Xx, hi"),
        ("Hi Samuel and Sam.", "Sam", "Hi Samuel and Xx."),
        ("Sam", "Sam", "Xx"),
        ("Sam and Sam", "Sam", "Xx and Sam"),
        ("Hi Samuel", "Sam", None),
        ("Hi Sam\u0301", "Sam", None),
        ("Hi all", None, "Hi all"),
        ("Hi J. R., hi", "J. R.", "Hi Xx, hi"),
    ],
)
def test_the_name_is_taken_out_once_and_whole(text: str, name: str | None, left: str | None) -> None:
    """Only the first whole occurrence is the name's."""
    assert without_name(text, name) == left


@pytest.mark.parametrize("hidden", ["\n", "\x00", "\u202e", "\u200b", "\u2028", "\ue000", "\ud800"])
def test_hidden_characters_are_seen(hidden: str) -> None:
    """Control, format, private, lone surrogate and line separators."""
    assert has_hidden(f"é{hidden}")
    assert not has_hidden("é Ж 李 😊")


@pytest.mark.parametrize(
    ("text", "invisible"), [("a\ufe0f", True), ("\u3164", True), ("❤\ufe0f", False), ("ab", False)]
)
def test_invisible_characters_are_seen(text: str, invisible: bool) -> None:
    """Fillers and stray selectors; a selector after a pictograph is how it is written."""
    assert has_invisible(text) is invisible


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("😊", True),
        ("a→★", True),
        ("👍🏽", True),
        ("^_^", True),
        ("Acme® we´d – so… ½ é 李", False),
        ("a'`-_", False),
    ],
)
def test_symbols_are_seen(text: str, symbol: bool) -> None:
    """Pictographs and signs; no letters, figures, marks of a sentence or marks of a company."""
    assert has_symbol(text) is symbol


@pytest.mark.parametrize(
    ("text", "foreign"),
    [("abc", False), ("éøß ﬁ ª", False), ("Ж", True), ("α", True), ("李", True), ("😊…", False)],
)
def test_letters_of_other_scripts_are_seen(text: str, foreign: bool) -> None:
    """Latin with marks is Latin; pictographs are no letters."""
    assert has_foreign_letter(text) is foreign

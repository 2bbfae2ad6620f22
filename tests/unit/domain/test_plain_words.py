"""Plain words: forms of them are known, and what strays from them is found."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.plain_words import KNOWN, LOADED, is_known, is_strange
from tests.wordings import PLAIN, lines


@pytest.mark.parametrize(
    "word", ["thank", "thanks", "replies", "replied", "taking", "stopped", "gladly", "team's"]
)
def test_forms_of_a_plain_word_are_known(word: str) -> None:
    """Endings, and doubled letters before them."""
    assert is_known(word)


@pytest.mark.parametrize("word", ["dearer", "bailiff", "idiot", "crush", "voucher", "zzz", "ing", "s"])
def test_other_words_are_not(word: str) -> None:
    """Whatever they mean."""
    assert not is_known(word)


def test_one_strange_word_passes_two_do_not() -> None:
    """One may be a turn of speech; beside a loaded word it is not."""
    assert not is_strange(frozenset({"thank", "you", "handshake"}))
    assert is_strange(frozenset({"thank", "handshake", "bailiff"}))
    assert is_strange(frozenset({"only", "you", "handshake"}))


@pytest.mark.parametrize("text", lines(PLAIN))
def test_plain_sentences_have_plain_words(text: str) -> None:
    """What a company writes on a good day."""
    assert not is_strange(frozenset(re.findall(r"[a-z]+(?:'[a-z]+)?", text)))


@given(st.frozensets(st.sampled_from(sorted(KNOWN | LOADED))))
def test_plain_words_alone_are_never_strange(words: frozenset[str]) -> None:
    """Law: however many, and in whatever company."""
    assert not is_strange(words)


def test_every_loaded_word_is_a_plain_one() -> None:
    """Else it would be strange by itself, with two faults for one word."""
    assert [word for word in LOADED if not is_known(word)] == []

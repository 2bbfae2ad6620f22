"""Outcomes by word and number."""

import pytest

from churn_saver.domain.outcome import OutcomeKind
from churn_saver.errors import InputError


def test_the_words_and_the_numbers_of_the_books() -> None:
    """Both are promises: the words to callers, the numbers to ledgers that exist."""
    assert {kind.word: int(kind) for kind in OutcomeKind} == {
        "accepted": 1, "declined": 2, "retained": 3, "churned": 4,
    }  # fmt: skip


def test_a_word_is_read_back() -> None:
    """Reading what was written gives the same outcome."""
    assert [OutcomeKind.of(kind.word) for kind in OutcomeKind] == list(OutcomeKind)


@pytest.mark.parametrize("word", ["", "Accepted", "accept", "1", "left\n"])
def test_another_word_is_refused(word: str) -> None:
    """The message names what was got and all that is wanted."""
    with pytest.raises(
        InputError, match=r"outcome is .*, wanted one of: accepted, declined, retained, churned"
    ):
        OutcomeKind.of(word)


def test_only_what_was_offered_can_be_answered() -> None:
    """Whether somebody stays or leaves can be told of customers who were left alone."""
    assert [kind.answers_an_offer for kind in OutcomeKind] == [True, True, False, False]

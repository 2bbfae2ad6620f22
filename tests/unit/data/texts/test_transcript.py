"""Conversations as one text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.texts.transcript import Turn, extended, has_mark, parsed, rendered, role_at
from churn_saver.errors import InputError

LETTERS = st.sampled_from([*"ab:\n\r ", "Human", "Assistant", "Human: ", "\n\nAssistant: ", "é", "\u2028"])
TEXTS = st.lists(LETTERS, min_size=1, max_size=12).map("".join)
FIT = TEXTS.filter(lambda text: text.strip() != "" and not has_mark(text))


def test_one_turn_is_its_bare_text() -> None:
    """A prompt without a past needs no speaker."""
    assert rendered([Turn("user", "What is a kestrel?")]) == "What is a kestrel?"


def test_later_turns_stand_as_in_hh_rlhf() -> None:
    """A blank line, the speaker, a colon and a space."""
    turns = [Turn("user", "What?"), Turn("assistant", "A falcon.\n\nSmall."), Turn("user", "Where?")]

    assert rendered(turns) == "What?\n\nAssistant: A falcon.\n\nSmall.\n\nHuman: Where?"


@given(st.lists(FIT, min_size=1, max_size=6))
def test_what_is_written_is_read_back(texts: list[str]) -> None:
    """For all texts without a speaker mark of their own."""
    turns = [Turn(role_at(place), text) for place, text in enumerate(texts)]

    assert parsed(rendered(turns)) == turns


@given(st.lists(FIT, min_size=1, max_size=6))
def test_transcripts_grow_at_the_end(texts: list[str]) -> None:
    """Turn by turn gives the same text as all at once, and every step begins with the one before."""
    written = ""
    for place, text in enumerate(texts):
        longer = extended(written, role_at(place), text)
        assert longer.startswith(written)
        written = longer

    assert written == rendered([Turn(role_at(place), text) for place, text in enumerate(texts)])


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Human: hello", True),
        ("a\nAssistant:b", True),
        ("a\n\nHuman: b", True),
        ("The Human: a study", False),
        (" Human: indented", False),
        ("human: small", False),
        ("Humans: more than one", False),
        ("", False),
    ],
)
def test_mark_is_a_speaker_at_the_start_of_a_line(text: str, marked: bool) -> None:
    """With or without a blank line before it, since readers of texts do not look for one."""
    assert has_mark(text) is marked


@pytest.mark.parametrize("text", ["Human: hello", "a\nAssistant: b", "", " \n "])
def test_text_that_could_be_read_in_two_ways_is_refused(text: str) -> None:
    """Also a blank one, which would leave a mark behind a mark."""
    with pytest.raises(InputError, match=r"wanted a text that is not blank and has no line starting with"):
        rendered([Turn("user", "a"), Turn("assistant", text)])


@pytest.mark.parametrize(
    "turns",
    [[], [Turn("assistant", "a")], [Turn("user", "a"), Turn("user", "b")]],
)
def test_turns_must_alternate(turns: list[Turn]) -> None:
    """The user opens."""
    with pytest.raises(InputError, match=r"wanted user, assistant, user, \.\.\. in turn"):
        rendered(turns)


def test_assistant_cannot_open() -> None:
    """Not by a step either."""
    with pytest.raises(InputError, match=r"the first turn is the assistant's, wanted the user's"):
        extended("", "assistant", "a")


@pytest.mark.parametrize("transcript", ["a\n\nHuman: b", "a\n\nAssistant: b\n\nAssistant: c"])
def test_transcript_out_of_turn_is_refused(transcript: str) -> None:
    """Nobody wrote it with this module."""
    with pytest.raises(InputError, match=r"has speakers out of turn"):
        parsed(transcript)


@pytest.mark.parametrize("transcript", ["", "a\nHuman: b", "a\n\nAssistant: "])
def test_transcript_with_an_unfit_turn_is_refused(transcript: str) -> None:
    """Blank turns and marks that are no turns."""
    with pytest.raises(InputError, match=r"wanted a text that is not blank"):
        parsed(transcript)

"""Frames, their phrasings and the draws they are chosen by."""

from collections import Counter

import pytest

from churn_saver.data.retention.phrases import (
    SPLITS,
    Draws,
    check_split,
    frames,
    parted,
    phrased,
    sentence,
    sentences,
    split_at,
)
from churn_saver.errors import InputError


def test_of_eight_lines_the_last_is_for_test_and_the_one_before_for_validation() -> None:
    """Places 0 to 7, and again from 8."""
    assert [split_at(place) for place in range(8)] == ["train"] * 6 + ["validation", "test"]
    assert [split_at(place) for place in (13, 14, 15, 16)] == ["train", "validation", "test", "train"]


def test_a_table_of_lines_is_parted_without_rest() -> None:
    """Every line belongs to one split."""
    lines = [f"line {place}" for place in range(16)]

    assert parted(lines, "test") == ("line 7", "line 15")
    assert sorted(line for split in SPLITS for line in parted(lines, split)) == sorted(lines)


def test_a_frame_has_the_tones_of_its_line() -> None:
    """First letters before the first space; the rest is the pattern."""
    warm, both = frames("thanks", "w thank you [so much|]\npb thanks", ("new",), "cold")

    assert (warm.tones, warm.pattern, warm.tenures) == (("warm",), "thank you [so much|]", ("new",))
    assert both.tones == ("plain", "brief")
    assert (both.role, both.weakness, both.split) == ("thanks", "cold", "train")


def test_a_frame_is_named_by_what_it_says() -> None:
    """Its place in the table plays no part, so a line put in before it changes no name."""
    (alone,) = frames("step", "w just @reply")
    _, second = frames("step", "w please @reply\nw just @reply")

    assert alone.mark == second.mark
    assert alone.mark.startswith("step-")


def test_each_choice_is_taken_about_as_often() -> None:
    """Four phrasings of two choices, each in a quarter of 2,000: within 3.5 standard errors of 19."""
    draws = Draws(1)
    found = Counter(phrased("[a|b] and [c|d]", "email", draws) for _ in range(2_000))

    assert set(found) == {"a and c", "a and d", "b and c", "b and d"}
    assert all(abs(count - 500) < 68 for count in found.values())


def test_an_empty_choice_leaves_no_gap() -> None:
    """Nor does a choice within a choice."""
    assert phrased("thank you [|] so", "email", Draws(1)) == "thank you so"
    assert phrased("[a [very|very] nice|a [very|very] nice] day", "email", Draws(1)) == "a very nice day"


@pytest.mark.parametrize(
    ("channel", "wanted"),
    [
        ("email", {"reply to this email", "reply to this message", "answer this email"}),
        ("sms", {"reply to this message", "reply to this text", "answer this message"}),
        ("push", {"reply to this message", "answer this message"}),
    ],
)
def test_the_next_step_is_the_channels(channel: str, wanted: set[str]) -> None:
    """Nobody can reply by email to a text message."""
    draws = Draws(1)

    assert {phrased("@reply", channel, draws) for _ in range(200)} == wanted


def test_a_sentence_ends_once_and_begins_as_told() -> None:
    """A question keeps its mark; a slot has no capital."""
    assert sentence("how are you?") == "How are you?"
    assert sentence("thank you", begins=False) == "thank you."
    assert sentence("{tenure} with us") == "{tenure} with us."


def test_a_text_falls_into_its_sentences() -> None:
    """At full stops, questions and exclamations."""
    assert list(sentences("Hi! How are you? Fine.")) == ["Hi!", "How are you?", "Fine."]


def test_draws_begin_anew_with_their_key() -> None:
    """Same key, same draws, over more than one row of them; another key, others."""
    first, again, other = Draws(1, 2), Draws(1, 2), Draws(1, 3)
    row = [first.one_of(range(1_000)) for _ in range(5_000)]

    assert row == [again.one_of(range(1_000)) for _ in range(5_000)]
    assert row != [other.one_of(range(1_000)) for _ in range(5_000)]


def test_a_shuffle_loses_nothing() -> None:
    """And a chance of 0 never comes, one of 1 always."""
    draws = Draws(1)

    assert sorted(draws.shuffled(range(50))) == list(range(50))
    assert draws.shuffled(range(50)) != list(range(50))
    assert not any(draws.chance(0) for _ in range(100))
    assert all(draws.chance(1) for _ in range(100))


def test_an_unknown_split_is_refused() -> None:
    """By its name and with those there are."""
    with pytest.raises(InputError, match=r"split is 'dev', wanted one of train, validation, test"):
        check_split("dev")

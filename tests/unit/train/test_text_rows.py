"""Texts as rows of a lesson: what fits, what is refused, and the digest."""

import polars as pl
import pytest

from churn_saver.errors import InputError
from churn_saver.train.text_rows import digest, fitting, parts_of, rows_of
from tests.text_lessons import base, pairs, quick_sft

LM = base()
SIDES = ["chosen", "rejected"]


def frame(*answers: str) -> pl.DataFrame:
    """Give one prompt with each of the answers."""
    return pl.DataFrame({"prompt": ["a prompt"] * len(answers), "response": answers})


def tokens(answer: str) -> int:
    """Count prompt, answer and end, by the words of one row."""
    return int(rows_of(LM, frame(answer), "response", 500).attention.sum())


def test_what_is_too_long_is_left_out_and_what_just_fits_is_not() -> None:
    """The limit is the length of the second, with its end; others keep their order."""
    answers = (
        "short",
        "a little longer one",
        "short again",
        "by far the longest of all four of them, really",
    )

    found = fitting(LM, frame(*answers), ["response"], tokens(answers[1]), "pairs")

    assert found["response"].to_list() == list(answers[:3])
    assert fitting(LM, frame(*answers), ["response"], tokens(answers[1]) - 1, "pairs").height == 2


def test_a_pair_fits_when_both_sides_do() -> None:
    """A long text on either side leaves the pair out."""
    rows = pl.DataFrame(
        {"prompt": ["p"] * 3, "chosen": ["a", "b" * 99, "c"], "rejected": ["d", "e", "f" * 99]}
    )

    assert fitting(LM, rows, SIDES, 30, "pairs")["chosen"].to_list() == ["a"]


def test_an_empty_set_is_refused_by_name() -> None:
    """The message says which set."""
    with pytest.raises(InputError, match=r"there are no validation pairs, wanted at least one"):
        fitting(LM, pairs().head(0), SIDES, 128, "validation pairs")


def test_a_set_of_which_nothing_fits_is_refused() -> None:
    """Rather than to train on nothing."""
    with pytest.raises(InputError, match=r"each of the 16 pairs has more than 9 tokens: raise max_tokens"):
        fitting(LM, pairs(), SIDES, 9, "pairs")


def test_a_missing_column_is_named() -> None:
    """With all that are wanted."""
    with pytest.raises(InputError, match=r"pairs have no column rejected, wanted prompt, chosen, rejected"):
        fitting(LM, pairs().drop("rejected"), SIDES, 128, "pairs")


def test_rows_are_cut_into_batches_in_order() -> None:
    """Five rows by two: the last has one."""
    assert [part.tolist() for part in parts_of(5, quick_sft(batch_size=2))] == [[0, 1], [2, 3], [4]]


def test_the_digest_knows_every_token_and_which_part_it_is_of() -> None:
    """Equal rows have one; another order, word, or border of prompt and response has another."""
    rows = rows_of(LM, frame("one", "two"), "response", 99)
    others = [rows_of(LM, frame(*answers), "response", 99) for answers in (("two", "one"), ("one", "tvo"))]
    shifted = type(rows)(rows.ids, rows.attention, rows.attention)

    assert digest(rows) == digest(rows_of(LM, frame("one", "two"), "response", 99))
    assert len({digest(rows), *map(digest, others), digest(shifted), digest(rows, rows)}) == 5
    assert len(digest(rows)) == 16


def test_more_tokens_than_the_model_reads_are_refused_by_name() -> None:
    """Before a word is tokenised: it reads 512, and would fail at the 513th without a word why."""
    with pytest.raises(InputError, match=r"max_tokens is 513, and base_model tiny reads at most 512 tokens"):
        fitting(LM, frame("xyz q " * 150), ["response"], 513, "pairs")

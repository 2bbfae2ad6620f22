"""Repetition: runs of words, sentences and names said again, and English that only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.manners_repeats import LONGEST_RUN, names_again, says_again


@pytest.mark.parametrize(
    "text",
    [
        "take it off off the bill",
        "let us know, let us know",
        "tell me what is new and tell me what is new",
        "just write. just write. we read it",
        "welcome, welcome, welcome to you",
        "we like your plan. do you? we like your plan.",
        "one two three four five six seven one two three four five six seven",
    ],
)
def test_what_is_said_again_is_found(text: str) -> None:
    """Twice in a row, with or without a comma or 'and'; a sentence also later."""
    assert says_again(text)


@pytest.mark.parametrize(
    "text",
    [
        "it is for you, you can take it",
        "tell us about your plan. your plan is yours",
        "about your one-year plan: your one-year plan fits",
        "how are you? you are welcome",
        "all that that means, we had had before",
        "thank you. we like it. thank you.",
        "month-to-month, day by day, more and more",
        "",
    ],
)
def test_good_english_is_left_alone(text: str) -> None:
    """A clause may end and the next begin with the same words."""
    assert not says_again(text)


@given(st.lists(st.sampled_from("abcdefghijklm"), min_size=1, max_size=LONGEST_RUN, unique=True))
def test_every_run_up_to_seven_is_found(run: list[str]) -> None:
    """Law: any run of different words said twice in one clause is found."""
    assert says_again(" ".join(["x", *run, *run, "z"]))


@pytest.mark.parametrize(
    ("nameless", "name"),
    [
        ("Hi Xx, what do you say, Ida?", "Ida"),
        ("Xx, thank you, Ida.", "Ida"),
        ("Hi Xx, it is yours. So, Mary Ann, how are you", "Mary Ann"),
        ("Hi Xx, it is yours. So, Mary, how are you", "Mary Ann"),
        ("Xx, Ida, hello", "Ida"),
    ],
)
def test_a_name_called_again_is_found(nameless: str, name: str) -> None:
    """Whole or by its first part, where somebody is addressed."""
    assert names_again(nameless, name)


@pytest.mark.parametrize(
    ("nameless", "name"),
    [
        ("Hi Xx, reply by 5 May 2027.", "May"),
        ("Hi Xx, your next bill is lower.", "Bill"),
        ("Hi Xx, we like Idaho, do you?", "Ida"),
        ("Hello, hello", None),
    ],
)
def test_the_same_letters_elsewhere_are_no_address(nameless: str, name: str | None) -> None:
    """A month, a bill, a longer word, no name."""
    assert not names_again(nameless, name)

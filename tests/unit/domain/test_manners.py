"""Words that no customer should read: which texts they find, and which they leave alone."""

import re

import pytest

from churn_saver.domain import folding, manners


@pytest.mark.parametrize("phrase", manners.RUDE)
def test_no_rude_phrase_becomes_a_plain_word(phrase: str) -> None:
    """Doubled letters count once where disguises are looked for: what is left must still be rude.

    The ruler is a list of plain words that differ from a rude one by doubled letters alone.
    """
    plain = re.findall(
        r"\w+", "as but hel at hat shot sat peace bit pus fit duck luck past slot prime it is idea more mean"
    )

    assert not any(folding.spelled(phrase).search(folding.skeleton(word)) for word in plain)


@pytest.mark.parametrize(
    "text",
    ["f*ck", "id!ot", "f_u_c_k", "u.r.g.e.n.t", "u r g e n t", "yesss", "s***"],
)
def test_disguises_are_seen(text: str) -> None:
    """Signs inside words, letters apart and letters three times over."""
    assert manners.DISGUISE.search(f"this is {text} for you")


@pytest.mark.parametrize(
    "text",
    [
        "it's good-hearted, isn't it?",
        "e.g. a plan",
        "see you soon, mr. x",
        "one-year plan",
        "a b",
        "24/7",
        "hello. we call",
    ],
)
def test_plain_writing_is_no_disguise(text: str) -> None:
    """Apostrophes, hyphens and abbreviations are how people write."""
    assert manners.DISGUISE.search(text) is None


@pytest.mark.parametrize(
    "text", ["Wow? Really?", "Thank you!", "Yes. No.", "U.S. plan", "Thank you! We hope. You are well!"]
)
def test_a_calm_text_is_not_loud(text: str) -> None:
    """Two exclamation marks apart, a question, an abbreviation."""
    assert manners.EMOTION.search(text) is None


@pytest.mark.parametrize("text", ["Wow?!", "Really??", "Hi! Yes! Now! ok", "BIG news", "oh ! !"])
def test_a_loud_text_is(text: str) -> None:
    """Doubled marks, three of them, words in capitals."""
    assert manners.EMOTION.search(text)

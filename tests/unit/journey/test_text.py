"""One customer's text: what is served, with which probability, and when there is silence."""

import re
from dataclasses import replace
from datetime import date

import pytest

from churn_saver import shield
from churn_saver.domain.slots import Facts
from churn_saver.journey.text import write
from churn_saver.message.plain import candidates
from churn_saver.message.wording import fill
from tests.builders import rules

FACTS = Facts("Sam", 12, 10, "month-to-month", date(2026, 3, 16))
RULES = rules().shield


def test_the_draw_picks_the_draft() -> None:
    """Of n drafts that all pass: a draw of i/n gives draft i, each with probability 1/n."""
    drafts = candidates(FACTS)
    served = [write(FACTS, (i + 0.5) / len(drafts), RULES) for i in range(len(drafts))]

    assert [letter.text for letter in served] == [fill(draft, FACTS) for draft in drafts]
    assert {letter.probability for letter in served} == {1 / len(drafts)}


@pytest.mark.parametrize("blocked_word", ["thank you", "enjoy", "we"])
def test_blocked_drafts_give_their_probability_to_the_next(blocked_word: str) -> None:
    """Over all n starts the served frequencies are the stated probabilities, exactly."""
    ban = re.compile(rf"\b{blocked_word}\b", re.IGNORECASE)
    strict = replace(RULES, banned=((blocked_word.replace(" ", ""), ban),))
    n = len(candidates(FACTS))
    served = [write(FACTS, (i + 0.5) / n, strict) for i in range(n)]
    texts = [letter.text for letter in served]

    assert all(text is not None and not ban.search(text) for text in texts)
    for letter in served:
        assert letter.probability == texts.count(letter.text) / n


def test_silence_when_the_shield_stops_everything() -> None:
    """No text, probability 0, and the codes of the last draft."""
    letter = write(FACTS, 0.3, replace(RULES, banned=(("e", re.compile("e")),)))

    assert letter.text is None
    assert letter.probability == 0.0
    assert "banned_phrase" in letter.violations


def test_what_is_served_passes_the_shield() -> None:
    """The text is judged as it is sent, after filling."""
    letter = write(FACTS, 0.0, RULES)

    assert letter.text is not None
    assert shield.violations(letter.text, FACTS, RULES) == ()
    assert "10%" in letter.text

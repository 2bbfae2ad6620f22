"""Drafts put together and weakened: what stays, what changes, and their lengths."""

import re
from collections import defaultdict
from itertools import product

import pytest

from churn_saver.data.retention.asks import ASKS
from churn_saver.data.retention.care import CARE as CARES
from churn_saver.data.retention.drafts import (
    LONGEST_GOOD,
    NO_THANKS,
    WEAKNESSES,
    WRONG_TONE,
    Draft,
    Part,
    composed,
    fits,
    lengths,
    possible,
    weakened,
)
from churn_saver.data.retention.offers import OFFERS
from churn_saver.data.retention.phrases import Draws, Frame
from churn_saver.data.retention.steps import STEPS
from churn_saver.data.retention.thanks import THANKS
from churn_saver.domain.briefs import Brief, every_brief
from churn_saver.domain.slots import Context

OFFER = Brief(Context(10, "settled", "one year", True, "email"), "warm")
CARE = Brief(Context(0, "unstated", None, False, "sms"), "brief")


def part(words: str, role: str = "thanks") -> Part:
    """Give a part whose frame says just these words."""
    return Part(Frame(role, words, ("warm",), ("settled",), "", "train"), words)


def made(brief: Brief, *weaknesses: str, split: str = "train", seed: int = 1) -> Draft:
    """Give a draft that has been put together."""
    draft = composed(brief, weaknesses, split, Draws(seed))
    assert draft is not None
    return draft


def test_a_draft_is_written_out_by_hand() -> None:
    """After a comma small, after a full stop or an exclamation mark with a capital."""
    parts = (part("thank you"), part("how are you? fine"))

    assert Draft(OFFER, "Hi {name},", False, parts, ()).text == "Hi {name}, thank you. How are you? Fine."
    assert Draft(OFFER, "Hi {name}!", False, parts, ()).text == "Hi {name}! Thank you. How are you? Fine."
    assert Draft(OFFER, "", False, parts, ()).text == "Thank you. How are you? Fine."
    assert Draft(OFFER, "", True, parts, ()).text == "Thank you, {name}. How are you? Fine."


def test_lengths_are_counted_by_hand() -> None:
    """20 signs beside the slots; a name has 2 to 24, a settled tenure 9 to 11, 10 % has 3, the bill 14."""
    text = "Hi {name}, {tenure}: {offer} off {duration}, {plan}."

    # "Hi , :  off , ." is 15 signs; "one-year plan" 13.
    assert lengths(text, OFFER) == (
        15 + 2 + 9 + 3 + 14 + 13, 15 + 6 + 9 + 3 + 14 + 13, 15 + 24 + 11 + 3 + 14 + 13
    )  # fmt: skip


@pytest.mark.parametrize("brief", [OFFER, CARE])
def test_every_weakness_that_a_brief_can_have_can_be_made(brief: Brief) -> None:
    """And the draft remembers it; without a tenure nobody is thanked for one."""
    for weakness in possible(brief):
        assert made(brief, weakness).weaknesses == (weakness,)
    assert set(WEAKNESSES) - set(possible(CARE)) == {"generic_thanks", NO_THANKS}


def test_a_weakened_draft_differs_in_one_sentence() -> None:
    """Minimal pairs: greeting and all other sentences stay."""
    draws, draft = Draws(3), made(OFFER)
    for weakness in sorted(set(WEAKNESSES) - {NO_THANKS, WRONG_TONE}):
        weak = weakened(draft, weakness, "train", draws)
        if weak is not None:
            changed = [a != b for a, b in zip(draft.parts, weak.parts, strict=True)]

            assert weak.greeting == draft.greeting
            assert sum(changed) == 1


def test_thanks_are_taken_out_whole() -> None:
    """A draft of thanks alone in another sentence cannot lose them."""
    thanked = Draft(OFFER, "Hi {name},", False, (part("thank you"), part("just reply", "step")), ())
    merged = Draft(OFFER, "Hi {name},", False, (part("as thanks, enjoy it", "thanked_offer"),), ())

    bare = weakened(thanked, NO_THANKS, "train", Draws(1))

    assert bare is not None
    assert bare.text == "Hi {name}, just reply."
    assert weakened(merged, NO_THANKS, "train", Draws(1)) is None


def test_good_drafts_are_short_in_their_tone() -> None:
    """Every brief has one, with usual facts 150 signs at most, or 110 where it should be brief."""
    draws = Draws(2)
    for brief in list(every_brief())[::7]:
        draft = composed(brief, (), "train", draws)

        assert draft is not None, brief
        assert fits(draft)
        assert lengths(draft.text, brief)[1] <= LONGEST_GOOD[brief.tone]


def test_a_draft_too_short_or_too_long_does_not_fit() -> None:
    """Below 50 signs with the shortest facts, above 200 with the longest; a text message has less room."""
    sms = Brief(Context(0, "unstated", None, False, "sms"), "plain")
    email = Brief(Context(0, "unstated", None, False, "email"), "plain")

    assert not fits(Draft(email, "", False, (part("a" * 48),), ("cold",)))
    assert fits(Draft(email, "", False, (part("a" * 49),), ("cold",)))
    assert fits(Draft(email, "", False, (part("a" * 199),), ("cold",)))
    assert not fits(Draft(email, "", False, (part("a" * 200),), ("cold",)))
    assert not fits(Draft(sms, "", False, (part("a" * 177),), ("cold",)))


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_draft_to_judge_by_has_a_sentence_never_trained_on(split: str) -> None:
    """And none of the other split that is judged by."""
    for seed in range(20):
        splits = {part.frame.split for part in made(OFFER, split=split, seed=seed).parts}

        assert split in splits
        assert splits <= {split, "train"}


def test_training_drafts_have_training_sentences_alone() -> None:
    """Weak ones too."""
    for seed in range(20):
        draft = made(OFFER, "vague_step", seed=seed)

        assert {part.frame.split for part in draft.parts} == {"train"}


def test_nobody_is_thanked_twice() -> None:
    """Nor are three words in a row said in two sentences."""
    for seed in range(60):
        words = [part.words for part in made(OFFER, seed=seed).parts]

        assert sum("thank" in one.lower() for one in words) <= 1


_BESIDE = {
    *product(["thanks"], ["offer", "deal", "step", "care", "ask", "care_step"]),
    *product(["offer", "thanked_offer"], ["step"]),
    *product(["care", "thanked_care"], ["care_step"]),
}
"""Roles of sentences that stand in one draft."""


def test_sentences_of_one_draft_do_not_begin_alike() -> None:
    """No five words in a row in two of them, which the shield takes for a repetition.

    Drafts are never put together so, but a model that learns both sentences well puts the likeliest ones
    together.
    """
    saying = defaultdict(set)
    for frame in (*THANKS, *OFFERS, *STEPS, *CARES, *ASKS):
        for pattern in every_choice(frame.pattern):
            words = pattern.lower().replace("@", "").split()
            for run in zip(*(words[at:] for at in range(5)), strict=False):
                saying[run].add(frame)

    alike = [
        (" ".join(run), one.pattern, other.pattern)
        for run, frames in saying.items()
        for one, other in product(frames, frames)
        if (one.role, other.role) in _BESIDE and set(one.tones) & set(other.tones)
    ]

    assert alike == []


def every_choice(pattern: str) -> list[str]:
    """Write out all that a pattern may say."""
    choice = re.search(r"\[([^\[\]]*)\]", pattern)
    if choice is None:
        return [pattern]
    before, after = pattern[: choice.start()], pattern[choice.end() :]
    return [whole for said in choice[1].split("|") for whole in every_choice(before + said + after)]

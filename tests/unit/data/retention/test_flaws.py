"""Drafts spoilt by kind: each has the fault that its kind is named for."""

import re

import pytest

from churn_saver.data.retention.drafts import Draft, composed, lengths
from churn_saver.data.retention.flaws import FLAWS, flawed
from churn_saver.data.retention.phrases import Draws
from churn_saver.domain.briefs import Brief
from churn_saver.domain.slot_places import misplaced
from churn_saver.domain.slots import SLOTS, Context

OFFER = Brief(Context(10, "settled", "one year", True, "email"), "plain")
CARE = Brief(Context(0, "unstated", None, False, "sms"), "plain")
DISCOUNT = {"{offer}", "{duration}", "{valid_until}"}


def spoilt(kind: str, brief: Brief, n: int = 60) -> list[tuple[Draft, str]]:
    """Give drafts and what became of them."""
    draws = Draws(4)
    found = []
    for _ in range(n):
        draft = composed(brief, (), "train", draws)
        assert draft is not None
        text = flawed(kind, draft, "train", draws)
        if text is not None:
            found.append((draft, text))
    assert found
    return found


def slots_of(text: str) -> set[str]:
    """Give the slots of a text, with their braces."""
    return set(re.findall(r"\{\w+\}", text))


@pytest.mark.parametrize("kind", FLAWS)
@pytest.mark.parametrize("brief", [OFFER, CARE])
def test_a_spoilt_text_is_another_text(kind: str, brief: Brief) -> None:
    """Or there is none, where the kind has nothing to spoil."""
    if (kind, brief) in (("wrong_duration", CARE), ("missing_slot", CARE), ("misplaced_slot", CARE)):
        draft = composed(brief, (), "train", Draws(1))

        assert draft is not None
        assert flawed(kind, draft, "train", Draws(1)) is None
    else:
        assert all(text != draft.text for draft, text in spoilt(kind, brief))


def test_the_wrong_channel_is_another_ones() -> None:
    """An email is spoken of as a text, a text as an email; where nothing is named nothing can be wrong."""
    for brief, wrong in ((OFFER, "this text"), (CARE, "this email")):
        for draft, text in spoilt("wrong_channel", brief):
            assert wrong in text
            assert wrong not in draft.text
            assert not re.search(r"this message", text)


def test_a_wrong_offer_is_never_the_decided_one() -> None:
    """A figure beside the slot, or in its place; without a discount any figure is wrong."""
    for _, text in spoilt("wrong_offer", OFFER):
        assert re.search(r"\d", text) or "{offer}" in text
        assert not re.search(r"\b10(?:%| per)", text)
    for _, text in spoilt("wrong_offer", CARE):
        assert re.search(r"\d%", text)


def test_a_missing_slot_is_missing() -> None:
    """One of name, offer, duration and last day; the others stay."""
    ways = set()
    for _, text in spoilt("missing_slot", OFFER, 120):
        missing = (DISCOUNT | {"{name}"}) - slots_of(text)

        assert len(missing) == 1, text
        assert "  " not in text
        ways |= missing
    assert ways == DISCOUNT | {"{name}"}


def test_a_misplaced_slot_is_the_only_fault() -> None:
    """What must be told is told, in a place that makes no sense of it; nothing else is changed."""
    stayed = set()
    for draft, text in spoilt("misplaced_slot", OFFER, 200):
        assert misplaced(text), text
        assert misplaced(draft.text) is None, draft.text
        assert slots_of(text) >= slots_of(draft.text) - {"{tenure}"}
        assert re.sub(r"\{\w+\}", "", text) == re.sub(r"\{\w+\}", "", draft.text)
        stayed.add("{tenure}" in text)
    assert stayed == {True, False}


def test_a_foreign_slot_has_no_value() -> None:
    """It exists nowhere, or this brief's facts do not have it."""
    for brief in (OFFER, CARE):
        known = {f"{{{slot}}}" for slot in brief.slots}
        for _, text in spoilt("foreign_slot", brief):
            assert slots_of(text) - known or re.search(r"[\[<%]|\{\{", text), text
    named = {slot for _, text in spoilt("foreign_slot", CARE) for slot in slots_of(text)}

    assert {"{name}", "{tenure}", "{offer}"} <= named
    assert named - {f"{{{slot}}}" for slot in SLOTS}


def test_too_long_and_too_short_are_out_of_the_limits() -> None:
    """More than 200 signs with the shortest facts, less than 50 with the usual ones."""
    assert all(lengths(text, OFFER)[0] > 200 for _, text in spoilt("too_long", OFFER))
    assert all(lengths(text, OFFER)[1] < 50 for _, text in spoilt("too_short", OFFER))


def test_shouting_leaves_slots_readable() -> None:
    """Capitals or exclamation marks, but never inside braces."""
    for draft, text in spoilt("shouting", OFFER):
        assert slots_of(text) == slots_of(draft.text)
        assert re.search(r"[A-Z]{4}|!!", text)


def test_a_repetition_says_something_again() -> None:
    """It holds nothing that the draft does not, and more of it."""
    for draft, text in spoilt("repetition", OFFER):
        assert len(text) > len(draft.text)
        assert set(re.findall(r"\w+", text.lower())) <= set(re.findall(r"\w+", draft.text.lower()))


def test_a_wrong_duration_lasts_longer_than_one_bill() -> None:
    """More bills, months, or for ever."""
    for _, text in spoilt("wrong_duration", OFFER):
        assert re.search(r"bills|every|each|month|life|year|ever|follow|after|long|future", text), text


@pytest.mark.parametrize("kind", ["pressure", "promise", "rude"])
def test_a_sentence_is_put_in_and_all_else_stays(kind: str) -> None:
    """So that the reward model must read that sentence."""
    for draft, text in spoilt(kind, OFFER):
        before = set(re.split(r"(?<=[.?!]) ", draft.text))

        assert before <= set(re.split(r"(?<=[.?!]) ", text))

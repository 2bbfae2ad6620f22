"""Places of slots: by hand for each slot, then over all that the grammar and the plain sentences can say."""

import re
from collections.abc import Iterator
from functools import cache

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.retention.asks import ASKS
from churn_saver.data.retention.care import CARE
from churn_saver.data.retention.offers import OFFERS
from churn_saver.data.retention.phrases import sentence
from churn_saver.data.retention.steps import STEPS
from churn_saver.data.retention.thanks import GREETINGS, THANKS
from churn_saver.data.retention_texts import QUALITY, preferences, responses
from churn_saver.domain.briefs import every_brief
from churn_saver.domain.slot_places import has_place, misplaced
from churn_saver.domain.slots import SLOTS
from churn_saver.message.plain import drafts

TEXTS = {"train": 20_000, "validation": 2_000, "test": 2_000}
"""Drafts, and pairs too, of each split of the grammar."""
_CHOICE = re.compile(r"\[([^\[\]]*)\]")

PLACED = {
    "name": """
Hi {name}, thank you.
{name}, thank you.
{name}: thank you.
Dear {name}: thank you.
Good morning {name}! Thank you.
Thank you {name}.
Hello. {name}, thank you.
Thank you for being with us, {name}. How are you?
Thank you, {name}, for being with us.
""",
    "tenure": """
Thank you for {tenure} with us.
Thanks for {tenure}!
We are grateful for the {tenure} with us.
You have been with us for {tenure}, thank you.
Thanks for staying {tenure}.
Thank you for joining us {tenure} ago.
{tenure} ago you chose us.
To mark {tenure} together, we write.
After {tenure} as our customer, how are you?
{tenure} is a long time.
We value your {tenure} with us.
We do not take {tenure} of trust for granted.
It is {tenure} since you joined us.
""",
    "offer": """
Here is {offer} off {duration}.
{offer} off {duration}: just reply.
For you: {offer} off {duration}.
Reply by {valid_until} for {offer} off {duration}.
For {offer} off {duration}, reply.
Would you like {offer} off {duration}?
We thank you with {offer} off {duration}.
And {duration} will be {offer} lower.
We can make {duration} {offer} lighter.
A deduction of {offer} is due.
A reduction of {duration} by {offer} comes.
On acceptance {offer} will be deducted.
Take a {offer} discount.
A thank-you on {duration}: {offer} off.
""",
    "plan": """
How is your {plan}?
You are on our {plan}.
As a customer on a {plan}, you know.
For the {plan} that you have.
We like your current {plan}.
""",
    "duration": """
Take {offer} off {duration}.
A thank-you on {duration}: {offer} off.
It is deducted from {duration}.
Reply, and {duration} will be {offer} lower.
Let us make {duration} {offer} lower.
We apply {offer} to {duration}.
""",
    "valid_until": """
Reply by {valid_until}.
You have until {valid_until} to think.
Use it before {valid_until}.
It can be used up to and including {valid_until}.
No later than {valid_until}, please.
The date to keep in mind is {valid_until}.
The last day to reply: {valid_until}.
It ends on {valid_until}.
On {valid_until} our offer ends.
{valid_until} is the last day.
By Fri {valid_until}.
""",
}
MISPLACED = {
    "name": """
Thank you for being here {name}, truly.
Reply to this message by {name}.
We thank you for {name}.
Let us make {name} better.
Hi {name}:, how are you?
Dear{name}, how are you?
Hi {name} how are you?
We are here. {name}.
""",
    "tenure": """
Reply by {tenure}.
You are on a {tenure} plan.
Is your {tenure} good?
With a {tenure} of trust.
We are so happy to have you with us {tenure} ago.
Here is {tenure} with us.
We put it aside for you, {tenure}.
Thank you for being for {tenure}.
Thank you for {tenure} ago.
Thank you for {tenure} {plan}.
We are now {tenure} on our way.
""",
    "offer": """
Thank you for {offer} off {duration}.
With thanks for {offer} off {duration}.
You have been with us for {offer} off {duration}.
To mark {offer} off {duration}, reply.
After {offer} off {duration}, reply.
Reply by {offer} off {duration}.
Glad you joined us {offer} off {duration}.
cockroett: {offer} off {duration}.
Objection: {offer} off {duration}.
Here is {offer}.
Your plan is a {offer} off {duration}.
Take {offer}{duration}.
""",
    "plan": """
After {plan}, how are you?
Thank you for {plan}.
Thank you for being here {plan}.
Here is {plan}.
Hi, {plan}, how are you?
Take your {plan} {duration}.
Take a {plan} off.
Check your{plan}.
""",
    "duration": """
Thank you for {duration}.
Here is {duration}.
Reply by {duration}.
Off {duration}: just reply.
Combine {duration} with us.
Suggest on {duration}.
After {duration}, how are you?
""",
    "valid_until": """
Thanks for {valid_until}.
With our thanks for {valid_until} with us.
On your {valid_until}.
For {valid_until}, just reply.
After {valid_until}, reply.
From {valid_until} on.
Let us know. {valid_until}, and a note.
It starts on {valid_until}.
Reply by {valid_until} off it.
""",
}


def lines(blocks: dict[str, str]) -> list[tuple[str, str]]:
    """Give each line of the blocks with its slot."""
    return [(slot, line) for slot, block in blocks.items() for line in block.strip().split("\n")]


@pytest.mark.parametrize(("slot", "text"), lines(PLACED))
def test_a_slot_stands_where_its_fact_makes_sense(slot: str, text: str) -> None:
    """By hand, for each slot; the other slots of the line stand rightly too."""
    assert f"{{{slot}}}" in text
    assert misplaced(text) is None


@pytest.mark.parametrize(("slot", "text"), lines(MISPLACED))
def test_a_slot_that_makes_nonsense_is_named(slot: str, text: str) -> None:
    """What language models wrote, and its like: the first slot that stands wrongly is told."""
    assert misplaced(text) == slot


def test_case_and_white_space_do_not_matter() -> None:
    """Nor is a slot looked at that does not exist."""
    assert misplaced("HI {name}, REPLY  BY\n{valid_until}.") is None
    assert misplaced("Thanks for {nobody}.") is None
    assert misplaced("") is None


def test_the_first_of_several_is_named() -> None:
    """In the order of the text, not of the slots."""
    assert misplaced("Thanks for {valid_until} and {plan}.") == "valid_until"
    assert misplaced("Thanks for {plan} and {valid_until}.") == "plan"


def test_facts_are_asked_for_alike() -> None:
    """The words around a fact that stands in a finished text."""
    assert has_place("valid_until", "Reply by ", ".")
    assert has_place("valid_until", "Reply by the last day (", ").")
    assert has_place("valid_until", "Thanks for ", ".") is False


@cache
def written(split: str) -> tuple[str, ...]:
    """Give every text of the grammar that may be sent: good drafts, weak ones, and both of quality pairs."""
    told, pairs = responses(split, TEXTS[split], 3), preferences(split, TEXTS[split], 3)
    weaker = pairs.filter(pl.col("kind") == QUALITY)["rejected"]
    return tuple(dict.fromkeys([*told["response"], *pairs["chosen"], *weaker]))


@pytest.mark.parametrize("split", sorted(TEXTS))
def test_the_whole_grammar_passes(split: str) -> None:
    """Good drafts and weak ones alike: nothing that is learned from is refused afterwards."""
    texts = written(split)

    assert len(texts) > TEXTS[split]
    assert [text for text in texts if misplaced(text) is not None] == []


def test_every_frame_passes_in_every_wording() -> None:
    """After a greeting, after another sentence and by itself, and with the name at its end."""
    refused = [
        text
        for frame in (*THANKS, *OFFERS, *STEPS, *CARE, *ASKS)
        for words in phrasings(frame.pattern)
        for text in (
            sentence(words),
            f"We are here. {sentence(words)}",
            sentence(f"{words}, {{name}}") if words[-1] not in "?!" else sentence(words),
            *(f"{greeting} {sentence(words, begins=False)}" for greeting in GREETINGS["warm"]),
        )
        if misplaced(text) is not None
    ]

    assert refused == []


def test_every_plain_sentence_passes() -> None:
    """In all contexts, with the opt-out line."""
    every = {draft for brief in every_brief() for draft in drafts(brief.context)}

    assert len(every) > 40
    assert [draft for draft in every if misplaced(draft) is not None] == []


@given(st.data())
def test_a_slot_that_is_glued_to_a_word_is_seen(data: st.DataObject) -> None:
    """Whatever the draft and whichever side of it."""
    text = data.draw(st.sampled_from([text for text in written("validation") if "{" in text]))
    slot = data.draw(st.sampled_from([one for one in SLOTS if f"{{{one}}}" in text]))
    before, after = data.draw(st.sampled_from([("so", ""), ("", "so"), ("a", "1")]))

    assert misplaced(text.replace(f"{{{slot}}}", f"{before}{{{slot}}}{after}", 1)) is not None


@pytest.mark.parametrize(("slot", "other"), [(a, b) for a in SLOTS for b in SLOTS if a != b])
def test_slots_that_changed_places_are_mostly_seen(slot: str, other: str) -> None:
    """Every two slots: of the drafts that hold both, at most one in ten passes when they are swapped."""
    swap = {f"{{{slot}}}": f"{{{other}}}", f"{{{other}}}": f"{{{slot}}}"}
    both = [text for text in written("test") if all(one in text for one in swap)]
    either = re.compile("|".join(map(re.escape, swap)))
    passed = [text for text in both if misplaced(either.sub(lambda found: swap[found[0]], text)) is None]

    assert len(passed) <= len(both) / 10


def phrasings(pattern: str) -> Iterator[str]:
    """Give every wording of a frame, innermost choice first."""
    choice = _CHOICE.search(pattern)
    if choice is None:
        words = pattern.replace("@reply", "reply to this email").replace("@this", "this email")
        yield " ".join(words.split())
        return
    for chosen in choice[1].split("|"):
        yield from phrasings(pattern[: choice.start()] + chosen + pattern[choice.end() :])

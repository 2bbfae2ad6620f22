"""Briefs, their prompts and their slots."""

from dataclasses import replace
from datetime import date

import pytest

from churn_saver.domain.briefs import TONES, Brief, every_brief, is_held_out, prompt_of
from churn_saver.domain.names import clean_name
from churn_saver.domain.slots import Context, Facts, slot_values
from churn_saver.errors import InputError

CONTEXT = Context(10, "settled", "one year", True, "email")


def test_a_prompt_says_the_brief_and_nobody() -> None:
    """Tone, channel, tenure, plan, how large the discount is, and the slots that may stand in the text."""
    assert prompt_of(Brief(CONTEXT, "warm")) == (
        "warm email in English to a settled customer on a one-year plan, discount middle, "
        "facts {name} {tenure} {plan} {offer} {duration} {valid_until}"
    )


def test_every_brief_has_a_prompt_of_its_own() -> None:
    """4 offers, 4 tenures, 4 contracts, a name or none, 3 channels and 3 tones are 1,152."""
    briefs = list(every_brief())

    assert len(briefs) == 4 * 4 * 4 * 2 * 3 * 3
    assert len({prompt_of(brief) for brief in briefs}) == len(briefs)


def test_the_slots_of_a_brief_are_those_its_facts_fill() -> None:
    """For facts of every context the wording module would find a value, and no other."""
    months = {"unstated": None, "new": 3, "settled": 12, "long": 40}
    for brief in every_brief():
        at = brief.context
        facts = Facts(
            clean_name("Sam") if at.has_name else None, months[at.tenure], at.offer_percent, at.contract,
            date(2026, 12, 5) if at.offer_percent else None,
        )  # fmt: skip

        assert Context.of(facts, at.channel) == at
        assert set(brief.slots) == set(slot_values(facts))


def test_one_context_in_eight_is_held_out() -> None:
    """384 contexts: near 48; and of each offer, tenure, channel and name some are and some are not."""
    contexts = {brief.context for brief in every_brief()}
    held = {context for context in contexts if is_held_out(context)}

    assert 36 <= len(held) <= 60
    for field in ("offer_percent", "tenure", "contract", "has_name", "channel"):
        assert {getattr(c, field) for c in held} == {getattr(c, field) for c in contexts - held}


@pytest.mark.parametrize(
    ("field", "value"),
    [("channel", "fax"), ("tenure", "old"), ("contract", "weekly"), ("offer_percent", 7)],
)
def test_a_context_without_words_is_refused(field: str, value: object) -> None:
    """By its name and with what there is."""
    with pytest.raises(InputError, match=rf"{field} is {value!r}, wanted one of "):
        Brief(replace(CONTEXT, **{field: value}), TONES[0])  # type: ignore[arg-type]


def test_an_unknown_tone_is_refused() -> None:
    """Of three."""
    with pytest.raises(InputError, match=r"tone is 'loud', wanted one of warm, plain, brief"):
        Brief(CONTEXT, "loud")

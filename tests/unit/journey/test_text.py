"""One customer's text: who writes it, what is served, with which probability, and when there is silence."""

import math
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from churn_saver import shield
from churn_saver.domain.briefs import Brief
from churn_saver.domain.slots import Facts
from churn_saver.errors import Unusable
from churn_saver.journey.text import write
from churn_saver.message.bank import DRAFT, Bank
from churn_saver.message.plain import candidates
from churn_saver.message.wording import fill
from tests.banks import CONTEXT, GOOD, entry, plain_bank
from tests.builders import rules

FACTS = Facts("Sam", 12, 10, "month-to-month", date(2026, 3, 16))
RULES = rules().shield
PUSHY = "Hi {name}, act now: {offer} off {duration} is yours. Reply by {valid_until}."
"""In order as a draft, stopped by the shield when it is filled."""


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


def test_the_bank_goes_before_plain_sentences() -> None:
    """Each approved entry of the context with probability 1/n, by the draw; its id stands beside it."""
    bank = Bank((entry(0), entry(1, f"{GOOD} Thank you."), entry(2, review=DRAFT)))
    served = [write(FACTS, draw, RULES, bank) for draw in (0.0, 0.49, 0.5, 0.99)]

    assert [(letter.source, letter.entry) for letter in served] == [
        ("bank", "m0"), ("bank", "m0"), ("bank", "m1"), ("bank", "m1"),
    ]  # fmt: skip
    assert {letter.probability for letter in served} == {0.5}
    assert served[0].text == fill(GOOD, FACTS)


def test_a_blocked_entry_gives_its_probability_to_the_next() -> None:
    """Of four entries the shield stops the two in the middle: the last is served from three starts."""
    bank = Bank((entry(0), entry(1, PUSHY), entry(2, PUSHY), entry(3)))
    served = [write(FACTS, (i + 0.5) / 4, RULES, bank) for i in range(4)]

    assert [letter.entry for letter in served] == ["m0", "m3", "m3", "m3"]
    assert [letter.probability for letter in served] == [0.25, 0.75, 0.75, 0.75]


@pytest.mark.parametrize("bank", [None, Bank(()), Bank((entry(0, PUSHY),)), Bank((entry(0, review=DRAFT),))])
def test_without_an_entry_that_may_be_sent_a_plain_sentence_is(bank: Bank | None) -> None:
    """No bank, none of the context, none approved, none that the shield lets through."""
    letter = write(FACTS, 0.3, RULES, bank)

    assert (letter.source, letter.entry) == ("template", None)
    assert letter.text in [fill(draft, FACTS) for draft in candidates(FACTS)]
    assert letter.probability == 1 / len(candidates(FACTS))


def test_silence_has_no_source() -> None:
    """Neither the bank nor a plain sentence comes through."""
    letter = write(FACTS, 0.3, replace(RULES, banned=(("e", re.compile("e")),)), Bank((entry(),)))

    assert (letter.text, letter.source, letter.entry, letter.probability) == (None, "none", None, 0.0)


def test_the_opt_out_line_is_added_to_an_entry() -> None:
    """To a text message alone, and once."""
    sms = replace(RULES, channel="sms")
    letter = write(FACTS, 0.0, sms, Bank((entry(0, context=replace(CONTEXT, channel="sms")),)))

    assert letter.source == "bank"
    assert letter.text == f"{fill(GOOD, FACTS)} Reply STOP to opt out."


def test_a_live_text_goes_first_and_nobody_knows_its_probability() -> None:
    """It is told context and tone, never the customer; the tone is drawn."""
    asked: list[Brief] = []

    def live(brief: Brief) -> str:
        asked.append(brief)
        return GOOD

    served = [write(FACTS, draw, RULES, Bank((entry(),)), live) for draw in (0.0, 0.5, 0.99)]

    assert [brief.tone for brief in asked] == ["warm", "plain", "brief"]
    assert {brief.context for brief in asked} == {CONTEXT}
    assert {(letter.text, letter.source, letter.entry) for letter in served} == {
        (fill(GOOD, FACTS), "live", None)
    }
    assert all(math.isnan(letter.probability) for letter in served)


@pytest.mark.parametrize(
    "draft", [None, "", PUSHY, GOOD.replace("{tenure}", "{plan_name}"), f"{GOOD} {{", "Hi {name}, {offer}"]
)
def test_a_live_text_that_may_not_be_sent_leaves_it_to_the_bank(draft: str | None) -> None:
    """None in time, empty, stopped, an unknown slot, a stray brace, too short."""
    letter = write(FACTS, 0.0, RULES, Bank((entry(),)), lambda _: draft)

    assert (letter.source, letter.entry, letter.probability, letter.violations) == ("bank", "m0", 1.0, ())


def test_only_a_live_text_must_have_plain_words() -> None:
    """The same draft passes as a bank's entry, which somebody reviewed, and not as a live one."""
    draft = GOOD.replace("with us", "with gigawave and fibrenaut")
    letter = write(FACTS, 0.0, RULES, Bank((replace(entry(), text=draft),)), lambda _: draft)

    assert draft != GOOD
    assert (letter.text, letter.source) == (fill(draft, FACTS), "bank")


@pytest.mark.parametrize("thanks", ["We thank you for {offer}", "With thanks for {plan}, take {offer}"])
def test_a_live_text_whose_slots_make_nonsense_leaves_it_to_the_bank(thanks: str) -> None:
    """The shield lets it through, for nothing in it is false; what somebody reviewed is served."""
    odd = GOOD.replace("Take {offer}", thanks)
    letter = write(FACTS, 0.0, RULES, Bank((entry(),)), lambda _: odd)

    assert shield.violations(fill(odd, FACTS), FACTS, replace(RULES, unreviewed=True)) == ()
    assert (letter.source, letter.entry) == ("bank", "m0")
    assert write(FACTS, 0.0, RULES, Bank((entry(0, odd),))).text == fill(odd, FACTS)


def test_a_name_that_looks_like_a_slot_stays_a_name() -> None:
    """A value is never read again, and the shield stops the text: nothing is filled in twice."""
    facts = replace(FACTS, name="{offer}")
    letter = write(facts, 0.0, RULES, plain_bank(("email",)), lambda _: GOOD)

    assert letter.text is None
    assert "unfilled_slot" in letter.violations


def broken(*_: object) -> bool:
    """Fail, whoever asks."""
    raise OSError("gone")


class BrokenBank:
    """A bank that cannot be asked."""

    approved = broken


class EmptyHandedBank:
    """A bank whose entries are none."""

    def approved(self, context: object) -> list[None]:
        """Give something that is no entry."""
        return [None]


@pytest.mark.parametrize(
    ("artefact", "parts"),
    [
        ("live", {"live": broken, "bank": plain_bank(), "rules": RULES}),
        ("bank", {"live": None, "bank": BrokenBank(), "rules": RULES}),
        ("bank", {"live": None, "bank": EmptyHandedBank(), "rules": RULES}),
        ("toxicity", {"live": None, "bank": plain_bank(), "rules": replace(RULES, judge=broken)}),
        ("toxicity", {"live": lambda _: GOOD, "bank": None, "rules": replace(RULES, judge=broken)}),
    ],
)
def test_who_fails_is_named(artefact: str, parts: dict[str, Any]) -> None:
    """Whoever asked knows what to do without."""
    with pytest.raises(Unusable, match=rf"^{artefact} cannot be used now: raised"):
        write(FACTS, 0.0, **parts)

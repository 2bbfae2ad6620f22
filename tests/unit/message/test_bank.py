"""The bank: which entries there may be, and which are served."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.briefs import every_brief
from churn_saver.domain.slots import OPT_OUT_LINE, SLOTS, Context
from churn_saver.errors import InputError
from churn_saver.message.bank import APPROVED, DRAFT, REJECTED, Bank, draft_fault
from churn_saver.message.plain import drafts
from tests.banks import CONTEXT, GOOD, entry

CARE = Context(0, "unstated", None, has_name=False)
CARE_TEXT = "Hello, how is your {plan} working for you? Please reply to this email."


def test_only_approved_entries_of_the_very_context_are_served() -> None:
    """Four entries of one context, two of them approved, and one of another context."""
    mine = [entry(i, review=state) for i, state in enumerate((APPROVED, DRAFT, REJECTED, APPROVED))]
    bank = Bank((*mine, entry(4, CARE_TEXT, CARE)))

    assert [one.id for one in bank.approved(CONTEXT)] == ["m0", "m3"]
    assert [one.id for one in bank.approved(CARE)] == ["m4"]
    assert bank.approved(replace(CONTEXT, channel="push")) == ()
    assert (len(bank), bank.contexts) == (5, 2)


def test_a_review_makes_another_bank() -> None:
    """The first stays as it is; the new one is in no file yet."""
    bank = Bank((entry(0, review=DRAFT), entry(1, review=DRAFT)), "0123456789abcdef")

    after = bank.reviewed(lambda one: one.id == "m1", APPROVED)

    assert [one.id for one in after.approved(CONTEXT)] == ["m1"]
    assert (bank.approved(CONTEXT), bank.version, after.version) == ((), "0123456789abcdef", "none")


def test_an_entry_is_found_by_its_id() -> None:
    """Or refused with the command that lists them."""
    bank = Bank((entry(0), entry(1)))

    assert bank.entry("m1") == entry(1)
    with pytest.raises(InputError, match=r"no message 'm2' among 2.*messages list"):
        bank.entry("m2")


def test_an_id_stands_for_one_message() -> None:
    """Twice the same is refused by name."""
    with pytest.raises(InputError, match=r"id 'm0' is there twice"):
        Bank((entry(0), entry(0)))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"review": "maybe"}, r"review is 'maybe', wanted one of draft, approved, rejected"),
        ({"score": float("nan")}, r"score is nan, wanted a finite number"),
        ({"model": " "}, r"model is blank"),
        ({"tone": "loud"}, r"tone is 'loud'"),
        ({"context": Context(7, "new", None, has_name=True)}, r"offer_percent is 7"),
        ({"context": Context(10, "old", None, has_name=True)}, r"tenure is 'old'"),
        ({"context": Context(10, "new", None, has_name=True, channel="fax")}, r"channel is 'fax'"),
    ],
)
def test_what_no_entry_may_be_is_refused_by_name(changes: dict[str, object], told: str) -> None:
    """State, score, writer, tone and context."""
    with pytest.raises(InputError, match=told):
        entry(**changes)  # type: ignore[arg-type]


def test_an_id_fits_a_record() -> None:
    """Letters, digits and . _ - alone, 64 of them at most."""
    for wrong in ("", "a b", "x" * 65, "m\n"):
        with pytest.raises(InputError, match=r"wanted 1 to 64 of letters"):
            replace(entry(), id=wrong)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", r"text has 0 characters"),
        (GOOD + "x" * 400, r"characters, wanted 1 to 400"),
        (f"{GOOD}\n", r"not one plain line"),
        (GOOD.replace("Take", "Ta\u202eke"), r"not one plain line"),
        (f"{GOOD} Yours, {{sender}}", r"names the slot \{sender\}, wanted none but name"),
        (f"{GOOD} Yours, [company]", r"'\[' outside a slot"),
        (GOOD.replace("{tenure}", "{tenure"), r"'\{' outside a slot"),
        (GOOD.replace("{tenure}", "____ months"), r"'____' outside a slot"),
        (GOOD.replace("{name}", "Sam"), r"lacks the slot \{name\}"),
        (GOOD.replace("{valid_until}", "Monday"), r"lacks the slot \{valid_until\}"),
        (GOOD.replace("{offer}", "a tenth"), r"lacks the slot \{offer\}"),
    ],
)
def test_slots_that_are_not_in_order_are_refused_by_name(text: str, told: str) -> None:
    """Unknown, unfilled or lacking ones, and texts that are no one line."""
    assert re.search(told, str(draft_fault(text, entry().brief)))
    with pytest.raises(InputError, match=told):
        entry(0, text)


@pytest.mark.parametrize("slot", ["name", "tenure", "offer", "duration", "valid_until"])
def test_a_slot_without_a_value_in_its_context_is_foreign(slot: str) -> None:
    """No name, no tenure and no offer are known there: the plan alone has a value."""
    with pytest.raises(InputError, match=rf"slot \{{{slot}\}}, which its context has no value for"):
        entry(0, f"{CARE_TEXT} {{{slot}}}", CARE)


def test_the_opt_out_line_is_not_part_of_an_entry() -> None:
    """It is added when the message is sent, so a second one would stand there."""
    context = replace(CONTEXT, channel="sms")

    assert draft_fault(GOOD, entry(0, GOOD, context).brief) is None
    with pytest.raises(InputError, match=r"'Reply STOP to opt out.', which is added"):
        entry(0, f"{GOOD} Reply STOP to opt out.", context)


def test_every_plain_sentence_could_be_an_entry() -> None:
    """In all 384 contexts."""
    faults = [
        fault
        for brief in every_brief()
        for draft in drafts(brief.context)
        if (fault := draft_fault(draft.removesuffix(OPT_OUT_LINE.get(brief.context.channel, "")), brief))
    ]

    assert faults == []


@given(st.lists(st.sampled_from([*"ab {}[]", *(f"{{{name}}}" for name in SLOTS)]), max_size=12))
def test_what_is_in_order_can_be_filled(pieces: list[str]) -> None:
    """No brace is left once known slots are taken out, and only those of the brief are named."""
    text = f"{GOOD}{''.join(pieces)}"
    if draft_fault(text, entry().brief) is None:
        left = text
        for name in entry().brief.slots:
            left = left.replace(f"{{{name}}}", "")

        assert not set("{}[]") & set(left)


def test_a_review_outlives_the_next_bank() -> None:
    """Approved and rejected stay as they were, a draft nobody looked at gives way, new ones come after."""
    approved, rejected, draft = entry(0), entry(1, review=REJECTED), entry(2, review=DRAFT)
    again, new = replace(approved, review=DRAFT, score=9.0), entry(3, review=DRAFT)

    kept = Bank((new, again)).keeping(Bank((draft, approved, rejected)))

    assert kept.entries == (approved, rejected, new)
    assert Bank((new,)).keeping(Bank(())).entries == (new,)

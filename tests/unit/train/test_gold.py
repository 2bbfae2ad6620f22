"""Rules of a good message, each by a text that keeps it and one that does not."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.briefs import Brief, every_brief
from churn_saver.domain.slots import Context
from churn_saver.errors import InputError
from churn_saver.message.plain import drafts
from churn_saver.train.gold import RULES, distinct_2, judged
from tests.text_policies import RULES as SHIELD

CARE = Brief(Context(0, "unstated", None, False, "email"), "warm")
"""No name, no tenure, no discount."""
OFFER = Brief(Context(10, "settled", "one year", True, "email"), "warm")
"""All of them."""
GOOD_CARE = (
    "Hello, thank you for being with us. How is your {plan} working for you? Just reply to this email."
)
GOOD_OFFER = (
    "Hi {name}, thank you for {tenure} with us. Reply to this email by {valid_until} and enjoy {offer} off "
    "{duration}."
)


def broken(text: str, brief: Brief) -> set[str]:
    """Name the rules that a draft breaks."""
    return {name for name, keeps in RULES.items() if not keeps(text, brief)}


def without(words: str, text: str) -> str:
    """Take words out of a text."""
    assert words in text
    return text.replace(words, "")


def test_good_messages_keep_every_rule() -> None:
    """With a discount and without."""
    assert broken(GOOD_CARE, CARE) == set()
    assert broken(GOOD_OFFER, OFFER) == set()


@pytest.mark.parametrize(
    ("text", "brief", "rules"),
    [
        (without(" for {tenure}", GOOD_OFFER), OFFER, {"tenure"}),
        (GOOD_OFFER + " {tenure}!", OFFER, {"tenure"}),
        (GOOD_OFFER + " It is {offer}.", OFFER, {"discount"}),
        (GOOD_CARE + " Or call us.", CARE, {"step"}),
        (GOOD_CARE.replace("reply to this email", "think of it"), CARE, {"step"}),
        ("Hello, thank you for being with us. If your {plan} could be better, visit us.", CARE, {"step"}),
        (GOOD_CARE.replace("this email", "this text"), CARE, {"channel"}),
        (GOOD_CARE.replace("email", "message"), CARE, set()),
        (GOOD_CARE, replace(CARE, context=replace(CARE.context, channel="sms")), {"channel"}),
        ("Hello, thank you. Just reply to this email.", CARE, {"length"}),
        (GOOD_CARE + " We read every answer and somebody gets to it on the day it comes.", CARE, {"length"}),
        (GOOD_OFFER + " Yours, {name}", OFFER, {"name"}),
        (GOOD_OFFER.replace("{duration}", "{duration} on your {plan}"), OFFER, {"plan"}),
        (GOOD_CARE.replace("How is", "Kindly say how is"), CARE, {"plain"}),
        ("Hello, is your {plan} still right, and is there anything to change? Just reply.", CARE, {"warm"}),
        (GOOD_CARE.replace("thank you", "thank you, amazing friend,"), CARE, {"warm"}),
        (GOOD_CARE.replace("How is", "You are being with us. How is"), CARE, {"fresh"}),
    ],
)  # fmt: skip
def test_each_rule_by_hand(text: str, brief: Brief, rules: set[str]) -> None:
    """A good message with one fault breaks the rule of that fault, and no other."""
    assert broken(text, brief) == rules


def test_the_step_has_a_last_day_where_there_is_a_discount() -> None:
    """The day in another sentence is not when to reply."""
    text = (
        "Hi {name}, thank you for {tenure} with us. Enjoy {offer} off {duration} until {valid_until}. Just "
        "reply to us."
    )

    assert broken(text, OFFER) == {"step"}


def test_a_sentence_too_long_is_not_plain() -> None:
    """25 words in one breath; 24 of them are allowed."""
    words = "Hello, thank you, and do reply " + " ".join("abcdefghijklmnopqrstuvwxyz"[:19])

    assert "plain" in broken(words.replace(" a ", " a z ", 1), CARE)
    assert "plain" not in broken(words.replace(" a ", " ", 1), CARE)


def test_scores_by_hand() -> None:
    """A good one, 1; one that breaks one rule of ten, .9; one that the shield stops, 0. Two of three pass."""
    flat = GOOD_OFFER.replace("{duration}", "{duration} on your {plan}")
    stopped = "Hi {name}, act now or lose everything! Reply to this email, it is free for you, always."

    gold = judged([OFFER, OFFER, OFFER], [GOOD_OFFER, flat, stopped], SHIELD)

    assert gold.score == pytest.approx(1.9 / 3)
    assert gold.pass_rate == pytest.approx(2 / 3)
    assert gold.kept["plan"] == 0.5
    assert {name for name, share in gold.kept.items() if share == 1.0} == RULES.keys() - {"plan"}


def test_a_slot_that_makes_nonsense_scores_nothing() -> None:
    """Whatever else the text keeps, and although the shield lets both through."""
    odd = GOOD_OFFER.replace("enjoy {offer}", "thank you for {offer}")
    found = judged([OFFER, OFFER], [GOOD_OFFER, odd], SHIELD)

    assert (found.pass_rate, found.score) == (1.0, 0.5)


def test_where_nothing_may_be_sent_all_is_nothing() -> None:
    """No score, no passes, no rule kept; and no division by 0."""
    gold = judged([CARE], ["Hello {nobody}."], SHIELD)

    assert (gold.score, gold.pass_rate) == (0.0, 0.0)
    assert set(gold.kept.values()) == {0.0}


def test_plain_sentences_may_all_be_sent() -> None:
    """Those that the project ships pass in every brief, and keep most rules, though not all."""
    briefs = list(every_brief())[::7]
    texts = [drafts(brief.context)[0].replace(" Reply STOP to opt out.", "") for brief in briefs]

    gold = judged(briefs, texts, SHIELD)

    assert gold.pass_rate == 1.0
    assert 0.7 < gold.score < 1.0


def test_distinct_pairs_by_hand() -> None:
    """'a b a b' has ab, ba, ab; 'a b.' has ab: 2 different of 4. A slot is one word, case is none."""
    assert distinct_2(["a b a b", "A b."]) == 0.5
    assert distinct_2(["Hi {valid_until}", "hi {name}"]) == 1.0
    assert distinct_2(["word", ""]) == 0.0
    assert distinct_2([]) == 0.0


@given(st.lists(st.text("ab c{}.", max_size=12), min_size=1, max_size=4))
def test_saying_it_twice_is_half_as_varied(texts: list[str]) -> None:
    """All texts again: exactly half; always within 0 and 1, in whatever order."""
    once = distinct_2(texts)

    assert 0.0 <= once <= 1.0
    assert distinct_2([*texts, *texts]) == pytest.approx(once / 2)
    assert distinct_2(texts[::-1]) == pytest.approx(once)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=3))
def test_any_text_is_judged(texts: list[str]) -> None:
    """Whatever a model writes gets a score within 0 and 1, at most its pass rate."""
    gold = judged([OFFER] * len(texts), texts, SHIELD)

    assert 0.0 <= gold.score <= gold.pass_rate <= 1.0


@pytest.mark.parametrize(("briefs", "texts"), [([], []), ([CARE], []), ([CARE], ["a", "b"])])
def test_drafts_without_briefs_are_refused(briefs: Iterable[Brief], texts: list[str]) -> None:
    """None at all, and another number of them."""
    with pytest.raises(InputError, match=r"there are \d drafts for \d briefs, wanted one for each"):
        judged(list(briefs), texts, SHIELD)

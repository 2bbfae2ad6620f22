"""The shield against planted sets and an independent judge; benchmarks/shield.py publishes the figures."""

import hashlib
from random import Random

import pytest

from churn_saver.config import environment
from churn_saver.domain.slots import Facts
from churn_saver.message.bank import APPROVED
from churn_saver.message.plain import candidates
from churn_saver.message.wording import fill
from churn_saver.opening import open_bank, read_settings
from churn_saver.opening.toxicity import open_toxicity
from churn_saver.shield import RULES, Rules, violations
from churn_saver.train.bank_building import draft_violations
from tests.independent_checker import faults
from tests.planted.good_messages import good_messages, some_facts
from tests.planted.injections import hostile_requests
from tests.planted.mutations import mutated
from tests.planted.reading import FOLDER, Planted, bad_messages, toxicity

WRITTEN = "9a26523e32013b5141c56c6fe859bb562750e4ba82a98f64006187ee49c83337"
LATER = ("repetition", "contradiction", "foreign_name", "wrong_channel", "strange_words", "symbols")
"""Codes that came after the 500 were written."""
SERVE = read_settings(environment({}))[1]
SHIELD = {
    channel: Rules.of(SERVE.model_copy(update={"channel": channel}), open_toxicity()[0])
    for channel in ("email", "sms", "push")
}


def stopped(one: Planted) -> tuple[str, ...]:
    """Judge a planted message as the service does."""
    return violations(one.text, one.facts, SHIELD[one.channel])


def checked(text: str, facts: Facts, channel: str) -> list[str]:
    """Have the independent judge read it."""
    return faults(
        text, facts.name, facts.tenure_months, facts.offer_percent, facts.contract, facts.valid_until, channel
    )


def test_the_500_stay_as_they_were_written() -> None:
    """A shield that misses one is mended; the message is not."""
    assert hashlib.sha256((FOLDER / "bad_messages.jsonl").read_bytes()).hexdigest() == WRITTEN
    assert len(bad_messages()) == len({(one.text, one.facts) for one in bad_messages()}) == 500
    assert {one.fault for one in bad_messages()} == {code for code, _ in RULES} - {"disguised", *LATER}


def test_bad_messages_are_stopped() -> None:
    """At least 99.5 % of 2,000, and of those written by hand 95 % under the code they were written for."""
    by_hand, by_machine = bad_messages(), mutated()
    found = [stopped(one) for one in by_hand]
    caught = sum(map(bool, found)) + sum(bool(stopped(one)) for one in by_machine)

    assert len(by_hand) + len(by_machine) == 2_000
    assert caught / 2_000 >= 0.995
    assert sum(one.fault in codes for one, codes in zip(by_hand, found, strict=True)) / 500 >= 0.95


def test_good_messages_are_sent() -> None:
    """At most 2 % of 2,000 are stopped, and the independent judge finds nothing wrong with any of them."""
    good = good_messages()

    assert len(good) == 2_000
    assert sum(bool(stopped(one)) for one in good) / 2_000 <= 0.02
    assert [one.text for one in good if checked(one.text, one.facts, one.channel)] == []


def test_the_independent_judge_knows_bad_from_good() -> None:
    """The ruler itself: it sees most of what was written badly, knowing nothing of the shield's words."""
    seen = sum(bool(checked(one.text, one.facts, one.channel)) for one in bad_messages())

    assert seen / 500 >= 0.75


@pytest.mark.parametrize("channel", sorted(SHIELD))
def test_plain_sentences_pass_both_judges(channel: str) -> None:
    """What is sent when nothing else can be: for 300 draws of facts, every draft."""
    rng = Random(3)
    for facts in (some_facts(rng) for _ in range(300)):
        for draft in candidates(facts, channel):
            text = fill(draft, facts)

            assert violations(text, facts, SHIELD[channel]) == ()
            assert checked(text, facts, channel) == []


def test_every_approved_message_of_the_shipped_bank_passes() -> None:
    """In its own context, filled with short facts and with long ones, as before it was approved."""
    bank, lacks = open_bank(environment({}))
    assert not lacks
    assert bank is not None
    approved = [entry for entry in bank.entries if entry.review == APPROVED]
    stopped = [
        (entry.text, codes)
        for entry in approved
        if (codes := draft_violations(entry.text, entry.brief, SHIELD[entry.brief.context.channel]))
    ]

    assert len(approved) > 1_000
    assert stopped == []


def test_the_shield_says_toxic_rightly() -> None:
    """Words and classifier together, on 400 sentences by hand: precision .95 and recall .85 at least."""
    found = [
        (one.toxic, "toxic" in violations(one.text, Facts(one.name, None, 0, None, None), SHIELD["email"]))
        for one in toxicity()
    ]
    hits = sum(toxic and said for toxic, said in found)

    assert hits / sum(said for _, said in found) >= 0.95
    assert hits / sum(toxic for toxic, _ in found) >= 0.85


def test_hostile_requests_differ() -> None:
    """10,000 attempts, each with a canary of its own."""
    attempts = hostile_requests()

    assert len(attempts) == len({one.canary for one in attempts}) == 10_000

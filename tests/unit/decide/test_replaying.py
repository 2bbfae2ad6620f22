"""Decisions made again out of their records: the same to the bit, or an error that names what is missing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import numpy as np
import pytest

from churn_saver.decide import Engine, decide_now
from churn_saver.decide.batches import decide_batch
from churn_saver.decide.replaying import Replayed, replay
from churn_saver.domain.action import Reason
from churn_saver.domain.customer import Customers
from churn_saver.domain.outcome import OutcomeKind
from churn_saver.errors import ArtifactError, Erased
from churn_saver.journey import Decider, Rules
from churn_saver.store import Control
from tests.banks import plain_bank
from tests.builders import NOON, customers, predictors
from tests.deciding import RULES, varied
from tests.trained import eager, served

Opening = Callable[..., Engine]


def again(engine: Engine, decision_id: str) -> Replayed:
    """Make a decision again with the same engine."""
    record = engine.store.decision(decision_id)
    campaign = None if record.campaign_id is None else engine.store.campaigns.get(record.campaign_id)
    return replay(record, campaign, engine.predictors, engine.rules)


def assert_same(engine: Engine, *decision_ids: str) -> None:
    """Make decisions again; every column is as recorded."""
    found = [again(engine, one) for one in decision_ids]

    assert [one.differing for one in found] == [()] * len(found)
    assert all(len(one.compared) == 23 for one in found)


def one_of(table: Customers, row: int) -> Customers:
    """Give one row of a table."""
    return table.take(np.array([row]))


def zoned(n: int) -> Customers:
    """Give customers of varied bill and risk in three zones, some of whom said something of themselves."""
    zones = ("Asia/Tokyo", None, "America/Los_Angeles")
    return replace(
        varied(n),
        names=["Sam" if row % 2 else None for row in range(n)],
        time_zones=[zones[row % 3] for row in range(n)],
        countries=[(None, "US", "RU")[row % 3] for row in range(n)],
        channels=[(None, "sms", "push", "email")[row % 4] for row in range(n)],
        contacts_last_7d=np.array([float(row % 4 == 3) for row in range(n)]),
        opted_in=[False if row % 7 == 6 else None for row in range(n)],
        churn_risk=np.where(np.arange(n) % 3 == 0, np.nan, varied(n).churn_risk),
    )


@pytest.mark.parametrize("changes", [{}, {"exploration_share": 0.5, "holdout_share": 0.3}])
def test_events_are_made_again_to_the_bit(engine_with: Opening, changes: dict[str, object]) -> None:
    """Offers, refusals, holdout, exploration, zones, later contacts of the same customers."""
    engine, table = engine_with(**changes), zoned(24)
    ids = [
        decide_now(one_of(table, row), engine, NOON + timedelta(days=day)).decision_id
        for day in (0, 3, 9)
        for row in range(24)
    ]

    assert_same(engine, *ids)


def test_a_table_is_made_again_to_the_bit(engine_with: Opening) -> None:
    """At its solved price, those withheld for want of budget included."""
    engine = engine_with(limit_minor=5_000)
    found = decide_batch(zoned(60), engine, NOON, "k", b"d" * 32)
    ids = [str(one) for columns in found.recorded for one in columns["decision_id"]]

    assert len(ids) == 60
    assert_same(engine, *ids)


def test_what_was_withheld_is_made_again(engine_with: Opening) -> None:
    """The greedy rung knows no budget: what does not fit becomes no contact, before and in the books."""
    engine = engine_with(limit_minor=5_000)
    greedy = replace(engine, rules=replace(engine.rules, decider=Decider("greedy")))
    found = decide_batch(zoned(60), greedy, NOON, "k", b"d" * 32)
    rows = [dict(zip(c, v, strict=True)) for c in found.recorded for v in zip(*c.values(), strict=True)]

    assert any(row["reasons"] == int(Reason.BUDGET) and row["intended"] for row in rows)
    assert_same(greedy, *(str(row["decision_id"]) for row in rows))


@pytest.mark.parametrize("rung", ["greedy", "random", "risk_value", "never", "propensity_rule"])
def test_every_plain_rung_is_made_again(engine_with: Opening, rung: str) -> None:
    """By whoever the record names, whoever decides now."""
    engine, table = engine_with(), zoned(12)
    then = replace(engine, rules=replace(engine.rules, decider=Decider(rung)))
    ids = [decide_now(one_of(table, row), then, NOON).decision_id for row in range(12)]

    assert_same(engine, *ids)


def test_a_trained_policy_is_made_again(engine_with: Opening) -> None:
    """With its own price and delay."""
    engine = engine_with(limit_minor=800_000)
    decider = Decider("ppo_price", replace(eager(served("full_price", 1)), version="0123456789abcdef"))
    engine = replace(engine, rules=replace(engine.rules, decider=decider))
    ids = [decide_now(one_of(zoned(8), row), engine, NOON).decision_id for row in range(8)]

    assert_same(engine, *ids)
    with pytest.raises(ArtifactError, match=r"policy ppo_price@0123456789abcdef \(here knapsack\)"):
        again(replace(engine, rules=RULES), ids[0])


def test_a_message_of_the_bank_is_made_again(engine_with: Opening) -> None:
    """Under the bank's version; another bank is named."""
    engine = engine_with()
    bank = replace(plain_bank(("email",)), version="fedcba9876543210")
    engine = replace(engine, rules=replace(engine.rules, bank=bank))
    made = decide_now(customers(), engine, NOON)

    assert made.proposals.message_sources == ["bank"]
    assert_same(engine, made.decision_id)
    other = replace(engine, rules=replace(engine.rules, bank=None))
    with pytest.raises(ArtifactError, match=r"bank bank\.fedcba9876543210 \(here bank\.none\)"):
        again(other, made.decision_id)


@pytest.mark.parametrize("control", [Control(stopped=True), Control(baseline=True)])
def test_what_was_decided_under_a_switch_is_made_again_without_it(
    engine_with: Opening, control: Control
) -> None:
    """The record says what was closed, and that no model decided."""
    engine = engine_with()
    made = decide_now(customers(), engine.obeying(control), NOON)

    assert_same(engine, made.decision_id)


def test_without_a_campaign_it_is_made_again_too(engine_with: Opening) -> None:
    """Nobody was contacted, and nothing was drawn."""
    engine = engine_with()
    engine.store.campaigns.close("spring", NOON)

    assert_same(engine, decide_now(customers(), engine, NOON).decision_id)


def test_a_live_text_is_not_made_again(engine_with: Opening) -> None:
    """Everything else is; nobody is asked to write."""
    engine = engine_with()
    draft = (
        "Hi {name}, thanks for {tenure} with us. Take {offer} off {duration} by replying by {valid_until}."
    )
    writing = replace(engine, rules=replace(engine.rules, live=lambda _: draft))
    made = decide_now(customers(), writing, NOON)
    found = again(writing, made.decision_id)

    assert made.proposals.message_sources == ["live"]
    assert found.differing == ()
    assert "message" not in found.compared


def test_other_predictors_settings_and_code_are_named(engine_with: Opening) -> None:
    """Each hash that was, and what is here instead."""
    engine = engine_with()
    name = decide_now(customers(), engine, NOON).decision_id
    record, campaign = engine.store.decision(name), engine.store.campaigns.get("spring")
    newer = replace(predictors(), version="newer")

    with pytest.raises(ArtifactError, match=r"predictors told \(here newer\)"):
        replay(record, campaign, newer, engine.rules)
    with pytest.raises(ArtifactError, match=r"predictors told \(here none\)"):
        replay(record, campaign, None, engine.rules)
    with pytest.raises(ArtifactError, match=r"settings settings\.[0-9a-f]{16} \(here settings\.other\)"):
        replay(record, campaign, engine.predictors, replace(engine.rules, settings="other"))
    with pytest.raises(ArtifactError, match=r"code 3 \(here 5\)"):
        replay(replace(record, code="3"), campaign, engine.predictors, engine.rules)


def test_a_record_outlives_a_change_of_the_deadline(engine_with: Opening) -> None:
    """Of today, and of when the deadline was among the settings: then while it is as it was."""
    engine = engine_with()
    name = decide_now(customers(), engine, NOON).decision_id
    record, campaign = engine.store.decision(name), engine.store.campaigns.get("spring")
    rules, told = engine.rules, engine.rules.serve.model_dump_json(exclude={"policy", "campaign", "guard"})
    then = sha256(f"{rules.env.model_dump_json()}\n{told}".encode()).hexdigest()[:16]
    old = replace(record, code=record.code.replace(rules.settings, then))
    patient = rules.serve.model_copy(update={"deadline_ms": rules.serve.deadline_ms + 1_000})
    waiting = Rules.of(rules.env, patient, rules.decider, rules.bank)

    assert then != rules.settings
    for one, by in ((record, rules), (record, waiting), (old, rules)):
        assert replay(one, campaign, engine.predictors, by).differing == ()
    with pytest.raises(
        ArtifactError, match=rf"settings settings\.{then} \(here settings\.{rules.settings}\)"
    ):
        replay(old, campaign, engine.predictors, waiting)


def accepted(engine: Engine, table: Customers) -> list[str]:
    """Decide, let all that were contacted accept, and decide ten days later; name the later decisions."""
    later = NOON + timedelta(days=10)
    for row in range(len(table)):
        made = decide_now(one_of(table, row), engine, NOON)
        if made.proposals.choice[0]:
            engine.store.record_outcome(made.decision_id, OutcomeKind.ACCEPTED, NOON, NOON)
    return [decide_now(one_of(table, row), engine, later).decision_id for row in range(len(table))]


def test_decisions_on_the_protected_are_made_again(engine_with: Opening) -> None:
    """What an accepted offer still protects is in the record; in a table, withheld ones included."""
    engine, table = engine_with(), zoned(12)
    ids = accepted(engine, table)

    told = [str(engine.store.decision(one).features) for one in ids]
    assert any("days_since_accepted" in one for one in told)
    assert_same(engine, *ids)


def test_what_was_decided_before_protection_counted_is_made_again_as_it_was(engine_with: Opening) -> None:
    """A record of the code before, 4: the same for whoever had accepted nothing, and still as before it."""
    engine, table = engine_with(), zoned(12)
    ids = accepted(engine, table)
    fresh = decide_now(customers(ids=["fresh"]), engine, NOON).decision_id
    campaign = engine.store.campaigns.get("spring")

    def of_four(decision_id: str) -> tuple[str, ...]:
        record = engine.store.decision(decision_id)
        before = replace(record, code="4" + record.code[1:])
        return replay(before, campaign, engine.predictors, engine.rules).differing

    assert of_four(fresh) == ()
    differing = [of_four(one) for one in ids]
    assert any("retention_prob" in one for one in differing)


def test_an_edited_record_differs_where_it_was_edited(engine_with: Opening) -> None:
    """Column by column."""
    engine = engine_with()
    name = decide_now(customers(), engine, NOON).decision_id
    record, campaign = engine.store.decision(name), engine.store.campaigns.get("spring")
    edited = replace(record, needs_minor=record.needs_minor + 1, message="Hello Sam")

    assert replay(edited, campaign, engine.predictors, engine.rules).differing == ("needs_minor", "message")


def test_an_erased_decision_cannot_be_made_again(engine_with: Opening) -> None:
    """What it was decided on is gone with the customer."""
    engine = engine_with()
    name = decide_now(customers(), engine, NOON).decision_id
    engine.store.erase("C00000", NOON)

    with pytest.raises(Erased, match=r"cannot be made again: its customer was erased"):
        again(engine, name)

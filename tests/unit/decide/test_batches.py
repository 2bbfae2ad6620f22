"""A table as one request: recorded once under its key, within the budget."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from churn_saver.decide import Engine
from churn_saver.decide.assigning import Challenge, Deciding, arms
from churn_saver.decide.batches import Batch, decide_batch
from churn_saver.decide.beside import Beside
from churn_saver.decide.tables import worked_out
from churn_saver.domain.action import NO_CONTACT, Reason
from churn_saver.domain.versions import Version
from churn_saver.errors import AnswerMismatch, CampaignError
from churn_saver.journey import Decider
from tests.builders import NOON, predictors
from tests.deciding import reserved, silent, varied
from tests.shadowing import Told

DIGEST, OTHER = b"a" * 32, b"b" * 32


def names(found: Batch) -> list[object]:
    """Give the names of the decisions, in order."""
    return [name for columns in found.recorded for name in columns["decision_id"]]


def test_a_table_is_recorded_once(engine_with: Callable[..., Engine]) -> None:
    """Asked for again, days later: the same decisions."""
    engine = engine_with(limit_minor=20_000)
    first = decide_batch(varied(80), engine, NOON, "k", DIGEST)
    again = decide_batch(varied(80), engine, NOON + timedelta(hours=47), "k", DIGEST)

    assert (len(names(first)), first.is_repeated) == (80, False)
    assert (names(again), again.is_repeated) == (names(first), True)
    assert reserved(engine.store) == sum(sum(map(int, map(str, c["needs_minor"]))) for c in first.recorded)
    with pytest.raises(AnswerMismatch, match="used for another request"):
        decide_batch(varied(79), engine, NOON, "k", OTHER)


def test_two_weeks_later_a_key_is_new(engine_with: Callable[..., Engine]) -> None:
    """The same table, or another one: decided anew, and the answer is what was decided now."""
    engine = engine_with()
    first = decide_batch(varied(10), engine, NOON, "monday", DIGEST)
    later = NOON + timedelta(days=14)
    second = decide_batch(varied(10), engine, later, "monday", DIGEST)
    third = decide_batch(varied(12), engine, later + timedelta(days=14), "monday", OTHER)

    assert [found.is_repeated for found in (first, second, third)] == [False] * 3
    assert [len(names(found)) for found in (first, second, third)] == [10, 10, 12]
    assert len({*names(first), *names(second), *names(third)}) == 32
    assert {at for columns in second.recorded for at in columns["decided_at"]} == {later}


def test_what_is_refused_is_withheld_in_the_same_transaction(engine_with: Callable[..., Engine]) -> None:
    """The budget goes while the table is worked out, and there is no second write that a kill could lose."""
    engine = engine_with()
    broke = replace(engine, store=Broke(engine))  # type: ignore[arg-type]
    found = decide_batch(varied(10), broke, NOON, "k", DIGEST)
    again = decide_batch(varied(10), engine, NOON, "k", DIGEST)
    (columns,) = found.recorded

    assert broke.store.settled == 1  # type: ignore[attr-defined]
    assert set(columns["choice"]) == {NO_CONTACT}
    assert int(Reason.BUDGET) in columns["reasons"]
    assert (names(again), again.is_repeated, len(names(found))) == (names(found), True, 10)


class Broke:
    """A ledger whose budget is gone just before the settlement."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self.settled = engine, 0

    def __getattr__(self, name: str) -> object:
        """Ask the real books."""
        return getattr(self._engine.store, name)

    def settle_table(self, *args: object, **named: object) -> object:
        """Take the money away first."""
        self.settled += 1
        self._engine.store.campaigns.set_limit("spring", 0, NOON)
        return self._engine.store.settle_table(*args, **named)  # type: ignore[arg-type]


def test_whatever_is_wanted_the_budget_holds(engine_with: Callable[..., Engine]) -> None:
    """The greedy rung wants more than 50.00; everybody is recorded, and the limit is nearly used up."""
    engine = engine_with(limit_minor=5_000)
    greedy = replace(engine, rules=replace(engine.rules, decider=Decider("greedy")))
    found = decide_batch(varied(60), greedy, NOON, "k", DIGEST)

    assert len(names(found)) == 60
    assert 4_000 < reserved(engine.store) <= 5_000


def test_who_is_not_due_is_left_out(engine_with: Callable[..., Engine]) -> None:
    """An hour later nobody is; nothing is recorded, and the answer is empty."""
    engine = engine_with()
    decide_batch(varied(10), engine, NOON, "k", DIGEST)
    found = decide_batch(varied(10), engine, NOON + timedelta(hours=1), "other", DIGEST)

    assert (names(found), found.is_repeated) == ([], False)


def test_an_answer_outlives_its_campaign(engine_with: Callable[..., Engine]) -> None:
    """What was recorded is told; a new table is refused."""
    engine = engine_with()
    first = decide_batch(varied(10), engine, NOON, "k", DIGEST)
    engine.store.campaigns.close("spring", NOON)

    assert names(decide_batch(varied(10), engine, NOON, "k", DIGEST)) == names(first)
    with pytest.raises(CampaignError, match="no campaign is open"):
        decide_batch(varied(10), engine, NOON, "other", DIGEST)


def test_who_was_decided_in_between_is_withheld_or_left_alone(engine_with: Callable[..., Engine]) -> None:
    """The table was planned on what was known before: nobody is contacted twice."""
    engine = engine_with()
    racing = replace(engine, store=Racing(engine, varied(30)))  # type: ignore[arg-type]
    found = decide_batch(varied(30), racing, NOON, "k", DIGEST)
    contacts = [choice for columns in engine.store.records() for choice in columns["choice"]]

    assert names(found) == []
    assert 0 < sum(choice != NO_CONTACT for choice in contacts) <= 30
    assert len(contacts) == 30


class Racing:
    """A ledger in which somebody else decides for the same customers just before the settlement."""

    def __init__(self, engine: Engine, table: object) -> None:
        self._engine, self._table, self._done = engine, table, False

    def __getattr__(self, name: str) -> object:
        """Ask the real books."""
        return getattr(self._engine.store, name)

    def settle_table(self, *args: object, **named: object) -> object:
        """Let the other one go first."""
        if not self._done:
            self._done = True
            decide_batch(self._table, self._engine, NOON, "first", DIGEST)  # type: ignore[arg-type]
        return self._engine.store.settle_table(*args, **named)  # type: ignore[arg-type]


def test_a_switch_that_was_thrown_meanwhile_holds(engine_with: Callable[..., Engine]) -> None:
    """While the table was worked out all was stopped: everybody is recorded, nobody is contacted."""
    engine = engine_with()
    engine.store.set_control(False, True, "ops", NOON)
    (columns,) = decide_batch(varied(20), engine, NOON, "k", DIGEST).recorded

    assert set(columns["choice"]) == {NO_CONTACT}
    assert any(int(str(one)) & Reason.STOPPED for one in columns["reasons"])
    assert (reserved(engine.store), engine.store.outbox.queue(NOON).waiting) == (0, 0)


def test_a_no_is_kept_of_those_who_are_left_out_too(engine_with: Callable[..., Engine]) -> None:
    """The next day's table says no of four: of two who are not due and of two who are new; then of all."""
    engine, table = engine_with(), varied(6)
    decide_batch(table.take(np.arange(4)), engine, NOON, "k", DIGEST)
    said = replace(table, opted_in=[False, False, None, None, False, False])
    decide_batch(said, engine, NOON + timedelta(hours=1), "other", OTHER)

    assert engine.store.unwanted().opted_out == 4

    decide_batch(replace(table, opted_in=[False] * 6), engine, NOON + timedelta(hours=2), "third", b"c" * 32)

    assert engine.store.unwanted().opted_out == 6


def test_nobody_writes_live_for_a_table(engine_with: Callable[..., Engine]) -> None:
    """The last customer would wait for all the others: messages come from bank and code."""
    engine = engine_with()

    def writing(_: object) -> str:
        raise AssertionError("nobody is to be asked")

    live = replace(engine, rules=replace(engine.rules, live=writing))
    found = decide_batch(varied(5), live, NOON, "k", DIGEST)

    assert "live" not in {source for columns in found.recorded for source in columns["message_source"]}


RIVAL = Deciding("c" * 64, predictors(0.3), Decider("greedy"))


def rows(found: Batch, name: str) -> list[object]:
    """Give a column of all rows."""
    return [value for columns in found.recorded for value in columns[name]]


def test_a_challenger_decides_for_its_share_of_a_table(engine_with: Callable[..., Engine]) -> None:
    """The same customers as of single requests; each version with its own scores, price and settlement."""
    engine = engine_with(limit_minor=30_000)
    challenge = Challenge(RIVAL, 0.3)
    table = varied(90)
    unscored = replace(table, churn_risk=np.full(90, np.nan))
    found = decide_batch(unscored, replace(engine, challenge=challenge), NOON, "k", DIGEST)
    again = decide_batch(unscored, replace(engine, challenge=challenge), NOON, "k", DIGEST)
    spring = engine.store.campaigns.get("spring")
    theirs = [challenge.decides_for(str(one), spring) for one in rows(found, "customer_id")]

    assert 15 < sum(theirs) < 45
    assert rows(found, "policy") == ["greedy" if own else "knapsack" for own in theirs]
    assert rows(found, "churn_risk") == [0.3 if own else 0.6 for own in theirs]
    assert theirs == sorted(theirs)
    assert (names(again), again.is_repeated) == (names(found), True)
    assert reserved(engine.store) <= 30_000
    engine.store.verify_chain("spring")


def test_each_version_has_as_much_money_for_a_customer(engine_with: Callable[..., Engine]) -> None:
    """Both greedy, and far too little for all: a third of the customers has a third of what is reserved.

    It is decided as by each version alone over its own customers, with that part of the money.
    """
    engine = engine_with(limit_minor=12_000)
    greedy = replace(engine, rules=replace(engine.rules, decider=Decider("greedy")))
    challenge = Challenge(replace(RIVAL, predictors=engine.predictors), 0.33)
    table, spring = varied(120), engine.store.campaigns.get("spring")
    wanted: dict[str, int] = {}
    for arm in arms(table, challenge, spring):
        alone = worked_out(arm.customers, greedy, spring, NOON, silent, 10_000, arm.of_customers)
        for part in alone.proposals(silent):
            wanted |= dict(zip(part.customer_ids, part.choice.tolist(), strict=True))
    found = decide_batch(table, replace(greedy, challenge=challenge), NOON, "k", DIGEST)
    spent = {True: 0, False: 0}
    for one, minor in zip(rows(found, "customer_id"), rows(found, "needs_minor"), strict=True):
        spent[challenge.decides_for(str(one), spring)] += int(str(minor))
    heads = sum(challenge.decides_for(one, spring) for one in table.ids)

    assert dict(zip(rows(found, "customer_id"), rows(found, "choice"), strict=True)) == wanted
    assert spent[True] <= 12_000 * heads // 120
    assert spent[True] > 0.7 * 12_000 * heads / 120
    assert sum(spent.values()) == reserved(engine.store) <= 12_000


def test_a_shadow_is_asked_about_a_table_and_changes_nothing(engine_with: Callable[..., Engine]) -> None:
    """With a challenger beside: every recorded row has one, once, of whichever version it is."""
    engine, version = engine_with(limit_minor=30_000), Version("never", {})
    engine.store.registry.register(version, "", "test", NOON)
    challenged = replace(engine, challenge=Challenge(RIVAL, 0.3))
    told = Told()
    beside = Beside(told, 60.0, pause_seconds=0.0)
    never = Deciding(version.digest, predictors(), Decider("never"))
    shadowed = replace(challenged, shadow=never, beside=beside)
    first, second = varied(60), replace(varied(60), ids=[f"D{n}" for n in range(60)])
    found = decide_batch(first, shadowed, NOON, "k", DIGEST)
    decide_batch(first, shadowed, NOON, "k", DIGEST)
    decide_batch(second, challenged, NOON, "other", OTHER)

    assert beside.settle(60.0)
    beside.close()
    kept = engine.store.shadows.of("spring", version.digest)
    assert list(kept.shadowed.decision_ids) == names(found)
    assert set(kept.shadowed.choice.tolist()) == {NO_CONTACT}
    assert kept.shadowed.probability.tolist() == [float(one == NO_CONTACT) for one in rows(found, "intended")]
    assert kept.needs_minor.tolist() == rows(found, "needs_minor")
    assert (sum(told.kept), told.missed) == (60, [])


def test_a_shadow_that_fails_leaves_the_table_as_it_is(engine_with: Callable[..., Engine]) -> None:
    """It has no predictors, so another would sit in its place: counted by decisions, and nothing is kept."""
    engine, told = engine_with(), Told()
    beside = Beside(told, 60.0, pause_seconds=0.0)
    broken = replace(engine, shadow=Deciding("d" * 64, None, Decider("greedy")), beside=beside)
    found = decide_batch(varied(12), broken, NOON, "k", DIGEST)

    assert beside.settle(60.0)
    beside.close()
    assert len(names(found)) == 12
    assert told.missed == [(12, "raised", "ArtifactError")]
    assert engine.store.shadows.tallies() == {}

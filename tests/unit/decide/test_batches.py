"""A table as one request: recorded once under its key, within the budget."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from churn_saver.decide import Engine
from churn_saver.decide.batches import Batch, decide_batch
from churn_saver.domain.action import NO_CONTACT
from churn_saver.errors import AnswerMismatch, CampaignError
from churn_saver.journey import Decider
from tests.builders import NOON
from tests.deciding import reserved, varied

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

    def settle(self, *args: object) -> object:
        """Let the other one go first."""
        if not self._done:
            self._done = True
            decide_batch(self._table, self._engine, NOON, "first", DIGEST)  # type: ignore[arg-type]
        return self._engine.store.settle(*args)  # type: ignore[arg-type]


def test_nobody_writes_live_for_a_table(engine_with: Callable[..., Engine]) -> None:
    """The last customer would wait for all the others: messages come from bank and code."""
    engine = engine_with()

    def writing(_: object) -> str:
        raise AssertionError("nobody is to be asked")

    live = replace(engine, rules=replace(engine.rules, live=writing))
    found = decide_batch(varied(5), live, NOON, "k", DIGEST)

    assert "live" not in {source for columns in found.recorded for source in columns["message_source"]}

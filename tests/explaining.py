"""Recorded decisions to explain: an engine with tiny predictors, one decision, and its premises."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from churn_saver.decide import Engine, decide_now
from churn_saver.decide.explaining import explain
from churn_saver.decide.rebuilding import Premises, premises_of
from churn_saver.domain.customer import Customers
from churn_saver.evidence.explanation import Change, Explanation, Kind
from tests.builders import NOON, customers
from tests.deciding import opened
from tests.tiny_predictors import tiny_predictors


@contextmanager
def tiny_engine(folder: Path, **campaign: object) -> Iterator[Engine]:
    """Open an engine with tiny predictors on an empty ledger with one campaign."""
    engine = replace(opened(folder, **campaign), predictors=tiny_predictors())
    with engine.store:
        yield engine


def decided(engine: Engine, who: Customers | None = None, now: datetime = NOON) -> str:
    """Decide for one customer, and give the name of the decision."""
    return decide_now(customers() if who is None else who, engine, now).decision_id


def explained(engine: Engine, decision_id: str) -> Explanation:
    """Explain a decision with the engine that made it."""
    record = engine.store.decision(decision_id)
    campaign = None if record.campaign_id is None else engine.store.campaigns.get(record.campaign_id)
    return explain(record, campaign, engine.predictors, engine.rules)


def premises(engine: Engine, decision_id: str) -> Premises:
    """Rebuild what a decision was made on."""
    record = engine.store.decision(decision_id)
    campaign = None if record.campaign_id is None else engine.store.campaigns.get(record.campaign_id)
    return premises_of(record, campaign, engine.predictors, engine.rules)


def one_change(found: Explanation, kind: Kind, what: str | None = None) -> Change:
    """Give the one change of a kind, and of an input."""
    (change,) = [one for one in found.changes if one.kind is kind and what in (None, one.what)]
    return change

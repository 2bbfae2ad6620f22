"""A table that came as one request: worked out in memory at one price, recorded once under a key.

What is recorded is one settlement, all rows or none; what the books refuse of it becomes no contact, as
in a plan's commit. The answer is read back from the books, so that whoever asks again under the key gets
the same, whatever has happened since. Writes no file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from churn_saver.decide.event import Engine
from churn_saver.decide.fitting import withheld
from churn_saver.decide.tables import worked_out
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import Customers
from churn_saver.errors import CampaignError
from churn_saver.store import Answer, Answering, Columns

MOST_ROWS = 10_000
"""Recorded in one transaction: other writers wait for about a second."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What stands in the books under a key."""

    campaign: Campaign
    recorded: Sequence[Columns]
    """By the names of `DecisionRecord`."""
    is_repeated: bool
    """It stood there before."""


def decide_batch(customers: Customers, engine: Engine, now: datetime, key: str, digest: bytes) -> Batch:
    """Decide for a table and record it, once per key; who is not due is left out.

    Args:
        customers: At most `MOST_ROWS`, without doubles.
        engine: Store, predictors, rules.
        now: Aware, UTC.
        key: Names the request.
        digest: SHA-256 of the request, (32,).

    Raises:
        AnswerMismatch: the key belongs to another request.
        CampaignError: no campaign is open.
        InputError: a table too large for who decides.
    """
    store = engine.store
    campaign = store.campaigns.current(now)
    if store.answer(key, digest, now) is not None:
        return _read(engine, campaign, key, is_repeated=True)
    if campaign is None:
        raise CampaignError(
            "no campaign is open. Open one: churn-saver campaign open --id spring --limit 5000"
        )
    # Nobody writes live for a table: the last customer would wait for all the others.
    engine = replace(engine, rules=replace(engine.rules, live=None))
    parts = list(worked_out(customers, engine, campaign, now, _silent, MOST_ROWS).proposals(_silent))
    answering = Answering(key, digest, lambda _: Answer(200, b""), is_table=True)
    proposals = parts[0] if parts else None
    if proposals is None:
        return Batch(campaign, [], is_repeated=False)
    first = store.settle(campaign.campaign_id, proposals, now, key, answering)
    if not first.is_repeated and first.refused.any():
        rows = np.flatnonzero(first.refused)
        store.settle(campaign.campaign_id, withheld(proposals, first, rows), now, f"{key}:withheld")
    return _read(engine, campaign, key, first.is_repeated)


def _read(engine: Engine, campaign: Campaign | None, key: str, is_repeated: bool) -> Batch:
    recorded = list(engine.store.records(key_prefix=key))
    if recorded and (campaign_id := recorded[0]["campaign_id"][0]) is not None:
        campaign = engine.store.campaigns.get(str(campaign_id))
    if campaign is None:
        raise CampaignError("no campaign is open, and nothing was recorded under this key")
    return Batch(campaign, recorded, is_repeated)


def _silent(what: str, done: int, total: int) -> None:
    """Show nothing: whoever asked waits for the answer."""

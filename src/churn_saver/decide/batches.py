"""A table that came as one request: worked out in memory at one price, recorded once under a key.

What is recorded is one settlement, all rows or none; what the books refuse of it becomes no contact in the
same transaction. The answer is read back from the books, so that whoever asks again under the key gets the
same, whatever has happened since. Writes no file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from churn_saver.decide.engine import Engine
from churn_saver.decide.event import said_no
from churn_saver.decide.laddering import Descent
from churn_saver.decide.tables import worked_out
from churn_saver.domain.artefacts import Artefact
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import Customers
from churn_saver.domain.proposal import Proposals
from churn_saver.errors import CampaignError
from churn_saver.store import Answer, Answering, DecisionColumns

MOST_ROWS = 10_000
"""Recorded in one transaction: other writers wait for about a second."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What stands in the books of a request."""

    campaign: Campaign
    recorded: Sequence[DecisionColumns]
    """By the names of `DecisionRecord`."""
    is_repeated: bool
    """It stood there before."""


def decide_batch(customers: Customers, engine: Engine, now: datetime, key: str, digest: bytes) -> Batch:
    """Decide for a table and record it, once per key while it is remembered; who is not due is left out.

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
    if (told := store.answer(key, digest, now)) is not None:
        return _read(engine, campaign, told, is_repeated=True)
    if campaign is None:
        raise CampaignError(
            "no campaign is open. Open one: churn-saver campaign open --id spring --limit 5000"
        )
    # Nobody writes live for a table: the last customer would wait for all the others.
    descent = Descent(engine.means.without(Artefact.LIVE))
    parts = descent.by(lambda own: _parts(customers, engine.using(own), campaign, now))
    answering = Answering(key, digest, lambda _: Answer(200, b""), is_table=True)
    proposals = parts[0] if parts else None
    if proposals is None:
        store.opt_out_all(said_no(customers), now)
        return Batch(campaign, [], is_repeated=False)
    made = store.settle(
        campaign.campaign_id, proposals, now, answers=[answering], withholds=True, said_no=said_no(customers)
    )
    return _read(engine, campaign, store.answer(key, digest, now), made.is_repeated)


def _parts(customers: Customers, engine: Engine, campaign: Campaign, now: datetime) -> list[Proposals]:
    return list(worked_out(customers, engine, campaign, now, _silent, MOST_ROWS).proposals(_silent))


def _read(engine: Engine, campaign: Campaign | None, told: Answer | None, is_repeated: bool) -> Batch:
    settled = None if told is None else told.settlement
    recorded = [] if settled is None else list(engine.store.records(settlement=settled))
    if recorded and (campaign_id := recorded[0]["campaign_id"][0]) is not None:
        campaign = engine.store.campaigns.get(str(campaign_id))
    if campaign is None:
        raise CampaignError("no campaign is open, and nothing was recorded under this key")
    return Batch(campaign, recorded, is_repeated)


def _silent(what: str, done: int, total: int) -> None:
    """Show nothing: whoever asked waits for the answer."""

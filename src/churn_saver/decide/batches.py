"""A table that came as one request: worked out in memory, recorded once under a key.

Each version decides for its own customers, at one price over them and with their share of the money by
heads, as in a plan (`planning`). What is recorded is one transaction, all rows or none, budget and caps held
over all of them; what the books refuse of it becomes no contact in it. The answer is read back from the
books, so that whoever asks again under the key gets the same, whatever has happened since. Writes no file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from churn_saver.decide.assigning import Arm, Deciding, arms
from churn_saver.decide.engine import Engine
from churn_saver.decide.event import said_no
from churn_saver.decide.laddering import Descent, Means
from churn_saver.decide.shadowing import of_table
from churn_saver.decide.tables import WorkedOut, worked_out
from churn_saver.domain.artefacts import Artefact
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import Customers
from churn_saver.domain.proposal import Proposals, Settlement
from churn_saver.domain.shadows import Shadowed
from churn_saver.errors import CampaignError
from churn_saver.store import Answer, Answering, DecisionColumns

MOST_ROWS = 10_000
"""Recorded in one transaction: other writers wait for about a second."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What stands in the books of a request."""

    campaign: Campaign
    recorded: Sequence[DecisionColumns]
    """By the names of `DecisionRecord`, the rows of one version together, the champion's first."""
    is_repeated: bool
    """It stood there before."""


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of one version."""

    table: WorkedOut
    proposals: Proposals
    engine: Engine


def decide_batch(customers: Customers, engine: Engine, now: datetime, key: str, digest: bytes) -> Batch:
    """Decide for a table and record it, once per key while it is remembered; who is not due is left out.

    Where nobody is due nothing is recorded, and the key stays free: sent again later, it decides then.

    Args:
        customers: At most `MOST_ROWS`, without doubles.
        engine: Store, predictors, rules; a challenger decides for its share of the customers.
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
    parts = _parts(customers, engine, campaign, now)
    if not parts:
        store.opt_out_all(said_no(customers), now)
        return Batch(campaign, [], is_repeated=False)
    answering = Answering(key, digest, lambda _: Answer(200, b""), is_table=True)
    proposals = [part.proposals for part in parts]
    made = store.settle_table(campaign.campaign_id, proposals, now, answering, said_no(customers))
    is_repeated = made[0].is_repeated
    for part, settlement in zip(parts, () if is_repeated else made, strict=False):
        recorded = sum(map(bool, settlement.decision_ids))
        part.engine.shows(recorded, partial(_shadowed, part, settlement))
    return _read(engine, campaign, store.answer(key, digest, now), is_repeated)


def _parts(customers: Customers, engine: Engine, campaign: Campaign, now: datetime) -> list[_Part]:
    """Decide for the customers of each version; nothing of one who has nobody that is due."""
    parts = []
    for arm in arms(customers, engine.challenge, campaign):
        own = engine if arm.challenger is None else engine.led_by(arm.challenger)
        # Nobody writes live for a table: the last customer would wait for all the others.
        descent = Descent(own.means.without(Artefact.LIVE))
        parts += descent.by(partial(_decided, arm, own, campaign, now))
    return parts


def _decided(arm: Arm, engine: Engine, campaign: Campaign, now: datetime, means: Means) -> list[_Part]:
    """Decide for the customers of one version with what can be used."""
    using = engine.using(means)
    table = worked_out(arm.customers, using, campaign, now, _silent, MOST_ROWS, arm.of_customers)
    return [_Part(table, made, using) for made in table.proposals(_silent)]


def _shadowed(part: _Part, settlement: Settlement, shadow: Deciding) -> list[Shadowed]:
    """Ask a shadow about the rows of one version, once they are settled."""
    (found,) = of_table(part.table, shadow, part.engine.means, [part.proposals.intended])
    return [found.named(settlement.decision_ids).recorded()]


def _read(engine: Engine, campaign: Campaign | None, told: Answer | None, is_repeated: bool) -> Batch:
    settled = None if told is None else told.settlement
    recorded = [] if settled is None else list(engine.store.records_of_table(settled))
    if recorded and (campaign_id := recorded[0]["campaign_id"][0]) is not None:
        campaign = engine.store.campaigns.get(str(campaign_id))
    if campaign is None:
        raise CampaignError("no campaign is open, and nothing was recorded under this key")
    return Batch(campaign, recorded, is_repeated)


def _silent(what: str, done: int, total: int) -> None:
    """Show nothing: whoever asked waits for the answer."""

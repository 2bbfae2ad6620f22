"""One request, settled at once."""

from dataclasses import dataclass
from datetime import datetime

from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import Customers
from churn_saver.domain.proposal import Proposals
from churn_saver.errors import LedgerError
from churn_saver.journey import Rules, Situation, retain, seated
from churn_saver.store import Store
from churn_saver.tabular.predictors import Predictors

ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Engine:
    """All that decisions are made with."""

    store: Store
    predictors: Predictors | None
    """None: the propensity rule decides."""
    rules: Rules
    notes: tuple[str, ...] = ()
    """What decisions are made without, one sentence each; a plan keeps them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One settled decision."""

    decision_id: str
    proposals: Proposals
    """Of one row."""
    campaign: Campaign | None
    degraded: tuple[str, ...] = ()
    """Codes of what this very decision had to do without, as they appear in responses."""


def decide_now(customers: Customers, engine: Engine, now: datetime) -> Outcome:
    """Decide and settle for one customer.

    A refusal (the budget went to somebody else, another call contacted the customer) is answered
    with what still fits; the last attempt asks for no money at all, so that it cannot be refused.

    Args:
        customers: One row.
        engine: Store, predictors, rules.
        now: Aware, UTC.

    Raises:
        LedgerError: other calls for this very customer kept coming in between.
        ConfigError: the rung that decides lacks a package.
    """
    for attempt in range(ATTEMPTS):
        known = engine.store.read(_campaign_id(engine.store, now), customers.ids, now)
        free_minor = known.free_minor if attempt < ATTEMPTS - 1 else 0
        situation = Situation(known.history, known.campaign, free_minor, now)
        seat = seated(engine.rules, known.campaign, engine.predictors)
        proposals = retain(customers, situation, engine.predictors, seat.price, seat.rules)
        campaign_id = known.campaign.campaign_id if known.campaign else None
        settlement = engine.store.settle(campaign_id, proposals, now)
        if not settlement.refused.any():
            return Outcome(settlement.decision_ids[0], proposals, known.campaign, seat.degraded)
    raise LedgerError(
        f"{ATTEMPTS} attempts were each overtaken by another decision for the same customer; "
        "nothing was recorded. Send the request again."
    )


def _campaign_id(store: Store, now: datetime) -> str | None:
    campaign = store.campaigns.current(now)
    return campaign.campaign_id if campaign else None

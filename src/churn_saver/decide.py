"""Read, retain, settle: the only caller of the journey, for one request and for a million rows.

A request is settled at once; what the ledger refuses is decided once more with what still fits.
A table is planned first: the price of budget is solved over all rows, every proposal is written
to a plan, and a commit settles the plan part by part under keys, so that a commit that was killed
goes on where it stopped and nothing is reserved twice. What was approved is what is sent: a
planned contact that no longer fits becomes no contact, never another offer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import NO_CONTACT, Reason
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import Customers
from churn_saver.domain.proposal import Proposals, Settlement
from churn_saver.errors import CampaignError, LedgerError
from churn_saver.journey import Appraisal, Rules, Situation, appraise, propose, retain
from churn_saver.policy import knapsack
from churn_saver.store import Store
from churn_saver.tabular.predictors import Predictors

ATTEMPTS = 4
PART_ROWS = 5_000
"""Rows settled in one transaction: short enough that a request waits for milliseconds."""

Progress = Callable[[str, int, int], None]
"""Called with what is done, how much of it, and of how much."""


@dataclass(frozen=True, slots=True)
class Engine:
    """All that decisions are made with."""

    store: Store
    predictors: Predictors | None
    """None: the propensity rule decides."""
    rules: Rules


@dataclass(frozen=True, slots=True)
class Outcome:
    """One settled decision."""

    decision_id: str
    proposals: Proposals
    """Of one row."""
    campaign: Campaign | None


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
    """
    for attempt in range(ATTEMPTS):
        known = engine.store.read(_campaign_id(engine.store, now), customers.ids, now)
        free_minor = known.free_minor if attempt < ATTEMPTS - 1 else 0
        situation = Situation(known.history, known.campaign, free_minor, now)
        price = known.campaign.price if known.campaign else 0.0
        proposals = retain(customers, situation, engine.predictors, price, engine.rules)
        campaign_id = known.campaign.campaign_id if known.campaign else None
        settlement = engine.store.settle(campaign_id, proposals, now)
        if not settlement.refused.any():
            return Outcome(settlement.decision_ids[0], proposals, known.campaign)
    raise LedgerError(
        f"{ATTEMPTS} attempts were each overtaken by another decision for the same customer; "
        "nothing was recorded. Send the request again."
    )


def _campaign_id(store: Store, now: datetime) -> str | None:
    campaign = store.campaigns.current(now)
    return campaign.campaign_id if campaign else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done for a table, before anything is reserved."""

    campaign_id: str
    price: float
    """λ solved over the table."""
    bound_minor: float
    """LP bound of the gain, minor units."""
    free_minor: int
    """Budget that was free when the plan was made."""
    not_due: int
    """Rows left out because their next decision is later."""
    parts: Iterator[Proposals]
    """Proposals of up to `PART_ROWS` rows, made as they are asked for."""


def plan(customers: Customers, engine: Engine, now: datetime, progress: Progress) -> Plan:
    """Appraise a table, solve the price of budget over it, and propose part by part.

    Args:
        customers: The table.
        engine: Store, predictors, rules.
        now: Aware, UTC.
        progress: Told how far it is.

    Raises:
        CampaignError: no campaign is open.
    """
    campaign_id = _campaign_id(engine.store, now)
    if campaign_id is None:
        raise CampaignError("no campaign is open; run: churn-saver campaign open --limit 5000")
    appraisals, not_due, free_minor = [], 0, 0
    for start in range(0, len(customers), PART_ROWS):
        rows = np.arange(start, min(start + PART_ROWS, len(customers)))
        known = engine.store.read(campaign_id, [customers.ids[i] for i in rows], now)
        due = np.flatnonzero(known.history.due)
        not_due, free_minor = not_due + len(rows) - len(due), known.free_minor
        situation = Situation(known.history.take(due), known.campaign, known.free_minor, now)
        appraisals.append(appraise(customers.take(rows[due]), situation, engine.predictors, engine.rules))
        progress("scoring", start + len(rows), len(customers))
    price, bound = _solve(appraisals, free_minor)
    return Plan(
        campaign_id, price, bound, free_minor, not_due, _parts(appraisals, price, engine.rules, progress)
    )


def _solve(appraisals: list[Appraisal], free_minor: int) -> tuple[float, float]:
    """Solve λ over all rows; the propensity rule has no worth to solve over: price 0."""
    valued = [a for a in appraisals if a.values is not None and len(a.customers)]
    if not valued:
        return 0.0, 0.0
    solved = knapsack.solve(
        np.concatenate([a.values.gain for a in valued if a.values]),
        np.concatenate([a.costs_minor for a in valued]),
        np.concatenate([a.competing for a in valued]),
        free_minor,
    )
    return solved.price, solved.bound


def _parts(
    appraisals: list[Appraisal], price: float, rules: Rules, progress: Progress
) -> Iterator[Proposals]:
    total, done = sum(len(a.customers) for a in appraisals), 0
    for appraisal in appraisals:
        if len(appraisal.customers):
            yield propose(appraisal, price, rules)
        done += len(appraisal.customers)
        progress("writing messages", done, total)


@dataclass(frozen=True, slots=True)
class Committed:
    """What became of a plan."""

    recorded: int
    contacts: int
    withheld: int
    """Planned contacts that no longer fitted and became no contact."""
    overtaken: int
    """Rows that another decision came in between for; that decision stands."""


def commit_part(store: Store, campaign_id: str, key: str, proposals: Proposals, now: datetime) -> Committed:
    """Settle one part of a plan, once, however often it is called with the same key.

    Args:
        store: The books.
        campaign_id: Campaign of the plan.
        key: Names plan and part.
        proposals: Of the part.
        now: Aware, UTC.
    """
    first = store.settle(campaign_id, proposals, now, key)
    refused = np.flatnonzero(first.refused)
    contacts = int((proposals.choice[first.refused == 0] != NO_CONTACT).sum())
    if not len(refused):
        return Committed(len(proposals), contacts, 0, 0)
    second = store.settle(campaign_id, _withheld(proposals, refused, first), now, f"{key}:withheld")
    overtaken = int((second.refused != 0).sum())
    withheld = len(refused) - overtaken
    return Committed(len(proposals) - overtaken, contacts, withheld, overtaken)


def _withheld(proposals: Proposals, rows: NDArray[np.int64], first: Settlement) -> Proposals:
    """Turn the refused rows into no contact, for the reason the ledger gave."""
    taken, n = proposals.take(rows), len(rows)
    nothing = np.zeros(n, dtype=np.int64)
    reasons = first.refused[rows] & ~int(Reason.STATE_UNREADABLE)
    return replace(
        taken,
        choice=nothing.astype(np.int8),
        reasons=np.where(reasons == 0, int(Reason.BUDGET), reasons),
        retention_prob=1 - taken.churn_risk,
        message_probability=np.full(n, np.nan),
        needs_minor=nothing,
        contact_minor=nothing,
        texts=[None] * n,
        message_sources=["none"] * n,
        send_at=[None] * n,
        valid_until=[None] * n,
        expires_on=[None] * n,
    )

"""A whole table: planned, then committed part by part.

What was approved is what is sent: a planned contact that no longer fits becomes no contact,
never another offer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from churn_saver.adapters import plans
from churn_saver.decide.event import Engine
from churn_saver.domain.action import NO_CONTACT, Reason
from churn_saver.domain.customer import Customers
from churn_saver.domain.proposal import Proposals, Settlement
from churn_saver.errors import CampaignError, InputError
from churn_saver.journey import Appraisal, Situation, appraise, propose
from churn_saver.policy import knapsack
from churn_saver.store import Store

PART_ROWS = 5_000
"""Rows settled in one transaction: short enough that a request waits for milliseconds."""

Progress = Callable[[str, int, int], None]
"""Called with what is done, how much of it, and of how much."""


def plan(
    customers: Customers,
    engine: Engine,
    folder: Path,
    now: datetime,
    progress: Progress,
    table_sha256: str,
    part_rows: int = PART_ROWS,
) -> plans.PlanIndex:
    """Appraise a table, solve the price of budget over it, and write every proposal to a folder.

    Nothing is reserved and nothing is queued. Customers who are not due are left out and counted.

    Args:
        customers: The table.
        engine: Store, predictors, rules.
        folder: Where the plan goes.
        now: Aware, UTC.
        progress: Told how far it is.
        table_sha256: Of the table's file, so that a plan is not taken up for another table.
        part_rows: Rows settled in one transaction.

    Raises:
        CampaignError: no campaign is open.
    """
    campaign = engine.store.campaigns.current(now)
    if campaign is None:
        raise CampaignError("no campaign is open; run: churn-saver campaign open --limit 5000")
    appraisals = _appraised(customers, engine, campaign.campaign_id, now, progress, part_rows)
    free_minor = min((a.situation.free_minor for a in appraisals), default=0)
    solved = _solve(appraisals, free_minor)
    total, done = sum(len(a.customers) for a in appraisals), 0
    parts: list[plans.PartFile] = []
    for appraisal in appraisals:
        rows = slice(done, done + len(appraisal.customers))
        done = rows.stop
        if len(appraisal.customers):
            proposals = propose(appraisal, solved.price or 0.0, engine.rules, solved.row_prices[rows])
            parts.append(plans.write_part(folder, len(parts), proposals))
            progress("writing messages", done, total)
    index = plans.PlanIndex(
        plan_id=plans.plan_id_of(tuple(parts)),
        campaign_id=campaign.campaign_id,
        made_at=now.isoformat(),
        price=solved.price,
        bound_minor=solved.bound_minor,
        free_minor=free_minor,
        not_due=len(customers) - total,
        table_sha256=table_sha256,
        parts=tuple(parts),
    )
    plans.write_index(folder, index)
    return index


def _appraised(
    customers: Customers,
    engine: Engine,
    campaign_id: str,
    now: datetime,
    progress: Progress,
    part_rows: int,
) -> list[Appraisal]:
    appraisals = []
    for start in range(0, len(customers), part_rows):
        rows = np.arange(start, min(start + part_rows, len(customers)))
        known = engine.store.read(campaign_id, [customers.ids[i] for i in map(int, rows)], now)
        due = np.flatnonzero(known.history.due)
        situation = Situation(known.history.take(due), known.campaign, known.free_minor, now)
        appraisals.append(appraise(customers.take(rows[due]), situation, engine.predictors, engine.rules))
        progress("scoring", start + len(rows), len(customers))
    return appraisals


@dataclass(frozen=True, slots=True)
class _Solved:
    """What one budget for all rows comes to."""

    price: float | None
    row_prices: NDArray[np.float64]
    """λ for each row, (n,): tells those who tie at λ and got the money from those who did not."""
    bound_minor: float


def _solve(appraisals: list[Appraisal], free_minor: int) -> _Solved:
    """Solve λ over all rows; without a worth, by the propensity rule or of nobody, there is none."""
    gains = [a.values.gain for a in appraisals if a.values is not None and len(a.customers)]
    if not gains:
        return _Solved(None, np.zeros(sum(len(a.customers) for a in appraisals)), 0.0)
    solved = knapsack.solve(
        np.concatenate(gains),
        np.concatenate([a.costs_minor for a in appraisals]),
        np.concatenate([a.competing for a in appraisals]),
        free_minor,
    )
    return _Solved(solved.price, solved.row_prices(), solved.bound)


@dataclass(frozen=True, slots=True)
class Committed:
    """What became of a plan."""

    recorded: int
    contacts: int
    withheld: int
    """Planned contacts that no longer fitted and became no contact."""
    overtaken: int
    """Rows that another decision came in between for; that decision stands."""

    def plus(self, other: "Committed") -> "Committed":
        """Add up two parts."""
        return Committed(
            self.recorded + other.recorded,
            self.contacts + other.contacts,
            self.withheld + other.withheld,
            self.overtaken + other.overtaken,
        )


def commit(folder: Path, store: Store, now: datetime, progress: Progress) -> Committed:
    """Settle a plan, each part once, however often it is called; keep its price for the service.

    Args:
        folder: Of the plan.
        store: The books.
        now: Aware, UTC.
        progress: Told how far it is.

    Raises:
        InputError: the plan is more than a day old, or was changed after it was made.
    """
    index = plans.read_index(folder)
    if now > datetime.fromisoformat(index.made_at) + timedelta(days=1):
        raise InputError(
            f"the plan in {folder} was made at {index.made_at}, more than a day ago. Make a new one."
        )
    total = Committed(0, 0, 0, 0)
    for number, part in enumerate(index.parts):
        proposals = plans.read_part(folder, part)
        key = f"{index.plan_id}:{number:05d}"
        total = total.plus(_commit_part(store, index.campaign_id, key, proposals, now))
        progress("recording", total.recorded + total.overtaken, index.rows)
    if index.price is not None:
        store.campaigns.set_price(index.campaign_id, index.price)
    return total


def _commit_part(store: Store, campaign_id: str, key: str, proposals: Proposals, now: datetime) -> Committed:
    first = store.settle(campaign_id, proposals, now, key)
    refused = np.flatnonzero(first.refused)
    contacts = int((proposals.choice[first.refused == 0] != NO_CONTACT).sum())
    if not len(refused):
        return Committed(len(proposals), contacts, 0, 0)
    second = store.settle(campaign_id, _withheld(proposals, refused, first), now, f"{key}:withheld")
    overtaken = int((second.refused != 0).sum())
    return Committed(len(proposals) - overtaken, contacts, len(refused) - overtaken, overtaken)


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

"""A whole table, planned: scored, the price of budget solved over all rows, every proposal written down.

Nothing is reserved and nothing is queued; see `committing`.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from churn_saver.adapters import plans
from churn_saver.decide.event import Engine
from churn_saver.domain.action import Reason
from churn_saver.domain.customer import Customers
from churn_saver.domain.progress import Progress
from churn_saver.domain.proposal import Proposals
from churn_saver.errors import CampaignError
from churn_saver.journey import Appraisal, Situation, appraise, propose
from churn_saver.policy import knapsack

PART_ROWS = 5_000
"""Rows settled in one transaction: short enough that a request waits for milliseconds."""


def plan(
    customers: Customers,
    engine: Engine,
    folder: Path,
    now: datetime,
    progress: Progress,
    made_from: str,
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
        made_from: Names all that the plan is made from, so that it is not taken up for anything else.
        part_rows: Rows settled in one transaction.

    Raises:
        CampaignError: no campaign is open.
    """
    campaign = engine.store.campaigns.current(now)
    if campaign is None:
        raise CampaignError("no campaign is open; run: churn-saver campaign open --id spring --limit 5000")
    appraisals = _appraised(customers, engine, campaign.campaign_id, now, progress, part_rows)
    free_minor = min((a.situation.free_minor for a in appraisals), default=0)
    solved = _solve(appraisals, free_minor)
    total, done, left = sum(len(a.customers) for a in appraisals), 0, free_minor
    parts: list[plans.PartFile] = []
    for appraisal in appraisals:
        rows = slice(done, done + len(appraisal.customers))
        done = rows.stop
        if len(appraisal.customers):
            proposals = propose(appraisal, solved.price or 0.0, engine.rules, solved.row_prices[rows])
            proposals = _within(proposals, left)
            left -= int(proposals.needs_minor.sum())
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
        made_from=made_from,
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


def _within(proposals: Proposals, left_minor: int) -> Proposals:
    """Withhold what no longer fits, in the order of the table: some rungs know no budget."""
    over = np.cumsum(proposals.needs_minor) > left_minor
    return proposals.withhold(np.where(over & (proposals.needs_minor > 0), int(Reason.BUDGET), 0))


@dataclass(frozen=True, slots=True)
class _Solved:
    """What one budget for all rows comes to."""

    price: float | None
    row_prices: NDArray[np.float64]
    """λ for each row, (n,): tells those who tie at λ and got the money from those who did not."""
    bound_minor: float


def _solve(appraisals: list[Appraisal], free_minor: int) -> _Solved:
    """Solve λ over all rows; there is none where nobody competes or nothing has a worth."""
    gains = [a.values.gain for a in appraisals if a.values is not None]
    if not gains or not any(a.competing[:, 1:].any() for a in appraisals):
        return _Solved(None, np.zeros(sum(len(a.customers) for a in appraisals)), 0.0)
    solved = knapsack.solve(
        np.concatenate(gains),
        np.concatenate([a.costs_minor for a in appraisals]),
        np.concatenate([a.competing for a in appraisals]),
        free_minor,
    )
    return _Solved(solved.price, solved.row_prices(), solved.bound)

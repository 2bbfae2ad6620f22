"""A whole table, planned: scored, decided at one price, held within the budget, every proposal written down.

Where the knapsack decides, the price of budget is solved over all rows; other rungs bring their own.
Nothing is reserved and nothing is queued; see `committing`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from churn_saver.adapters import plans
from churn_saver.decide.event import Engine
from churn_saver.decide.fitting import overspending
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import Customers
from churn_saver.domain.progress import Progress
from churn_saver.domain.proposal import Proposals
from churn_saver.errors import CampaignError
from churn_saver.journey import Appraisal, Seat, Situation, appraise, seated
from churn_saver.journey.chosen import Chosen
from churn_saver.journey.exploring import explored
from churn_saver.journey.proposing import proposals_of
from churn_saver.journey.rungs import choose
from churn_saver.journey.seating import KNAPSACK
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
    """Decide for a table and write every proposal to a folder.

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
        InputError: a table too large for who decides.
        ConfigError: who decides lacks a package.
    """
    campaign = engine.store.campaigns.current(now)
    if campaign is None:
        raise CampaignError("no campaign is open; run: churn-saver campaign open --id spring --limit 5000")
    seat = seated(engine.rules, campaign, engine.predictors, len(customers))
    appraisals = _appraised(customers, engine, campaign, now, progress, part_rows)
    free_minor = min((a.situation.free_minor for a in appraisals), default=0)
    appraisals = [a for a in appraisals if len(a.customers)]
    solved = _solved(seat, appraisals, free_minor)
    parts: list[plans.PartFile] = []
    for proposals in _decided(appraisals, seat, solved, free_minor, progress):
        parts.append(plans.write_part(folder, len(parts), proposals))
    index = plans.PlanIndex(
        plan_id=plans.plan_id_of(tuple(parts)),
        campaign_id=campaign.campaign_id,
        made_at=now.isoformat(),
        price=solved.price,
        bound_minor=solved.bound_minor,
        free_minor=free_minor,
        not_due=len(customers) - sum(part.rows for part in parts),
        made_from=made_from,
        parts=tuple(parts),
        policy=seat.rules.decider.label,
        own_price=seat.price if seat.has_own_price else None,
        notes=(*engine.notes, *(() if seat.fault is None else (seat.fault,))),
    )
    plans.write_index(folder, index)
    return index


def _appraised(
    customers: Customers,
    engine: Engine,
    campaign: Campaign,
    now: datetime,
    progress: Progress,
    part_rows: int,
) -> list[Appraisal]:
    appraisals = []
    for start in range(0, len(customers), part_rows):
        rows = np.arange(start, min(start + part_rows, len(customers)))
        known = engine.store.read(campaign.campaign_id, [customers.ids[i] for i in map(int, rows)], now)
        due = np.flatnonzero(known.history.due)
        situation = Situation(known.history.take(due), known.campaign, known.free_minor, now)
        appraisals.append(appraise(customers.take(rows[due]), situation, engine.predictors, engine.rules))
        progress("scoring", start + len(rows), len(customers))
    return appraisals


@dataclass(frozen=True, slots=True)
class _Solved:
    """At which price a table is decided."""

    price: float | None
    """As `PlanIndex.price`."""
    at: float
    """λ of all decisions, on the scale of who decides."""
    row_prices: NDArray[np.float64]
    """λ for each row, (n,): tells those who tie at λ and got the money from those who did not."""
    bound_minor: float


def _solved(seat: Seat, appraisals: Sequence[Appraisal], free_minor: int) -> _Solved:
    """Solve λ over all rows where the knapsack decides; there is none where nobody competes."""
    n = sum(len(a.customers) for a in appraisals)
    if seat.rung != KNAPSACK:
        return _Solved(None, seat.price, np.full(n, seat.price), 0.0)
    gains = [a.values.gain for a in appraisals if a.values is not None]
    if not gains or not any(a.competing[:, 1:].any() for a in appraisals):
        return _Solved(None, 0.0, np.zeros(n), 0.0)
    solved = knapsack.solve(
        np.concatenate(gains),
        np.concatenate([a.costs_minor for a in appraisals]),
        np.concatenate([a.competing for a in appraisals]),
        free_minor,
    )
    return _Solved(solved.price, solved.price, solved.row_prices(), solved.bound)


def _decided(
    appraisals: Sequence[Appraisal], seat: Seat, solved: _Solved, free_minor: int, progress: Progress
) -> Iterator[Proposals]:
    """Choose for all, withhold what does not fit, then write part by part: texts for those who get one."""
    starts = np.cumsum([0, *(len(a.customers) for a in appraisals)])
    total = int(starts[-1])
    chosen: list[Chosen] = []
    for appraisal, start in zip(appraisals, starts, strict=False):
        end = int(start) + len(appraisal.customers)
        own = choose(appraisal, solved.row_prices[start:end], seat.rules)
        chosen.append(explored(own, appraisal))
        progress("choosing", end, total)
    withheld = overspending(appraisals, chosen, free_minor)
    for appraisal, wanted, flags, end in zip(appraisals, chosen, withheld, starts[1:], strict=True):
        yield proposals_of(wanted, appraisal, solved.at, seat.rules, flags)
        progress("writing messages", int(end), total)

"""A table, worked out: scored, decided at one price, held within the budget; nothing is written anywhere.

Where the knapsack decides, by the simulator's gain or by learned effects, the price of budget is solved
over all rows; other rungs bring their own. Knows neither plans nor settlements.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from churn_saver.decide.engine import Engine
from churn_saver.decide.fitting import overspending
from churn_saver.decide.laddering import Means, appraised, chosen, priced
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import Customers
from churn_saver.domain.progress import Progress
from churn_saver.domain.proposal import Proposals
from churn_saver.journey import Appraisal, Seat, Situation
from churn_saver.journey.chosen import Chosen
from churn_saver.journey.exploring import explored
from churn_saver.journey.learned import UPLIFT
from churn_saver.journey.proposing import proposals_of
from churn_saver.journey.seating import KNAPSACK
from churn_saver.policy import knapsack

PART_ROWS = 5_000
"""Rows settled in one transaction: short enough that a request waits for milliseconds."""


def worked_out(
    customers: Customers,
    engine: Engine,
    campaign: Campaign,
    now: datetime,
    progress: Progress,
    part_rows: int = PART_ROWS,
    of_customers: int | None = None,
) -> "WorkedOut":
    """Score a table and solve the price of budget; who is not due is left out.

    Args:
        customers: The table.
        engine: Store, predictors, rules.
        campaign: The one that is open.
        now: Aware, UTC.
        progress: Told how far it is.
        part_rows: Rows settled in one transaction.
        of_customers: There are in the whole table, of which these have their share of the money by heads;
            None: these are all.

    Raises:
        InputError: a table too large for who decides.
        Unusable: an artefact is, and the engine has guards.
    """
    whole = len(customers) if of_customers is None else of_customers
    seat = engine.means.seat(campaign, whole)
    appraisals = _appraised(customers, engine, campaign, now, progress, part_rows, whole)
    free_minor = min((a.situation.free_minor for a in appraisals), default=0)
    appraisals = [a for a in appraisals if len(a.customers)]
    means = replace(engine.means, rules=seat.rules)
    return WorkedOut(seat, means, appraisals, _solved(seat, means, appraisals, free_minor), free_minor)


def _appraised(
    customers: Customers,
    engine: Engine,
    campaign: Campaign,
    now: datetime,
    progress: Progress,
    part_rows: int,
    whole: int,
) -> list[Appraisal]:
    appraisals = []
    for start in range(0, len(customers), part_rows):
        rows = np.arange(start, min(start + part_rows, len(customers)))
        known = engine.store.read(campaign.campaign_id, [customers.ids[i] for i in map(int, rows)], now)
        due = np.flatnonzero(known.history.due)
        history = known.history.take(due)
        free_minor = known.free_minor * len(customers) // whole
        situation = Situation(history, known.campaign, free_minor, now, engine.stopped)
        appraisals.append(appraised(customers.take(rows[due]), situation, engine.means, is_table=True))
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


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """A table, scored and priced: what is left is to choose and to write."""

    seat: Seat
    means: Means
    """With who is seated."""
    appraisals: Sequence[Appraisal]
    """Of those who are due, part by part."""
    solved: _Solved
    free_minor: int

    def proposals(self, progress: Progress) -> Iterator[Proposals]:
        """Give the proposals part by part, together within the budget."""
        return _decided(self.appraisals, self.means, self.solved, self.free_minor, progress)


def _solved(seat: Seat, means: Means, appraisals: Sequence[Appraisal], free_minor: int) -> _Solved:
    """Solve λ over all rows where the knapsack decides; there is none where nobody competes."""
    n = sum(len(a.customers) for a in appraisals)
    if seat.rung not in (KNAPSACK, UPLIFT):
        return _Solved(None, seat.price, np.full(n, seat.price), 0.0)
    gains = priced(appraisals, means)
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
    appraisals: Sequence[Appraisal], means: Means, solved: _Solved, free_minor: int, progress: Progress
) -> Iterator[Proposals]:
    """Choose for all, withhold what does not fit, then write part by part: texts for those who get one."""
    starts = np.cumsum([0, *(len(a.customers) for a in appraisals)])
    total = int(starts[-1])
    wanted: list[Chosen] = []
    for appraisal, start in zip(appraisals, starts, strict=False):
        end = int(start) + len(appraisal.customers)
        own = chosen(appraisal, solved.row_prices[start:end], means, is_table=True)
        wanted.append(explored(own, appraisal))
        progress("choosing", end, total)
    withheld = overspending(appraisals, wanted, free_minor)
    for appraisal, own, flags, end in zip(appraisals, wanted, withheld, starts[1:], strict=True):
        yield proposals_of(own, appraisal, solved.at, means.rules, flags)
        progress("writing messages", int(end), total)

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
    return WorkedOut(seat, means, appraisals, _solved(seat, means, appraisals, free_minor), free_minor, whole)


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
class Wanted:
    """What is wanted for one part of a table."""

    own: Chosen
    """Of the rung."""
    explored: Chosen
    """The same with exploration's draws."""
    withheld: NDArray[np.int64]
    """`Reason` flags for contacts that do not fit the budget, (n,); 0: it fits."""


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
    whole: int
    """Customers of the whole table, of which these may be a part."""

    def proposals(self, progress: Progress) -> Iterator[Proposals]:
        """Give the proposals part by part, together within the budget: texts for those who get one."""
        total, end = sum(len(a.customers) for a in self.appraisals), 0
        for appraisal, wanted in zip(self.appraisals, self.wanted(progress), strict=True):
            end += len(appraisal.customers)
            rules, flags = self.means.rules, wanted.withheld
            yield proposals_of(wanted.explored, appraisal, self.solved.at, rules, flags)
            progress("writing messages", end, total)

    def wanted(self, progress: Progress) -> list[Wanted]:
        """Choose for all, and withhold what does not fit; nothing is written yet."""
        starts = np.cumsum([0, *(len(a.customers) for a in self.appraisals)])
        found: list[tuple[Chosen, Chosen]] = []
        for appraisal, start, end in zip(self.appraisals, starts, starts[1:], strict=False):
            own = chosen(appraisal, self.solved.row_prices[start:end], self.means, is_table=True)
            found.append((own, explored(own, appraisal)))
            progress("choosing", int(end), int(starts[-1]))
        flags = overspending(self.appraisals, [drawn for _, drawn in found], self.free_minor)
        return [Wanted(*pair, own) for pair, own in zip(found, flags, strict=True)]

    def over(self, means: Means) -> "WorkedOut":
        """Work the same table out with other means: the same customers, and what was known of them then.

        Args:
            means: With who is asked for.

        Raises:
            InputError: a table too large for who decides.
        """
        campaign = self.appraisals[0].situation.campaign if self.appraisals else None
        seat = means.seat(campaign, self.whole)
        appraisals = [appraised(a.customers, a.situation, means, is_table=True) for a in self.appraisals]
        own = replace(means, rules=seat.rules)
        solved = _solved(seat, own, appraisals, self.free_minor)
        return WorkedOut(seat, own, appraisals, solved, self.free_minor, self.whole)


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

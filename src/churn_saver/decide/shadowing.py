"""Ask a shadow what it would have done: the same customers, the same draws, and what was known of them then.

It is asked as the champion would be, about a table with its own price over all rows. No text is made and
nothing is written, and it books no money of its own: the budget that it sees is what those who decide have
left. Where another rung would sit in its place it is not judged at all. What it fails of is raised, for
whoever asks beside the answers (`beside`) or at a plan (`planning`).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from churn_saver.decide.assigning import Deciding
from churn_saver.decide.laddering import Means, appraised, chosen
from churn_saver.decide.tables import Wanted, WorkedOut
from churn_saver.domain.action import N_CHOICES, NO_CONTACT
from churn_saver.domain.customer import Customers
from churn_saver.domain.shadows import Shadowed
from churn_saver.errors import ArtifactError
from churn_saver.evidence.targets import deterministic
from churn_saver.journey import Appraisal, Seat, Situation
from churn_saver.journey.exploring import explored

Choices = NDArray[np.int8]


def of_requests(
    customers: Customers, situation: Situation, shadow: Deciding, means: Means, intended: Choices
) -> Shadowed:
    """Ask about requests, each as if it were alone.

    Args:
        customers: n of them.
        situation: What the books knew when they were decided.
        shadow: Who is asked.
        means: With which they were decided: settings, bank.
        intended: What the decisions intended, (n,).

    Raises:
        ArtifactError: the shadow may not decide in this campaign, or wants what is closed.
    """
    own = _own(shadow, means)
    seat = own.seat(situation.campaign)
    _require_seated(seat, shadow)
    appraisal = appraised(customers, situation, own)
    made = chosen(appraisal, seat.price, replace(own, rules=seat.rules))
    nothing = np.zeros(len(customers), dtype=np.int64)
    prices = np.full(len(customers), seat.price)
    return _columns(appraisal, Wanted(made, explored(made, appraisal), nothing), prices, shadow, intended)


def of_table(table: WorkedOut, shadow: Deciding, means: Means, intended: Sequence[Choices]) -> list[Shadowed]:
    """Ask about a table, or the part of it that one version decided, with the money of that part.

    Args:
        table: As it was worked out.
        shadow: Who is asked.
        means: As of `of_requests`.
        intended: What the decisions intended, (n,) of each part.

    Returns:
        One for each part of the table.

    Raises:
        ArtifactError: as `of_requests`.
        InputError: a table too large for the shadow.
    """
    if not table.appraisals:
        return []
    again = table.over(_own(shadow, means))
    _require_seated(again.seat, shadow)
    sizes = np.cumsum([len(one.customers) for one in again.appraisals])[:-1]
    prices = np.split(again.solved.row_prices, sizes)
    parts = zip(again.appraisals, again.wanted(_unseen), prices, intended, strict=True)
    return [_columns(appraisal, wanted, own, shadow, was) for appraisal, wanted, own, was in parts]


def _own(shadow: Deciding, means: Means) -> Means:
    """Give the shadow's means: nobody writes, and nobody waits for it, so an error is an error."""
    mine = shadow.over(means)
    return Means(mine.predictors, replace(mine.rules, live=None))


def _require_seated(seat: Seat, shadow: Deciding) -> None:
    if seat.rules.decider != shadow.decider:
        why = seat.fault or f"{seat.rules.decider.label} would decide in its place"
        raise ArtifactError(
            f"the shadow, {shadow.decider.label}, is not asked: {why}. Give the role to another version: "
            "churn-saver promote VERSION --to shadow"
        )


def _columns(
    appraisal: Appraisal, wanted: Wanted, prices: NDArray[np.float64], shadow: Deciding, intended: Choices
) -> Shadowed:
    own, values, rows = wanted.own, appraisal.values, np.arange(len(intended))
    chances = own.chances
    if chances is None:
        chances = deterministic(own.choice.astype(np.int64), N_CHOICES)
    mine = wanted.explored.choice
    left_alone = appraisal.standing.held_out | (wanted.withheld != 0)
    choice = np.where(left_alone, NO_CONTACT, mine).astype(np.int8)
    unknown = np.full(len(rows), np.nan)
    return Shadowed(
        version=shadow.version,
        decision_ids=[""] * len(rows),
        choice=choice,
        intended=mine.astype(np.int8),
        probability=chances[rows, intended],
        chances=chances,
        needs_minor=appraisal.costs_minor[rows, choice],
        churn_risk=appraisal.churn_risk,
        accept_prob=values.accept_effective[rows, np.maximum(mine - 1, 0)] if values else unknown,
        expected_value=values.gain[rows, mine] if values else unknown,
        price=prices,
    )


def _unseen(what: str, done: int, total: int) -> None:
    """Show nothing: a shadow is asked in passing."""

"""Hold what a table's customers are wanted to cost within the budget: the least worth goes without.

Some rungs know no budget, others know only its price. What is left over goes to nobody: another offer
than the one that was wanted is another decision. Knows no rung.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import NO_CONTACT, Reason
from churn_saver.domain.proposal import Proposals, Settlement
from churn_saver.journey import Appraisal
from churn_saver.journey.chosen import Chosen


def overspending(
    appraisals: Sequence[Appraisal], chosen: Sequence[Chosen], free_minor: int
) -> list[NDArray[np.int64]]:
    """Say which contacts do not fit, in the order of gain per unit of cost, then of the table.

    Where nothing has a worth (no predictors) the order is the table's alone.

    Args:
        appraisals: Of all parts of the table.
        chosen: What is wanted for each part.
        free_minor: Money at hand, minor units.

    Returns:
        `Reason` flags for each part, (n,): BUDGET where a contact is withheld, else 0.
    """
    parts = [_stakes(*part) for part in zip(appraisals, chosen, strict=True)]
    needs = np.concatenate([cost for cost, _ in parts]) if parts else np.zeros(0, dtype=np.int64)
    if int(needs.sum()) <= free_minor:
        return [np.zeros(len(cost), dtype=np.int64) for cost, _ in parts]
    order = np.argsort(-np.concatenate([worth for _, worth in parts]), kind="stable")
    over = np.zeros(len(needs), dtype=np.bool_)
    over[order] = np.cumsum(needs[order]) > free_minor
    flags = np.where(over & (needs > 0), np.int64(Reason.BUDGET), np.int64(0))
    return np.split(flags, np.cumsum([len(cost) for cost, _ in parts])[:-1])


def withheld(proposals: Proposals, first: Settlement, rows: NDArray[np.int64]) -> Proposals:
    """Give the refused rows as no contact, for the reasons that the books refused them.

    Args:
        proposals: All.
        first: What the books made of them.
        rows: Numbers of those refused, (m,).
    """
    reasons = first.refused[rows] & ~int(Reason.STATE_UNREADABLE)
    return proposals.take(rows).withhold(np.where(reasons == 0, int(Reason.BUDGET), reasons))


def _stakes(appraisal: Appraisal, chosen: Chosen) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give what each customer is wanted to cost, and what a unit of it gains, (n,) each."""
    rows = np.arange(len(chosen.choice))
    choice = np.where(appraisal.standing.held_out, NO_CONTACT, chosen.choice)
    needs = appraisal.costs_minor[rows, choice]
    if appraisal.values is None:
        return needs, np.zeros(len(rows))
    return needs, appraisal.values.gain[rows, choice] / np.maximum(needs, 1)

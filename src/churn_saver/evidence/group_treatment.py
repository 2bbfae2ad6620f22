"""How a campaign treated the groups of a column so far: contacts, offers, cost, effect; one row a customer.

Rates and cost are those of customers who could be contacted: who is held out was drawn by lot and says
nothing of how somebody is treated. The effect is that of being treated at all, against the holdout, on
who is still a customer `RISK_DAYS` after the first decision: score (Z/p − (1 − Z)/(1 − p))·(Y − m), Z
treated, p the drawn arm's chance, Y stayed, m = 1 − churn risk as it was before. Its mean is the effect
whatever m is, and surer the better m is. A group with fewer than `LEAST_ROWS` known customers in either
arm is left out of it, and named.

Source: the score is that of Robins, Rotnitzky and Zhao, "Estimation of regression coefficients when
some regressors are not always observed", JASA 89 (1994), with one m for both arms.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from churn_saver.config import FairColumn
from churn_saver.domain.action import N_CHOICES, NO_CONTACT, Action, Reason
from churn_saver.domain.logbook import Logbook
from churn_saver.errors import quoted
from churn_saver.evidence.decision_columns import Flags, Floats, Rows, first_rows
from churn_saver.evidence.fairness import LEAST_ROWS, Fairness, Measure, Treated, fairness
from churn_saver.evidence.groups import MISSING
from churn_saver.evidence.outcome_checks import Fates, fates

MOST_GROUPS = 20
"""A column with more values than this names no groups of people."""
_FIRST_DISCOUNT = next(k for k in range(N_CHOICES) if Action.of_choice(k).offer_idx)
_Words: TypeAlias = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class ColumnTreatment:
    """The groups of one column."""

    column: str
    customers: int
    """Who could be contacted."""
    found: tuple[Fairness, ...]
    """Of every measure that was asked for and can be given."""
    missing: tuple[str, ...]
    """What was asked for and cannot be given, each with its reason."""


@dataclass(frozen=True, slots=True)
class Told:
    """The customers of a campaign, one row each: what was done to them, and what became of them."""

    row: Rows
    """Of the first decision, (c,)."""
    customer: NDArray[np.int64]
    """The books' numbers, (c,)."""
    held_out: Flags
    """(c,)."""
    contacted: Flags
    """(c,)."""
    offered: Flags
    """Contacted with a discount, (c,)."""
    cost_minor: NDArray[np.int64]
    """(c,)."""
    fate: Fates
    """Of (c,)."""
    score: Floats
    """Of the effect, (c,); NaN where the outcome, or the chance of the arm, is not known."""


def told(logbook: Logbook, now: float) -> Told:
    """Gather the decisions of each customer who has not been erased, up to now."""
    here = np.array([one is not None for one in logbook.features], dtype=np.bool_)
    row = first_rows(logbook, here)
    number = logbook.customer
    count = int(number.max(initial=-1)) + 1

    def summed(values: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(number, values, minlength=count).astype(np.int64)[number[row]]

    held_out = logbook.reasons[row] & int(Reason.HOLDOUT) != 0
    fate = fates(logbook, row, now)
    risk = logbook.churn_risk[row]
    usual = float(np.nanmean(risk)) if np.isfinite(risk).any() else 0.0
    own = logbook.arm_probability[row]
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(held_out, -1 / own, 1 / own) * (
            fate.kept - (1 - np.where(np.isnan(risk), usual, risk))
        )
    return Told(
        row, number[row], held_out,
        summed((logbook.choice != NO_CONTACT).astype(np.int64)) > 0,
        summed((logbook.choice >= _FIRST_DISCOUNT).astype(np.int64)) > 0,
        summed(logbook.contact_spent_minor + logbook.offer_spent_minor),
        fate,
        np.where((own > 0) & (own < 1), score, np.nan),
    )  # fmt: skip


def column_treatment(
    people: Told, groups: _Words, wanted: FairColumn, most_overdue: float
) -> ColumnTreatment:
    """Compare the groups of one column.

    Args:
        people: c customers.
        groups: Their group, (c,); None: missing.
        wanted: Column and bounds.
        most_overdue: Share of due outcomes that may be unknown, above which no effect is told.
    """
    inside = np.flatnonzero(~people.held_out)
    names = [groups[i] for i in inside.tolist()]
    kinds = len(set(names))
    if kinds < 2 or kinds > MOST_GROUPS:
        why = f"{wanted.column}: {kinds} groups, wanted 2 to {MOST_GROUPS}"
        return ColumnTreatment(wanted.column, len(inside), (), (why,))
    bounds: dict[Measure, float] = {"contact_rate": wanted.bound, "offer_rate": wanted.bound}
    missing: list[str] = []
    cost = people.cost_minor[inside]
    if wanted.cost_bound is not None and cost.any():
        bounds["cost_share"] = wanted.cost_bound
    elif wanted.cost_bound is not None:
        missing.append("cost_share: nothing was spent so far")
    treated = Treated(people.contacted[inside], people.offered[inside], cost)
    found = fairness(people.customer[inside], names, treated, bounds)
    if wanted.effect_bound is not None:
        effect, why_not = _effect(people, groups, wanted.effect_bound, most_overdue)
        found += effect
        missing += why_not
    return ColumnTreatment(wanted.column, len(inside), found, tuple(missing))


def _effect(
    people: Told, groups: _Words, bound: float, most_overdue: float
) -> tuple[tuple[Fairness, ...], list[str]]:
    due = people.fate.due
    overdue = int((due & ~people.fate.known).sum())
    if not due.any():
        return (), ["effect: no outcome is due yet"]
    if overdue > most_overdue * due.sum():
        return (), [f"effect: {overdue:,} of {int(due.sum()):,} outcomes that are due are not known"]
    known = ~np.isnan(people.score)
    small = _small(groups, known, people.held_out)
    named = [f"effect of {quoted(name)}: fewer than {LEAST_ROWS} known customers in an arm" for name in small]
    there = np.flatnonzero(
        known & np.array([(one or MISSING) not in small for one in groups], dtype=np.bool_)
    )
    names = [groups[i] for i in there.tolist()]
    if len(set(names)) < 2:
        return (), [*named, "effect: fewer than two groups have enough customers in both arms"]
    nothing = np.zeros(len(there), dtype=np.bool_)
    rows = Treated(nothing, nothing, nothing.astype(np.int64), people.score[there])
    return fairness(people.customer[there], names, rows, {"effect": bound}), named


def _small(groups: _Words, known: Flags, held_out: Flags) -> list[str]:
    """Name the groups that have too few known customers in an arm."""
    counts: Mapping[str, list[int]] = {one or MISSING: [0, 0] for one in groups}
    for name, is_known, is_held in zip(groups, known.tolist(), held_out.tolist(), strict=True):
        counts[name or MISSING][is_held] += is_known
    return sorted(name for name, arms in counts.items() if min(arms) < LEAST_ROWS)

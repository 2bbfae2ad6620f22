"""What was predicted and decided, held against what came of it, for the decisions of a campaign.

Churn risk is the chance of leaving within `RISK_DAYS` without a contact, so it is judged by customers
without one: those held out, and where nobody is, those who happened to be left alone. The latter were
chosen by what came later, so they may lean; the holdout was drawn. The chance of an acceptance is
judged by contacts. Each customer counts once, by the first such decision: the last one before somebody
left would be picked by the leaving itself.

An outcome is judged from the day on which it is due and no sooner, for leavers and acceptances are told
before all others are known to be none. What is due and still not known is no "no" either: where that
is more than a share `most_overdue`, nothing is judged.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import NO_CONTACT, Reason
from churn_saver.domain.logbook import Logbook, Moments
from churn_saver.evidence.decision_columns import Flags, Floats, Rows, days, first_rows
from churn_saver.evidence.matured import Maturity, maturity
from churn_saver.evidence.shares import Interval, wilson

RISK_DAYS = 30
"""What a churn risk is the chance within."""
LEVEL = 0.95
_SECOND = 1 / 86_400
"""Of a day: moments of one exact length apart may differ by less once they are numbers."""

Score: TypeAlias = Literal["churn_risk", "accept_prob"]
Verdict: TypeAlias = Literal["holds", "off", "cannot tell"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """One score against what happened."""

    score: Score
    whom: str
    """By whom it is judged, in words."""
    customers: int
    early: int
    """Of them, those whose outcome is not due yet."""
    overdue: int
    """Of them, those whose outcome is due and not known."""
    found: Maturity | None
    """None: nothing is due, or too much of it is not known."""
    why_not: str
    """Why there is nothing; empty where there is something."""

    @property
    def verdict(self) -> Verdict:
        """Tell whether the score is what happens."""
        return "cannot tell" if self.found is None else self.found.verdict


@dataclass(frozen=True, slots=True)
class Delivery:
    """Contacts that were decided, against those that went out."""

    decided: int
    """In the window, and long enough ago."""
    delivered: int
    early: int
    """Decided too shortly ago to be missed."""
    share: Interval | None
    """Of those decided, after Wilson; None: there are none."""
    least: float

    @property
    def verdict(self) -> Verdict:
        """Tell whether messages go out."""
        if self.share is None or self.share.low < self.least <= self.share.high:
            return "cannot tell"
        return "off" if self.share.high < self.least else "holds"


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of customers after one decision each."""

    known: Flags
    """(r,)."""
    kept: Floats
    """1: still a customer `RISK_DAYS` later, 0: left by then; NaN where not known, (r,)."""
    due: Flags
    """The `RISK_DAYS` are over, (r,)."""


def fates(logbook: Logbook, rows: Rows, now: float) -> Fates:
    """Find out who was still a customer `RISK_DAYS` after a decision.

    What was told of any decision of a customer is known of the customer.

    Shapes: rows (r,) → (r,).

    Args:
        logbook: All decisions.
        rows: One decision for each customer.
        now: Days since the campaign's start.
    """
    at, person = days(logbook, logbook.decided_at)[rows], logbook.customer[rows]
    left = _by_customer(logbook, logbook.churned_at, latest=False)[person]
    stayed = _by_customer(logbook, logbook.retained_at, latest=True)[person]
    end = at + RISK_DAYS
    due = end <= now
    # A customer who is told to have stayed after he had left came back: he had left.
    kept = np.where(
        left < end + _SECOND, 0.0, np.where((stayed > end - _SECOND) | np.isfinite(left), 1.0, np.nan)
    )
    kept[~due] = np.nan
    return Fates(~np.isnan(kept), kept, due)


def risk_calibration(logbook: Logbook, now: float, bound: float, most_overdue: float) -> Calibration:
    """Hold churn risks against who left.

    Args:
        logbook: All decisions.
        now: Days since the campaign's start.
        bound: Largest |share that left − mean risk| let pass.
        most_overdue: Share of due outcomes that may be unknown.
    """
    first = first_rows(logbook, np.isfinite(logbook.churn_risk))
    held_out = logbook.reasons[first] & int(Reason.HOLDOUT) != 0
    if held_out.any():
        rows, whom = first[held_out], "customers who are held out"
    else:
        contacted = np.where(logbook.choice != NO_CONTACT, logbook.decided_at, np.datetime64("NaT"))
        next_contact = _by_customer(logbook, contacted, latest=False)[logbook.customer[first]]
        alone = next_contact > days(logbook, logbook.decided_at)[first] + RISK_DAYS
        rows, whom = first[alone], f"customers without a contact for {RISK_DAYS} days; nobody is held out"
    fate = fates(logbook, rows, now)
    return _calibration(
        "churn_risk", whom, logbook.churn_risk[rows], 1 - fate.kept, fate.due, (bound, most_overdue)
    )


def accept_calibration(
    logbook: Logbook, now: float, answer_days: int, bound: float, most_overdue: float
) -> Calibration:
    """Hold chances of an acceptance against who accepted.

    Args:
        logbook: All decisions.
        now: Days since the campaign's start.
        answer_days: After the decision; by then an acceptance has come in, or none comes.
        bound: Largest |share that accepted − mean chance| let pass.
        most_overdue: Share of due outcomes that may be unknown; none is, for then silence is a no.
    """
    contacted = (logbook.choice != NO_CONTACT) & np.isfinite(logbook.accept_prob)
    sent = ~np.isnat(logbook.sent_at)
    whom = "contacts that went out"
    if sent.any():
        contacted &= sent
    else:
        whom = "contacts; none is known to have gone out"
    rows = first_rows(logbook, contacted)
    due = days(logbook, logbook.decided_at)[rows] + answer_days <= now
    accepted = np.where(due, (~np.isnat(logbook.accepted_at[rows])).astype(np.float64), np.nan)
    return _calibration("accept_prob", whom, logbook.accept_prob[rows], accepted, due, (bound, most_overdue))


def delivery(logbook: Logbook, now: float, since: float, grace_days: int, least: float) -> Delivery:
    """Count the contacts of the window, and those of them that went out.

    Args:
        logbook: All decisions.
        now: Days since the campaign's start.
        since: First day of the window.
        grace_days: A message may wait for so long, as for the morning.
        least: Share that must have gone out.
    """
    at = days(logbook, logbook.decided_at)
    contacts = (logbook.choice != NO_CONTACT) & (at >= since) & (at <= now)
    due = contacts & (at <= now - grace_days)
    decided, delivered = int(due.sum()), int((due & ~np.isnat(logbook.sent_at)).sum())
    share = None
    if decided:
        low, high = wilson(np.array([float(delivered)]), np.array([float(decided)]), LEVEL)
        share = Interval(delivered / decided, float(low[0]), float(high[0]))
    return Delivery(decided, delivered, int(contacts.sum()) - decided, share, least)


def _calibration(
    score: Score, whom: str, predicted: Floats, outcome: Floats, due: Flags, limits: tuple[float, float]
) -> Calibration:
    bound, most_overdue = limits
    overdue = int((due & np.isnan(outcome)).sum())
    counts = (len(predicted), int((~due).sum()), overdue)
    if not due.any():
        return Calibration(score, whom, *counts, None, "no outcome is due yet")
    if overdue == due.sum() or overdue > most_overdue * due.sum():
        why = f"{overdue:,} of {int(due.sum()):,} outcomes that are due are not known: report them"
        return Calibration(score, whom, *counts, None, why)
    return Calibration(score, whom, *counts, maturity(predicted, outcome, bound), "")


def _by_customer(logbook: Logbook, moments: Moments, latest: bool) -> NDArray[np.float64]:
    """Give each customer's first or latest moment in days, by the books' number; none: endlessly far."""
    found = days(logbook, moments)
    there = ~np.isnan(found)
    none, pick = (-np.inf, np.maximum) if latest else (np.inf, np.minimum)
    by_number = np.full(int(logbook.customer.max(initial=-1)) + 1, none)
    pick.at(by_number, logbook.customer[there], found[there])
    return by_number

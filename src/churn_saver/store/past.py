"""What the books hold of customers, counted: the one place that says what a contact history is made of.

`history` reads a table, `dossier` one customer in one statement; both hand over the same of each. Knows no
statement, and no rule about what follows from a history.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import ContactHistory
from churn_saver.store.columns import utc

LONGEST_DAYS = 30
"""No count looks further back, and no period is longer."""
_MICROSECOND = timedelta(microseconds=1)
_DAY_US = timedelta(days=1) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class Past:
    """What was read of one customer."""

    suppressed: bool
    opted_out: bool
    last_number: int | None
    """Of the decisions in the campaign; None: there is none."""
    is_due: bool
    """The last decision's `next_decision_at` has come, or there is none."""
    contacted_at: Sequence[datetime]
    """Moments of contacts in any campaign, those of the last `LONGEST_DAYS` at least."""
    last_contact_at: datetime | None
    units_used: int
    """In the campaign, accepted or still reserved."""
    taken_at: Sequence[datetime | None]
    """When each offer was last accepted, in any campaign, (offers,)."""
    usual_risk: float
    """NaN: never scored."""


_Kind = TypeVar("_Kind", bound=np.generic)


def history_of(pasts: Sequence[Past | None], campaign: Campaign, now: datetime) -> ContactHistory:
    """Count what was read.

    Args:
        pasts: Of n customers; None: never seen.
        campaign: In which it is decided.
        now: Aware, UTC.
    """
    history = ContactHistory.unseen(len(pasts))
    seen = [one for one in pasts if one is not None]
    if not seen:
        return history
    rows = np.array([row for row, one in enumerate(pasts) if one is not None], dtype=np.int64)
    period = campaign.period_start(now)

    def told(plain: NDArray[_Kind], of: Callable[[Past], object]) -> NDArray[_Kind]:
        # `unseen` shares one column of zeros between counts, and frozen means frozen.
        column = plain.copy()
        column[rows] = np.array([of(one) for one in seen], dtype=plain.dtype)
        return column

    return ContactHistory(
        readable=True,
        suppressed=told(history.suppressed, lambda one: one.suppressed),
        opted_out=told(history.opted_out, lambda one: one.opted_out),
        contacts_7d=told(history.contacts_7d, lambda one: within(one.contacted_at, 7, now)),
        contacts_30d=told(history.contacts_30d, lambda one: within(one.contacted_at, LONGEST_DAYS, now)),
        contacts_period=told(
            history.contacts_period, lambda one: sum(at >= period for at in one.contacted_at)
        ),
        days_since_contact=told(
            history.days_since_contact, lambda one: _days_since(one.last_contact_at, now)
        ),
        days_since_accepted=told(
            history.days_since_accepted, lambda one: [_days_since(at, now) for at in one.taken_at]
        ),
        units_used=told(history.units_used, lambda one: one.units_used),
        usual_risk=told(history.usual_risk, lambda one: one.usual_risk),
        decisions_made=told(
            history.decisions_made, lambda one: 0 if one.last_number is None else one.last_number + 1
        ),
        due=told(history.due, lambda one: one.is_due),
    )


def within(moments: Iterable[datetime], days: int, now: datetime) -> int:
    """Count the moments less than `days` days ago; one from the future counts, for safety."""
    span = timedelta(days=days)
    return sum(now - moment < span for moment in moments)


def _days_since(moment: datetime | None, now: datetime) -> float:
    """Count days since a moment, endlessly many since none; one from the future is now."""
    return np.inf if moment is None else max(0, (utc(now) - moment) // _MICROSECOND) / _DAY_US

"""One request when the books cannot be read or written: a valid answer that promises nothing."""

from dataclasses import replace
from datetime import datetime

from churn_saver.decide.engine import Outcome
from churn_saver.decide.laddering import Means, laddered
from churn_saver.domain.action import Reason
from churn_saver.domain.customer import ContactHistory, Customers
from churn_saver.journey import Situation

_NOT_KNOWN = ~int(Reason.NO_CAMPAIGN | Reason.BUDGET)


def decide_unrecorded(customers: Customers, means: Means, now: datetime) -> Outcome:
    """Answer without the books: scored, never contacted, nothing reserved, nothing recorded.

    Whether a campaign runs and has money is not known, so neither is given as a reason.

    Args:
        customers: One row.
        means: At hand; a guarded one degrades as with the books.
        now: Aware, UTC.
    """
    history = ContactHistory.unseen(len(customers), readable=False)
    found = laddered(customers, Situation(history, None, 0, now), means)
    made = found.proposals
    known = replace(made, reasons=made.reasons & _NOT_KNOWN, excluded=made.excluded & _NOT_KNOWN)
    return Outcome("", known, None, found.degraded)

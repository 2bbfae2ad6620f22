"""One request when the books cannot be read or written: a valid answer that promises nothing."""

from dataclasses import replace
from datetime import datetime

from churn_saver.decide.event import Outcome
from churn_saver.domain.action import Reason
from churn_saver.domain.customer import ContactHistory, Customers
from churn_saver.journey import Rules, Situation, retain, seated
from churn_saver.tabular.predictors import Predictors

_NOT_KNOWN = ~int(Reason.NO_CAMPAIGN | Reason.BUDGET)


def decide_unrecorded(
    customers: Customers, predictors: Predictors | None, rules: Rules, now: datetime
) -> Outcome:
    """Answer without the books: scored, never contacted, nothing reserved, nothing recorded.

    Whether a campaign runs and has money is not known, so neither is given as a reason.

    Args:
        customers: One row.
        predictors: None: nothing scores.
        rules: Settings.
        now: Aware, UTC.
    """
    history = ContactHistory.unseen(len(customers), readable=False)
    seat = seated(rules, None, predictors)
    made = retain(customers, Situation(history, None, 0, now), predictors, seat.price, seat.rules)
    known = replace(made, reasons=made.reasons & _NOT_KNOWN, excluded=made.excluded & _NOT_KNOWN)
    return Outcome("", known, None)

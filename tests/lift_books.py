"""Ten customers of a campaign, six treated and four held out, whose lift can be worked out by hand.

All pay 90.00. Of the treated one left on day 10, three were contacted for 1.00, one of them took 9.00 off; of
the held out two left, on days 15 and 20. The others stayed for the 30 days.
"""

from typing import Any

from churn_saver.domain.action import Reason
from churn_saver.domain.logbook import Logbook
from tests.logbooks import logbook

HELD_OUT: dict[str, Any] = {"reasons": int(Reason.HOLDOUT), "arm_probability": 0.4, "intended": 3}
TREATED: dict[str, Any] = {"arm_probability": 0.6}
CONTACTED: dict[str, Any] = TREATED | {"choice": 3, "sent_at": 0.5, "contact_spent_minor": 100}
STAYED: dict[str, Any] = {"retained_at": 30.0}
BILL = {"bill_minor": 9_000}


def ten_rows() -> list[dict[str, Any]]:
    """Give the rows of the logbook, to be changed."""
    rows = [
        CONTACTED | STAYED | {"accepted_at": 3.0, "offer_spent_minor": 900},
        CONTACTED | STAYED,
        CONTACTED | STAYED,
        TREATED | STAYED,
        TREATED | STAYED,
        TREATED | {"churned_at": 10.0},
        HELD_OUT | STAYED,
        HELD_OUT | STAYED,
        HELD_OUT | {"churned_at": 15.0},
        HELD_OUT | {"churned_at": 20.0},
    ]
    return [{"decided_at": 0.0, "features": BILL} | row for row in rows]


def ten(rows: list[dict[str, Any]] | None = None, **campaign: object) -> Logbook:
    """Give the logbook."""
    return logbook(ten_rows() if rows is None else rows, **({"holdout_share": 0.4} | campaign))

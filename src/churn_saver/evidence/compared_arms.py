"""Two policies that served in one campaign, each its own customers: what became of whom.

By intention to treat: a customer counts for the policy that made the first decision about him while both
served, whoever decided later. Judged are those whose window is over and no others, for who leaves is told
before all others are known to stay. Held-out customers had neither policy. What was told of any decision
of a customer is known of the customer. How the shares were drawn this module does not know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from churn_saver.domain.action import Reason
from churn_saver.domain.logbook import Logbook, Moments
from churn_saver.errors import InputError
from churn_saver.evidence.decision_columns import Flags, Floats, Rows, bills, day_of, days, first_rows
from churn_saver.evidence.followed import Followed, State

MARGIN_DAYS = 30.0
"""Days of one bill."""
MOST_OVERDUE = 0.1
"""Share of due outcomes that may be unknown: more of them could hide any difference."""
_DIGITS = 9
"""Of days: 86 microseconds."""


@dataclass(frozen=True, slots=True)
class Serving:
    """Who served whom."""

    challenger: Flags
    """Decisions that it made, (n,)."""
    champion: Flags
    """Decisions that it made, (n,)."""
    share: Floats
    """Of the customers, the challenger's at the moment of each decision, inside (0, 1); NaN: not both
    served then, (n,)."""


@dataclass(frozen=True, slots=True)
class Arms:
    """Customers of a challenger and a champion."""

    followed: Followed
    """`treated`: the challenger's, (m,)."""
    rows: Rows
    """Decision with which each came in, (m,)."""
    left_out: Mapping[str, int]
    """Customers in neither arm, by why."""

    @property
    def overdue(self) -> int:
        """Count those whose window is over and of whom it is not known whether they stayed."""
        return int((~self.followed.known).sum())


def compared_arms(log: Logbook, serving: Serving, window: int, margin_share: float, now: datetime) -> Arms:
    """Follow the customers of both.

    Args:
        log: All decisions of the campaign.
        serving: Who made which of them.
        window: Days after which everybody is judged.
        margin_share: Of a bill, what is margin.
        now: Aware.

    Raises:
        InputError: the challenger decided nothing, an arm is empty, or outcomes that are due are not known.
        TableError: what is known of customers contradicts itself.
    """
    at = days(log, log.decided_at)
    if not serving.challenger.any():
        raise InputError("the challenger made no decision in this campaign: let it serve a share first")
    served = at[serving.challenger]
    both = np.isfinite(serving.share) & (at >= served.min()) & (at <= served.max())
    rows = first_rows(log, both)
    left_out = {"only decided about before or after both served": len(np.unique(log.customer)) - len(rows)}
    told = np.array([one is not None for one in log.features], dtype=np.bool_)
    for why, kept in (
        ("held out", log.reasons & int(Reason.HOLDOUT) == 0),
        ("first decided about by neither", serving.challenger | serving.champion),
        ("erased", told),
        (f"in for less than {window} days", np.round(day_of(log, now) - at, _DIGITS) >= window),
    ):
        left_out[why] = int((~kept[rows]).sum())
        rows = rows[kept[rows]]
    for name, those in (("challenger", serving.challenger), ("champion", serving.champion)):
        if not those[rows].any():
            raise InputError(
                f"the {name} has no customer who can be judged: none of {len(rows):,} who came in while both "
                f"served and were in for {window} days. Wait, or judge after fewer days"
            )
    arms = Arms(_followed(log, rows, serving, window, margin_share), rows, left_out)
    if arms.overdue > MOST_OVERDUE * len(rows):
        raise InputError(
            f"of {arms.overdue:,} of {len(rows):,} customers nobody said whether they stayed {window} days, "
            f"wanted at most {MOST_OVERDUE:.0%}: report what became of them (POST /outcomes)"
        )
    return arms


def _followed(log: Logbook, rows: Rows, serving: Serving, window: int, margin_share: float) -> Followed:
    since = np.full(int(log.customer.max(initial=-1)) + 1, np.nan)
    since[log.customer[rows]] = days(log, log.decided_at)[rows]
    left = _after(log, log.churned_at, since, latest=False)[log.customer[rows]]
    stayed = _after(log, log.retained_at, since, latest=True)[log.customer[rows]]
    has_left, has_stayed = left <= window, np.isfinite(left) | (stayed >= window)
    state = np.where(has_left, State.CHURNED, np.where(has_stayed, State.RETAINED, State.PENDING))
    known = np.maximum(stayed, np.where(np.isfinite(left), left, 0.0))
    time = np.where(has_left, left, np.maximum(known, 0.0))
    treated = serving.challenger[rows]
    return Followed.checked(
        treated=treated,
        arm_probability=np.where(treated, serving.share[rows], 1 - serving.share[rows]),
        state=state,
        days=time,
        margin_minor=margin_share * bills(log, rows) / MARGIN_DAYS * np.minimum(time, window),
        cost_minor=_costs(log, since, window)[log.customer[rows]],
        window_days=window,
        customer=log.customer[rows],
        source=log.campaign.campaign_id,
    )


def _after(log: Logbook, moments: Moments, since: Floats, latest: bool) -> Floats:
    """Give the first or latest moment of each customer in days after he came in; none: endlessly far."""
    # Thirty days to the microsecond are thirty, whatever a difference of fractions leaves.
    apart = np.round(days(log, moments) - since[log.customer], _DIGITS)
    there = apart >= 0
    none, pick = (-np.inf, np.maximum) if latest else (np.inf, np.minimum)
    found = np.full(len(since), none)
    pick.at(found, log.customer[there], apart[there])
    return found


def _costs(log: Logbook, since: Floats, window: int) -> Floats:
    """Add up what was spent on each customer for decisions inside the window, minor units."""
    apart = days(log, log.decided_at) - since[log.customer]
    inside = (apart >= 0) & (apart < window)
    spent = (log.contact_spent_minor + log.offer_spent_minor)[inside]
    return np.bincount(log.customer[inside], spent, minlength=len(since)).astype(np.float64)

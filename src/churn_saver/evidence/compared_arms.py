"""Two policies that served in one campaign, each its own customers: what became of whom.

By intention to treat: a customer counts for the policy that made the first decision about him while both
served, whoever decided later. Judged are those whose window is over and no others, for who leaves is told
before all others are known to stay. Held-out customers had neither policy. What is known of a customer, and
what he cost, goes by the rule of `after_entry`. How the shares were drawn this module does not know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from churn_saver.domain.action import Reason
from churn_saver.domain.logbook import Logbook
from churn_saver.errors import InputError
from churn_saver.evidence.after_entry import followed_after, is_over
from churn_saver.evidence.decision_columns import Flags, Floats, Rows, bills, first_rows
from churn_saver.evidence.followed import Followed

MOST_OVERDUE = 0.1
"""Share of due outcomes that may be unknown: more of them could hide any difference."""


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
    if not serving.challenger.any():
        raise InputError("the challenger made no decision in this campaign: let it serve a share first")
    at = log.decided_at
    served = at[serving.challenger]
    both = np.isfinite(serving.share) & (at >= served.min()) & (at <= served.max())
    rows = first_rows(log, both)
    left_out = {"only decided about before or after both served": len(np.unique(log.customer)) - len(rows)}
    told = np.array([one is not None for one in log.features], dtype=np.bool_)
    for why, kept in (
        ("held out", log.reasons & int(Reason.HOLDOUT) == 0),
        ("first decided about by neither", serving.challenger | serving.champion),
        ("erased", told),
        (f"in for less than {window} days", is_over(log, window, now)),
    ):
        left_out[why] = int((~kept[rows]).sum())
        rows = rows[kept[rows]]
    bill = bills(log, rows)
    left_out["without a bill on record"] = int((~np.isfinite(bill)).sum())
    rows, bill = rows[np.isfinite(bill)], bill[np.isfinite(bill)]
    for name, those in (("challenger", serving.challenger), ("champion", serving.champion)):
        if not those[rows].any():
            raise InputError(
                f"the {name} has no customer who can be judged: none of {len(rows):,} who came in while both "
                f"served and were in for {window} days. Wait, or judge after fewer days"
            )
    treated, share = serving.challenger[rows], serving.share[rows]
    drawn = np.where(treated, share, 1 - share)
    arms = Arms(followed_after(log, rows, treated, drawn, bill, window, margin_share), rows, left_out)
    if arms.overdue > MOST_OVERDUE * len(rows):
        raise InputError(
            f"of {arms.overdue:,} of {len(rows):,} customers nobody said whether they stayed {window} days, "
            f"wanted at most {MOST_OVERDUE:.0%}: report what became of them (POST /outcomes)"
        )
    return arms

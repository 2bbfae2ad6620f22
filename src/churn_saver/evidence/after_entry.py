"""What became of customers in the days after they came in: the one rule of `lift` and of `compare`.

A customer comes in with a decision; who does, and into which arm, is the caller's business. From then on

    left, stayed  is a fact about the customer, of whatever decision it was told. Leaving weighs more than
                  what was said of staying. What was told of an earlier decision counts where it came later
    margin        bill · margin_share · days kept, of those of the window, / 30
    cost          what was spent inside the window, on decisions made since he came in: a contact when it was
                  sent, an offer when it was accepted, and without such a moment when it was decided

Cost counts by when it was spent because the books post it then and the margin beside it ends with the window
too. By when it was decided, a discount taken after the window would stand against no day of margin.
"""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.campaign import PERIOD_DAYS
from churn_saver.domain.logbook import Logbook, Moments
from churn_saver.evidence.decision_columns import Flags, Floats, Rows, moment_of
from churn_saver.evidence.followed import Followed, State

_DAY = np.timedelta64(1, "D")
_LAST = np.iinfo(np.int64).max
_NEVER = np.datetime64("NaT", "us")


def is_over(log: Logbook, window_days: int, now: datetime) -> Flags:
    """Tell from which decisions on so many days have gone by, (n,).

    Args:
        log: n decisions.
        window_days: After the decision.
        now: Aware.
    """
    over: Flags = log.decided_at <= moment_of(now) - window_days * _DAY
    return over


def followed_after(
    log: Logbook,
    rows: Rows,
    treated: Flags,
    arm_probability: Floats,
    bill: Floats,
    window_days: int,
    margin_share: float,
) -> Followed:
    """Follow customers from the decision with which each came in.

    Shapes: log (n,); all others (m,).

    Args:
        log: All decisions of the campaign.
        rows: Where each customer came in, a customer once.
        treated: As `Followed`.
        arm_probability: As `Followed`.
        bill: A month, minor units.
        window_days: After which everybody is judged.
        margin_share: Of a bill, what is margin.

    Raises:
        InputError: no customer, or an arm without any.
        TableError: the books say what cannot be.
    """
    came_in = np.full(int(log.customer.max(initial=-1)) + 1, len(log))
    came_in[log.customer[rows]] = rows
    entered = log.decided_at[rows]
    since = np.full(len(came_in), _NEVER)
    since[log.customer[rows]] = entered
    own = np.arange(len(log)) >= came_in[log.customer]
    who = log.customer[rows]
    state, days = _states(
        entered,
        _picked(log, _told(log.churned_at, own, since[log.customer]), first=True)[who],
        _picked(log, _told(log.retained_at, own, since[log.customer]), first=False)[who],
        window_days,
    )
    return Followed.checked(
        treated=treated, arm_probability=arm_probability, state=state, days=days,
        margin_minor=bill * margin_share * np.minimum(days, window_days) / PERIOD_DAYS,
        cost_minor=_spent(log, own, since + window_days * _DAY)[who], window_days=window_days, customer=who,
        source=f"campaign {log.campaign.campaign_id!r}",
    )  # fmt: skip


def _told(moments: Moments, own: Flags, since: Moments) -> Moments:
    """Leave out what happened, and was told of a decision, before the customer came in, (n,)."""
    return np.where(own | (moments >= since), moments, _NEVER)


def _states(
    entered: Moments, left_at: Moments, stayed_until: Moments, window_days: int
) -> tuple[NDArray[np.int64], Floats]:
    """Give state and days of each customer, (m,)."""
    left = ~np.isnat(left_at)
    until_left = np.where(left, (left_at - entered) / _DAY, 0.0)
    known_for = np.where(np.isnat(stayed_until), 0.0, (stayed_until - entered) / _DAY)
    # A clock may be a little behind: nobody leaves before he came.
    days = np.maximum(np.where(left, until_left, known_for), 0.0)
    stayed = np.where(days >= window_days, State.RETAINED, State.PENDING)
    return np.where(left, State.CHURNED, stayed).astype(np.int64), days


def _picked(log: Logbook, moments: Moments, first: bool) -> Moments:
    """Give the first or last of each customer's moments, (n,) → by the books' number; NaT: there is none."""
    # NaT is the least of all 64-bit numbers.
    none, pick = (_LAST, np.minimum) if first else (_NEVER.astype(np.int64), np.maximum)
    told = np.where(np.isnat(moments), none, moments.astype(np.int64))
    found = np.full(int(log.customer.max(initial=-1)) + 1, none)
    pick.at(found, log.customer, told)
    return np.where(found == none, _NEVER, found.astype("datetime64[us]"))


def _spent(log: Logbook, own: Flags, ends: Moments) -> Floats:
    """Add up what was spent on each customer by the end of his window, minor units, by the books' number."""
    total = np.zeros(len(ends))
    for amount, at in (
        (log.contact_spent_minor, log.sent_at), (log.offer_spent_minor, log.accepted_at)
    ):  # fmt: skip
        inside = own & (np.where(np.isnat(at), log.decided_at, at) <= ends[log.customer])
        total += np.bincount(log.customer, amount * inside, minlength=len(ends))
    return total

"""A campaign's books as two arms of customers, and what is known of each by a moment.

One row a customer: the arm that was drawn for him, whatever was done then, and the days since his first
decision in the campaign. The draw is a keyed hash of the customer alone and asks no gate, so whoever may
not be written to is in both arms alike. What is left out is left out of both arms by what stood before
the arm could matter, and counted:

    erased     nothing is known of them any more. They may be more in the arm that was written to
    one arm    the draw had no second arm for them
    may not    suppressed or opted out at their first decision: no contact was possible in either arm
    bill       what they pay is not on record, so their margin is not known
    young      their window is not over. Of these only leavers are heard of, so they would count as losses

What is known of a customer, and what he brought and cost, goes by the rule of `evidence/after_entry`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import Reason
from churn_saver.domain.logbook import Logbook, Moments
from churn_saver.errors import InputError
from churn_saver.evidence.after_entry import followed_after, is_over
from churn_saver.evidence.decision_columns import bills
from churn_saver.evidence.followed import Followed

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Codes: TypeAlias = NDArray[np.intp]

_FOR_GOOD = int(Reason.SUPPRESSED | Reason.OPTED_OUT)


@dataclass(frozen=True, slots=True)
class Window:
    """What everybody is judged by."""

    days: int
    """After the first decision."""
    margin_share: float
    """Of a bill, what is margin; see env.yaml."""
    now: datetime
    """Aware: what is known by then."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Customers of one reason who are in neither arm."""

    why: str
    treated: int
    held_out: int


@dataclass(frozen=True, slots=True)
class Arms:
    """The customers of a campaign whose window is over."""

    followed: Followed
    entered_at: Moments
    """First decision of each, (n,)."""
    left_out: tuple[LeftOut, ...]


def arms_of(book: Logbook, window: Window) -> Arms:
    """Follow the customers of a campaign.

    Args:
        book: Its decisions, oldest first.
        window: By what they are judged.

    Raises:
        InputError: no holdout, no decision, nobody left in an arm, or leavers alone are known of one.
        TableError: the books say what cannot be.
    """
    name = f"campaign {book.campaign.campaign_id!r}"
    _refuse_empty(book, name)
    first = np.unique(book.customer, return_index=True)[1]
    held_out = (book.reasons[first] & int(Reason.HOLDOUT)) != 0
    bill = bills(book, first)
    kept, left_out = _kept(book, first, bill, held_out, window)
    if not (kept & held_out).any() or not (kept & ~held_out).any():
        told = "; ".join(f"{one.treated + one.held_out:,} {one.why}" for one in left_out) or "none"
        where = "holdout" if not (kept & held_out).any() else "treated arm"
        raise InputError(
            f"{name} has nobody in the {where} to compare with. Left out: {told}. Decide for more customers, "
            f"or wait until their {window.days} days are over"
        )
    rows, treated = first[kept], ~held_out[kept]
    followed = followed_after(
        book, rows, treated, book.arm_probability[rows], bill[kept], window.days, window.margin_share
    )
    _refuse_leavers_alone(followed, name)
    return Arms(followed, book.decided_at[rows], left_out)


def _refuse_empty(book: Logbook, name: str) -> None:
    if not book.campaign.holdout_share > 0:
        raise InputError(
            f"{name} has no holdout, so there is nothing to compare with. Open the next one with a "
            "holdout_share above 0 in serve.yaml, such as 0.05"
        )
    if not len(book):
        raise InputError(f"{name} has no decision yet, wanted some. Decide for its customers first")


def _kept(
    book: Logbook, first: Codes, bill: Floats, held_out: Flags, window: Window
) -> tuple[Flags, tuple[LeftOut, ...]]:
    """Say who is compared, (k,), and who is not, each under the first reason that holds."""
    drawn = book.arm_probability[first]
    reasons = (
        ("erased", np.array([book.features[row] is None for row in first.tolist()], dtype=np.bool_)),
        ("could be in one arm only", ~((drawn > 0) & (drawn < 1))),
        ("may not be written to", (book.excluded[first, 1] & _FOR_GOOD) != 0),
        ("without a bill on record", ~np.isfinite(bill)),
        (f"not yet followed for {window.days} days", ~is_over(book, window.days, window.now)[first]),
    )
    kept, found = np.ones(len(first), dtype=np.bool_), []
    for why, holds in reasons:
        here = kept & holds
        kept &= ~holds
        if here.any():
            found.append(LeftOut(why, int((here & ~held_out).sum()), int((here & held_out).sum())))
    return kept, tuple(found)


def _refuse_leavers_alone(followed: Followed, name: str) -> None:
    """Refuse an arm of which some are pending and nobody is known to have stayed: its share would be 0."""
    for arm, inside in (("treated arm", followed.treated), ("holdout", ~followed.treated)):
        pending, stayed = inside & ~followed.known, inside & followed.known & (followed.kept > 0)
        if pending.any() and not stayed.any():
            raise InputError(
                f"{name}: of the {arm} nobody is known to have stayed for {followed.window_days:g} days, and "
                f"{int(pending.sum()):,} are pending: leavers alone say nothing. Report who stayed too "
                "(outcome retained)"
            )

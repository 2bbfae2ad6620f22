"""The first line of a campaign's report: what can be said, in one sentence or two.

In this order: arms of the wrong sizes, a campaign too small for what it was to show, an effect, none.
What comes first takes the word, for what comes after would be read without it.
"""

from churn_saver.errors import InputError
from churn_saver.evidence.detectable import POWER, share_size
from churn_saver.evidence.lift import Lift
from churn_saver.evidence.shares import Interval

MOST_SAVED = 0.5
"""Where nobody wrote down which effect is wanted: a campaign that could show nothing less than saving this
share of those who leave is too small."""


def is_too_small(lift: Lift, wanted: float | None = None) -> bool:
    """Tell whether the sample is too small for what it was to show.

    Args:
        lift: Of the campaign.
        wanted: Difference of the retained shares that the protocol wants to see, such as 0.02; None: it
            names none, and `MOST_SAVED` of those who leave stands for it.

    Raises:
        InputError: a wanted difference that is none.
    """
    return lift.retained.smallest > _wanted(lift, wanted)


def first_line(lift: Lift, wanted: float | None = None) -> str:
    """Say what can be said of a campaign.

    Args:
        lift: Of the campaign.
        wanted: As in `is_too_small`.

    Raises:
        InputError: as `is_too_small`.
    """
    if lift.sample_ratio.is_mismatch:
        return lift.sample_ratio.verdict
    if is_too_small(lift, wanted):
        return _too_small(lift, wanted)
    difference = lift.retained.difference
    if difference.low > 0:
        return f"The campaign kept customers: {_seen(lift)}, which is {_people(lift.saved, 1)} saved."
    if difference.high < 0:
        return f"The campaign drove customers away: {_seen(lift)}, which is {_people(lift.saved, -1)} lost."
    return (
        f"No effect on who stays was found: {_seen(lift)}. An effect of "
        f"{_points(lift.retained.smallest)} would have been found in {100 * POWER:g} % of such campaigns."
    )


def _too_small(lift: Lift, wanted: float | None) -> str:
    treated, holdout, difference = lift.treated, lift.holdout, lift.retained.difference
    caution = (
        "A difference seen in so small a sample is likely to be too large."
        if difference.low > 0 or difference.high < 0
        else "That it shows none does not mean that there is none."
    )
    return (
        f"This campaign is too small to say whether it kept customers: {treated.customers:,} treated and "
        f"{holdout.customers:,} held out, {treated.pending + holdout.pending:,} of them pending, show a "
        f"difference of {_points(lift.retained.smallest)} in {100 * POWER:g} % of such campaigns, and "
        f"smaller ones less often. {_asked(lift, wanted)}. Seen: {_interval(difference)}. {caution}"
    )


def _asked(lift: Lift, wanted: float | None) -> str:
    """Say which difference is asked for, and how many customers show it, where there can be as many."""
    effect, share = _wanted(lift, wanted), lift.holdout.retained.value
    told = f"{_points(effect)} {'would be half of those who leave' if wanted is None else 'are asked for'}"
    if effect <= 0 or share + effect > 1:
        return told
    held_out = lift.holdout.customers / (lift.holdout.customers + lift.treated.customers)
    return f"{told}: that takes {share_size(effect, share, held_out):,} customers, none pending"


def _wanted(lift: Lift, wanted: float | None) -> float:
    if wanted is None:
        return MOST_SAVED * (1 - lift.holdout.retained.value)
    if not 0 < wanted <= 1:
        raise InputError(
            f"the wanted difference is {wanted}, wanted a share above 0 and at most 1, such as 0.02"
        )
    return wanted


def _seen(lift: Lift) -> str:
    return (
        f"{_percent(lift.treated.retained)} of the treated and {_percent(lift.holdout.retained)} of the held "
        f"out are still customers after {lift.window_days:g} days, a difference of "
        f"{_interval(lift.retained.difference)} at {100 * lift.level:.4g} %"
    )


def _percent(share: Interval) -> str:
    return f"{100 * share.value:.1f} %"


def _points(difference: float) -> str:
    return f"{100 * difference:.1f} percentage points"


def _interval(difference: Interval) -> str:
    low, high = 100 * difference.low, 100 * difference.high
    return f"{_points(difference.value)} (from {low:.1f} to {high:.1f})"


def _people(saved: Interval, sign: int) -> str:
    low, high = sorted((sign * saved.low, sign * saved.high))
    return f"{sign * saved.value:,.0f} customers (from {low:,.0f} to {high:,.0f})"

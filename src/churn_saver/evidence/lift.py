"""What a campaign did: retained share and money of the treated arm against the holdout.

By intention to treat: a customer counts in the arm that was drawn for him, contacted or not. Both arms
speak of the customers who were treated (`evidence/arm_means`), and of each the days of one window;
who is pending stands for nobody, and who is known for those like him who are not
(`evidence/censoring`). Whom it helped, and by which offer, this module does not know.

Intervals are those of one look; a campaign that is looked at before its end is judged at the level
that `evidence/looks` gives for the look.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.evidence.arm_means import Mean, cells, mean_of, share_of, spread, wilson_of
from churn_saver.evidence.contrasts import mean_difference, mean_interval, ratio
from churn_saver.evidence.detectable import smallest_effect
from churn_saver.evidence.followed import Followed
from churn_saver.evidence.sample_ratio import SampleRatio, sample_ratio
from churn_saver.evidence.shares import Interval, newcombe, normal_quantile

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm."""

    customers: int
    known: int
    """Of them, those who have left, or have been followed to the end of the window."""
    pending: int
    """The others. They are in the figures through those who are known, and are no leavers."""
    median_days: float
    """Of following, at most the window, over the customers who have not left."""
    effective_size: float
    """Customers, all followed to the end, who would show the share as surely."""
    retained: Interval
    """Share still customers at the end of the window."""
    margin_minor: Interval
    """Mean over customers, minor units."""
    cost_minor: Interval
    """Mean over customers, minor units."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The treated arm against the holdout."""

    difference: Interval
    """Treated minus holdout."""
    ratio: Interval | None
    """Treated over holdout; None where the holdout's figure may be 0 or less."""
    smallest: float
    """Difference, of either sign, that this sample shows in four campaigns of five at 95 %."""


@dataclass(frozen=True, slots=True)
class Lift:
    """What a campaign did."""

    window_days: float
    level: float
    """Coverage of every interval here."""
    sample_ratio: SampleRatio
    """Whether anything below can be trusted."""
    treated: Arm
    holdout: Arm
    retained: Effect
    """Of the share."""
    margin_minor: Effect
    """Of the mean margin, before what the campaign cost."""
    net_minor: Effect
    """Of the mean margin less cost."""
    saved: Interval
    """Treated customers who stayed and would have left without the campaign, less those driven away."""
    earned_minor: Interval
    """Margin that the campaign brought with all treated customers, less what it cost, minor units."""


def lift(followed: Followed, level: float = LEVEL) -> Lift:
    """Compare the arms.

    Args:
        followed: Customers of both arms.
        level: Coverage of the intervals, inside (0, 1).

    Raises:
        InputError: nobody of an arm was followed to the end of the window, an arm with fewer than two
            customers, or a level outside (0, 1).
    """
    treated, holdout = _figures(followed, treated=True), _figures(followed, treated=False)
    customers = int(followed.treated.sum())
    retained = _shares(treated, holdout, level)
    net = _money(treated.net, holdout.net, level)
    return Lift(
        window_days=followed.window_days,
        level=level,
        sample_ratio=sample_ratio(followed.treated, followed.treated_probability),
        treated=_arm(followed, followed.treated, treated, level),
        holdout=_arm(followed, ~followed.treated, holdout, level),
        retained=retained,
        margin_minor=_money(treated.margin, holdout.margin, level),
        net_minor=net,
        saved=_times(retained.difference, customers),
        earned_minor=_times(net.difference, customers),
    )


@dataclass(frozen=True, slots=True)
class _Figures:
    """What is estimated of an arm, before it is compared."""

    share: float
    size: float
    margin: Mean
    cost: Mean
    net: Mean


def _figures(followed: Followed, treated: bool) -> _Figures:
    arm = cells(followed, treated)
    margin, cost = spread(followed.margin_minor, arm), spread(followed.cost_minor, arm)
    net = tuple(one - other for one, other in zip(margin, cost, strict=True))
    share, size = share_of(spread(followed.kept, arm), arm)
    return _Figures(share, size, mean_of(margin, arm), mean_of(cost, arm), mean_of(net, arm))


def _arm(followed: Followed, inside: NDArray[np.bool_], arm: _Figures, level: float) -> Arm:
    known = int((inside & followed.known).sum())
    staying = inside & (~followed.known | (followed.kept > 0))
    return Arm(
        customers=int(inside.sum()),
        known=known,
        pending=int(inside.sum()) - known,
        median_days=float(np.median(followed.time[staying])) if staying.any() else 0.0,
        effective_size=arm.size,
        retained=wilson_of(arm.share, arm.size, level),
        margin_minor=mean_interval(arm.margin, level),
        cost_minor=mean_interval(arm.cost, level),
    )


def _shares(treated: _Figures, holdout: _Figures, level: float) -> Effect:
    at_level = _newcombe(treated, holdout, level)
    # Half the length over z: a standard error that is not 0 where nobody has left.
    half = _newcombe(treated, holdout, LEVEL)
    error = (half.high - half.low) / 2 / normal_quantile(LEVEL)
    one, other = (wilson_of(arm.share, arm.size, level) for arm in (treated, holdout))
    return Effect(at_level, ratio(one, other), smallest_effect(error))


def _newcombe(treated: _Figures, holdout: _Figures, level: float) -> Interval:
    rows, other_rows = np.array([treated.size]), np.array([holdout.size])
    low, high = newcombe(treated.share * rows, rows, holdout.share * other_rows, other_rows, level)
    return Interval(treated.share - holdout.share, float(low[0]), float(high[0]))


def _money(treated: Mean, holdout: Mean, level: float) -> Effect:
    relative = ratio(mean_interval(treated, level), mean_interval(holdout, level))
    error = float(np.sqrt(treated.variance + holdout.variance))
    return Effect(mean_difference(treated, holdout, level), relative, smallest_effect(error))


def _times(one: Interval, customers: int) -> Interval:
    return Interval(one.value * customers, one.low * customers, one.high * customers)

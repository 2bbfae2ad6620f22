"""Means of what is known only of some, because the others have not been followed long enough.

Whoever is known stands for those like him who are not: he is weighted by the inverse of the chance of
still being followed by then, and that chance is a Kaplan-Meier curve of the following itself. For the
share retained this is the Kaplan-Meier estimate. It holds where how long somebody is followed has
nothing to do with what becomes of him, as when all are followed up to today and entered on different
days; it does not hold where leavers are reported sooner than stayers.

Source: Bang and Tsiatis, "Estimating medical costs with censored data", Biometrika 87 (2000), the
simple weighted estimator and its influence function; Satten and Datta, "The Kaplan-Meier estimator as
an inverse-probability-of-censoring weighted average", The American Statistician 55 (2001). Days are
whole numbers, so the influence function is taken of the product over days, without a limit.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import InputError

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Places: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Following:
    """How long the customers of one arm have been followed."""

    known: Flags
    """Whose outcome is known, (n,)."""
    weight: Floats
    """What a customer stands for by design, (n,)."""
    inverse: Floats
    """1 / chance of being followed that long, where known; 0 elsewhere, (n,)."""
    place: Places
    """Moments, of those at which somebody ends, that lie before the customer's own, (n,)."""
    hazard: Floats
    """Share of those still followed who end at a moment, (m,)."""
    after: Floats
    """Weight of those who are followed beyond a moment, (m,)."""

    @property
    def standing_for(self) -> Floats:
        """What each known customer stands for, 0 where pending, (n,)."""
        return self.weight * self.inverse


def following(time: Floats, known: Flags, weight: Floats, name: str) -> Following:
    """Work out what each known customer stands for.

    Of what ends on the same day, leaving comes before the end of following.

    Args:
        time: Days, (n,): of who is known, when it became known; of others, how long they were followed.
        known: Whose outcome is known, (n,).
        weight: What a customer stands for by design, above 0, (n,).
        name: Of the arm, as a message names it.

    Raises:
        InputError: nobody was followed to the end, so the end is unknown.
    """
    pending = ~known
    moments = np.unique(time[pending])
    order = np.argsort(time, kind="stable")
    passed = np.append(0.0, np.cumsum(weight[order]))[np.searchsorted(time[order], moments, side="right")]
    after = weight.sum() - passed
    if len(moments) and not time.max() > moments[-1]:
        raise InputError(
            f"nobody of the {name} has been followed to the end of the window, the longest for "
            f"{moments[-1]:g} days. Wait, or judge at a shorter window if the protocol names one"
        )
    lost = np.bincount(np.searchsorted(moments, time[pending]), weight[pending], minlength=len(moments))
    hazard = lost / (after + lost)
    place = np.searchsorted(moments, time, side="left")
    chance = np.append(1.0, np.cumprod(1.0 - hazard))[place]
    return Following(known, weight, np.where(known, 1.0 / chance, 0.0), place, hazard, after)


def pseudo_values(value: Floats, among: Following) -> Floats:
    """Give numbers whose mean estimates the mean of the value, and whose spread its error.

    Each is the estimate plus the customer's influence on it; where all are known and stand for
    themselves, it is the value. The influence counts that the chances are estimated too.

    Shapes: (n,) → (n,).

    Args:
        value: Of who is known; elsewhere not read.
        among: Of the same customers.
    """
    weight, total = among.weight, float(among.weight.sum())
    own = among.inverse * np.where(among.known, value, 0.0)
    mean = float((weight * own).sum()) / total
    pull = _beyond(weight * own, among.place, len(among.hazard)) / among.after
    risk = np.append(0.0, np.cumsum(pull * among.hazard))
    here = among.place[~among.known]
    influence = own - mean - risk[among.place]
    # Who ends at a moment was at risk there too.
    influence[~among.known] += pull[here] - (pull * among.hazard)[here]
    around: Floats = mean + weight * (len(weight) / total) * influence
    return around


def _beyond(amount: Floats, place: Places, moments: int) -> Floats:
    """Sum what lies beyond each moment, which is where the place is above the moment's own.

    Shapes: (n,), (n,) → (m,).
    """
    by_place = np.bincount(place, amount, minlength=moments + 1).astype(np.float64)
    return np.cumsum(by_place[::-1], dtype=np.float64)[::-1][1:]

"""Looks at a campaign before its end, each at a level of its own, so that all together err as one.

Whoever looks five times at a level of 95 % finds something in one campaign of seven that does nothing.
Here the chance of error is spent over the looks that the protocol names: hardly any at the first,
nearly all of it at the last, so that the end keeps nearly its whole level. How much is spent depends
on how much is known at a look and not on what is seen, so a look may be moved, left out or added as
long as its result has no say in that.

Source: Lan and DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 70 (1983), the
spending function of the O'Brien-Fleming type; Armitage, McPherson and Rowe, "Repeated significance
tests on accumulating data", JRSS A 132 (1969), the integration; Jennison and Turnbull, "Interim
analyses: the repeated confidence interval approach", JRSS B 51 (1989), the intervals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from churn_saver.errors import InputError

Floats: TypeAlias = NDArray[np.float64]

LEVEL = 0.95
"""Coverage of all looks together."""
_FARTHEST = 9.0
"""Standard deviations beyond which no path is."""
_LARGEST = 38.0
"""No normal tail is a number above 0 beyond this."""
_SUREST = 1 - 1e-15
"""Level at most, so that it stays below 1 where numbers end."""
_NEAREST = 0.001
"""Fractions nearer than this are one look."""
_NODES, _FEWEST, _STEPS = 16, 16, 2.5
"""Of the integration: Gauss-Legendre nodes of a panel, panels at least, and the length of a panel at most, in
standard deviations of the step from one look to the next."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look."""

    fraction: float
    """Of what will be known at the end, inside (0, 1]."""
    spent: float
    """Chance of error of all looks up to this one."""
    critical: float
    """Standard errors from 0 beyond which an effect counts as found."""
    level: float
    """Coverage of the interval to be shown now: critical standard errors to either side, 8 at most."""


def spent_by(fraction: float, level: float = LEVEL) -> float:
    """Give the chance of error that may be spent by a fraction: 4·(1 − Φ(z / √fraction)), z = Φ⁻¹(1 − α/4).

    Half of it at either end, each with the function of a one-sided test at α/2.
    """
    tail = (1 - level) / 4
    return float(4 * ndtr(ndtri(tail) / np.sqrt(fraction)))


def looks(fractions: Sequence[float], level: float = LEVEL, is_last: bool = False) -> tuple[Look, ...]:
    """Give every look its level.

    The looks so far are enough: a later one does not change an earlier one.

    Args:
        fractions: Of what will be known at the end, rising, inside (0, 1]: customers followed the whole
            window by then over those that the protocol foresees. More than were foreseen count as 1.
        level: Coverage of all looks together, inside (0, 1).
        is_last: No look comes after these, so the last spends all that is left, though less was known
            than foreseen.

    Raises:
        InputError: no look, fractions that do not rise inside (0, 1] or are too near each other, or a level
            outside (0, 1).
    """
    _refuse(fractions, level)
    found: list[Look] = []
    node, mass, before = np.zeros(1), np.ones(1), 0.0
    spent, last_step, edge = 0.0, 0.0, 0.0
    for k, fraction in enumerate(fractions):
        is_end = is_last and k == len(fractions) - 1
        allowed = 1 - level if is_end else spent_by(fraction, level)
        step = float(np.sqrt(fraction - before))
        if found:
            node, mass = _carried(node, mass, last_step, edge, min(last_step, step))
        critical = _critical(node, mass, step, fraction, (allowed - spent) / 2)
        found.append(Look(fraction, allowed, critical, min(float(1 - 2 * ndtr(-critical)), _SUREST)))
        edge = min(critical, _FARTHEST) * float(np.sqrt(fraction))
        before, spent, last_step = fraction, allowed, step
    return tuple(found)


def _critical(node: Floats, mass: Floats, step: float, fraction: float, tail: float) -> float:
    """Find the bound that paths inside so far pass upwards with the chance given."""

    def above(bound: float) -> float:
        return float(mass @ ndtr((node - bound * np.sqrt(fraction)) / step))

    if above(_LARGEST) >= tail:
        return _LARGEST
    # In logarithms, for the first looks spend next to nothing.
    wanted = np.log(tail)
    return float(brentq(lambda z: np.log(max(above(z), 1e-320)) - wanted, 0.0, _LARGEST, xtol=1e-10))


def _carried(node: Floats, mass: Floats, step: float, edge: float, finest: float) -> tuple[Floats, Floats]:
    """Carry the paths on by one look: nodes inside ± edge, and the chance that stands at each."""
    panels = max(_FEWEST, int(np.ceil(2 * edge / (_STEPS * finest))))
    point, weight = np.polynomial.legendre.leggauss(_NODES)
    half = edge / panels
    there = ((2 * np.arange(panels)[:, None] + 1) * half - edge + half * point).ravel()
    apart = (there[:, None] - node[None, :]) / step
    density = np.exp(-0.5 * apart**2) @ mass / (step * np.sqrt(2 * np.pi))
    return there, np.tile(weight * half, panels) * density


def _refuse(fractions: Sequence[float], level: float) -> None:
    if not 0 < level < 1:
        raise InputError(f"level is {level}, wanted a share inside (0, 1), such as {LEVEL}")
    told = [0.0, *fractions]
    if not fractions or not all(b - a >= _NEAREST - 1e-9 and b <= 1 for a, b in pairwise(told)):
        raise InputError(
            f"looks are at {list(fractions)}, wanted one or more fractions of what will be known at the end, "
            f"each {_NEAREST} or more above the one before and at most 1, such as [0.25, 0.5, 0.75, 1]"
        )

"""Spend one budget on the customers where it gains most: a multiple-choice knapsack by dual price.

Each customer takes at most one choice. On the upper concave hull of a customer's choices every
step up costs more per unit gained, so the relaxed optimum takes all customers' steps in order of
gain per unit of weight until the limit is met; the slope of the step that no longer fits is the
price λ. Nothing is taken after that step: a fill would gain less than one customer and no single
price could repeat it. Knows nothing of what gains and weights mean.
Source: Sinha & Zoltners, The Multiple-Choice Knapsack Problem, Operations Research 27 (1979).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import N_CHOICES, N_OFFERS
from churn_saver.errors import InputError

_CHUNK = 65_536
"""Rows whose hulls are built at a time, so that what lies between input and output fits the cache."""


@dataclass(frozen=True, slots=True)
class KnapsackPlan:
    """One choice for each customer, within the limit, and how far from perfect it is."""

    choice: NDArray[np.int8]
    """(n,), 0..4."""
    price: float
    """λ: gain that one unit of weight must bring; 0 when everything fits."""
    bound: float
    """No plan within the limit gains more: the optimum of the linear relaxation."""
    value: float
    """Gain of the plan; less than one customer's gain under `bound`."""
    spent_minor: int
    """Weight of the plan, at most the limit."""
    split_row: int | None
    """Customer whose next step did not fit; None: everything fits."""
    tied_rows: NDArray[np.int64]
    """Customers whose step at exactly λ was taken, lightest first while they fit; usually none."""

    def row_prices(self) -> NDArray[np.float64]:
        """Give the price at which `choose` repeats this plan to the last customer, (n,).

        λ, and for `tied_rows` the number just under it. With λ alone `choose` leaves ties out.
        """
        return _row_prices(len(self.choice), self.price, self.tied_rows)


@dataclass(frozen=True, slots=True)
class _Hulls:
    """Steps of every customer's concave hull, steepest first."""

    slope: NDArray[np.float64]
    """Gain per unit of weight, (4, n), not rising along a customer's steps; 0: no step."""
    gain: NDArray[np.float64]
    """What the step adds, (4, n)."""
    weight: NDArray[np.int64]
    """What the step adds, (4, n)."""
    path: NDArray[np.int8]
    """Choice after 0, 1, .. 4 steps, (5, n); the first is the best that weighs nothing."""


def solve(
    gain: NDArray[np.float64], weight: NDArray[np.int64], allowed: NDArray[np.bool_], limit_minor: int
) -> KnapsackPlan:
    """Find the best choices within the limit, to within one customer of the bound.

    Args:
        gain: What each choice gains over choice 0, (n, 5); −inf: never; column 0 is not read.
        weight: What each choice takes of the limit, (n, 5), ≥ 0; column 0 is not read.
        allowed: Open choices, (n, 5); column 0 is always open.
        limit_minor: What all choices together may take, in the unit of `weight`.

    Raises:
        InputError: shapes differ, a gain is NaN or +inf, a weight or the limit is negative.
    """
    if limit_minor < 0:
        raise InputError(f"limit_minor is {limit_minor}, wanted 0 or more")
    hulls = _hulls(gain, weight, allowed)
    price = _split_price(hulls, limit_minor)
    above = hulls.slope > price
    left = limit_minor - int(hulls.weight[above].sum())
    tied, split_row = _ties(hulls, price, left)
    free = np.flatnonzero(hulls.path[0])
    base = float(gain[free, hulls.path[0, free]].sum())
    bound = base + float(hulls.gain[above].sum()) + price * left
    choice = _at_price(hulls, _row_prices(len(gain), price, tied))
    contacted = np.flatnonzero(choice)
    value = float(gain[contacted, choice[contacted]].sum())
    spent = int(weight[contacted, choice[contacted]].sum())
    return KnapsackPlan(choice, price, bound, value, spent, split_row, tied)


def choose(
    gain: NDArray[np.float64],
    weight: NDArray[np.int64],
    allowed: NDArray[np.bool_],
    price: float | NDArray[np.float64],
) -> NDArray[np.int8]:
    """Choose for each customer alone: the most of gain − λ·weight, the cheaper one on a tie.

    A contact is chosen only when it is strictly better than none. With the price of `solve` the
    spend is within its limit. The comparison is made on the hull's slopes, not on the sums, so
    that rounding cannot turn a tie.

    Args:
        gain: As in `solve`, (n, 5).
        weight: As in `solve`, (n, 5).
        allowed: As in `solve`, (n, 5).
        price: λ for all, or one for each row, (n,).

    Raises:
        InputError: shapes differ, a gain is NaN or +inf, a weight or a price is negative.
    """
    if not np.all(np.asarray(price) >= 0.0):
        raise InputError(f"price is {np.min(price)}, wanted 0 or more")
    return _at_price(_hulls(gain, weight, allowed), price)


def _row_prices(n: int, price: float, tied: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give λ to all, and the number just under it where a step at exactly λ is taken, (n,)."""
    prices: NDArray[np.float64] = np.full(n, price)
    prices[tied] = np.nextafter(price, 0.0)
    return prices


def _at_price(hulls: _Hulls, price: float | NDArray[np.float64]) -> NDArray[np.int8]:
    """Walk each hull as far as its steps bring more than the price, (n,)."""
    steps = (hulls.slope > price).sum(axis=0)
    choice: NDArray[np.int8] = hulls.path[steps, np.arange(hulls.path.shape[1])]
    return choice


def _split_price(hulls: _Hulls, limit_minor: int) -> float:
    """Slope of the first step, steepest first, that no longer fits; 0 when all fit."""
    useful = hulls.slope > 0.0
    slopes, weights = hulls.slope[useful], hulls.weight[useful]
    order = np.argsort(-slopes)
    split = int(np.searchsorted(np.cumsum(weights[order]), limit_minor, side="right"))
    return float(slopes[order[split]]) if split < len(order) else 0.0


def _ties(hulls: _Hulls, price: float, left: int) -> tuple[NDArray[np.int64], int | None]:
    """Take the steps at exactly the price, lightest first, so that equal customers share what is left.

    Returns the rows that are taken and the first that is not.
    """
    if price == 0.0:
        return np.empty(0, dtype=np.int64), None
    at_price = (hulls.weight * (hulls.slope == price)).sum(axis=0)
    rows = np.flatnonzero(at_price)
    rows = rows[np.argsort(at_price[rows], kind="stable")]
    fits = int(np.searchsorted(np.cumsum(at_price[rows]), left, side="right"))
    return rows[:fits], int(rows[fits])


def _hulls(gain: NDArray[np.float64], weight: NDArray[np.int64], allowed: NDArray[np.bool_]) -> _Hulls:
    """Build all hulls, a block of rows at a time."""
    n = len(gain)
    shapes = {gain.shape, weight.shape, allowed.shape}
    if shapes != {(n, N_CHOICES)}:
        raise InputError(f"gain, weight and allowed have shapes {sorted(shapes)}, wanted {(n, N_CHOICES)}")
    if not np.all(gain[:, 1:] < np.inf):
        raise InputError("gain has NaN or inf, wanted numbers; use -inf for what must not be taken")
    if np.any(weight[:, 1:] < 0):
        raise InputError(f"weight has {weight[:, 1:].min()}, wanted 0 or more")
    hulls = _Hulls(
        np.zeros((N_OFFERS, n)), np.zeros((N_OFFERS, n)),
        np.zeros((N_OFFERS, n), dtype=np.int64), np.zeros((N_CHOICES, n), dtype=np.int8),
    )  # fmt: skip
    for first in range(0, n, _CHUNK):
        rows = slice(first, first + _CHUNK)
        open_gain = np.where(allowed[rows, 1:], gain[rows, 1:], -np.inf)
        _climb(np.ascontiguousarray(open_gain.T), np.ascontiguousarray(weight[rows, 1:].T), hulls, rows)
    return hulls


def _climb(gain: NDArray[np.float64], weight: NDArray[np.int64], hulls: _Hulls, rows: slice) -> None:
    """Write the hull steps of a block: from where one stands, always the steepest way up.

    Shapes: gain (4, m), weight (4, m).
    """
    m = gain.shape[1]
    at_gain, at_weight, at = np.zeros(m), np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.int8)
    for k in range(N_OFFERS):
        better = (weight[k] == 0) & (gain[k] > at_gain)
        at_gain, at = np.where(better, gain[k], at_gain), np.where(better, np.int8(1 + k), at)
    hulls.path[0, rows] = at
    ceiling = np.full(m, np.inf)
    for step in range(N_OFFERS):
        best, to = np.zeros(m), np.zeros(m, dtype=np.int64)
        for k in range(N_OFFERS):
            along = weight[k] - at_weight
            slope = (gain[k] - at_gain) / np.maximum(along, 1)
            wins = (along > 0) & (slope > best)
            best, to = np.where(wins, slope, best), np.where(wins, k, to)
        climbs = best > 0.0
        # Two slopes that are equal but for rounding must not come out in rising order.
        ceiling = np.minimum(ceiling, best)
        hulls.slope[step, rows] = ceiling
        to_gain = np.where(climbs, gain[to, np.arange(m)], at_gain)
        to_weight = np.where(climbs, weight[to, np.arange(m)], at_weight)
        hulls.gain[step, rows], hulls.weight[step, rows] = to_gain - at_gain, to_weight - at_weight
        at_gain, at_weight, at = to_gain, to_weight, np.where(climbs, (1 + to).astype(np.int8), at)
        hulls.path[step + 1, rows] = at

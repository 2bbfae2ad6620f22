"""How much is won by starting with those a ranking puts first: Qini curve, its area, and the cost curve.

Takes a ranking and, for each customer, a doubly robust score whose mean over any group of customers
estimates the effect there (`uplift.scores`). Bands hold for this ranking on other customers like
these; that another log would have taught another ranking they do not know. A ranking is judged on rows
that it did not learn from. Where folds of the same rows taught each other's ranking, as in `uplift`, any two
of them share what chance did to both, and count it twice: the variance of what the ranking adds to a random
order is doubled, which is right where it adds nothing and careful elsewhere.

Source: gain over the share targeted, Radcliffe, "Using control groups to target on predicted lift"
(2007), with doubly robust scores in place of group means as in Yadlowsky et al., "Evaluating treatment
prioritization rules via rank-weighted average treatment effects", JASA 120 (2025). Errors by the
influence function of a mean over those above an estimated quantile; a band that holds everywhere at
once by the largest deviation of the normal law with that covariance, Montiel Olea and Plagborg-Møller,
"Simultaneous confidence bands", Journal of Applied Econometrics 34 (2019).
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from churn_saver.errors import InputError
from churn_saver.evidence.clusters import units_of
from churn_saver.evidence.logged import Floats, Whole
from churn_saver.evidence.shares import Interval, normal_quantile

PARTS = 100
"""Steps of a curve, each of equally many rows."""
LEVEL = 0.95
_DRAWS = 2_000
_NEAR = 20
"""The effect at a cut is the mean score of this many parts of a whole around it."""


@dataclass(frozen=True, slots=True)
class Curve:
    """What is won by treating more and more customers in the order of a ranking, b parts."""

    share: Floats
    """Of customers treated, from 0 to 1, (b + 1,)."""
    gain: Floats
    """Mean score of the treated times their share: what is won for each customer of the log, (b + 1,)."""
    error: Floats
    """Standard error, clustered by unit, (b + 1,)."""
    low: Floats
    high: Floats
    """Band that holds the whole curve with `LEVEL`, (b + 1,)."""
    area: Interval
    """AUUC: area under `gain`, by trapezoids."""
    over_random: Interval
    """Qini coefficient: area between `gain` and the straight line of a random order."""
    rows: int
    left_out: int
    """Rows without a score: the arm was not allowed there."""


@dataclass(frozen=True, slots=True)
class CostCurve:
    """The same against money."""

    spent: Floats
    """For each customer of the log, (b + 1,)."""
    net: Curve
    """Gain less cost."""


def qini(
    effect: Floats,
    score: Floats,
    unit: Whole,
    rng: np.random.Generator,
    parts: int = PARTS,
    cross_fitted: bool = False,
) -> Curve:
    """Follow a ranking.

    Args:
        effect: Largest first, (n,); equal ones come in an order that is drawn.
        score: Doubly robust score of the same arm, (n,); NaN: the arm was not allowed.
        unit: Codes of customers, (n,).
        rng: Breaks ties and finds the width of the band.
        parts: Steps of the curve; with fewer rows, one a row.
        cross_fitted: Folds of these rows taught each other's effects; False: other rows did.

    Units: of the score.

    Raises:
        InputError: lengths that differ, an effect that is no number, an infinite score, or fewer than
            two units with a score.
    """
    order, used = _ranked(effect, score, unit, rng)
    return _curve(score[order], unit[order], len(score) - used, rng, parts, cross_fitted)


def cost_curve(
    effect: Floats,
    score: Floats,
    cost: Floats,
    unit: Whole,
    rng: np.random.Generator,
    parts: int = PARTS,
    cross_fitted: bool = False,
) -> CostCurve:
    """Follow a ranking by effect per cost, and count what is left after the cost.

    Args:
        effect: In money, (n,).
        score: In money, before the cost, (n,); NaN: the arm was not allowed.
        cost: Expected cost of the arm over that of no contact, above 0, (n,).
        unit: Codes of customers, (n,).
        rng: Breaks ties and finds the width of the band.
        parts: Steps of the curve; with fewer rows, one a row.
        cross_fitted: As in `qini`.

    Raises:
        InputError: as `qini`, or a cost that is not above 0.
    """
    wrong = np.flatnonzero(~((cost > 0) & np.isfinite(cost)))
    if len(cost) != len(score) or len(wrong):
        what = f"row {wrong[0]} costs {cost[wrong[0]]:g}" if len(wrong) else f"there are {len(cost)} costs"
        raise InputError(f"{what}, wanted one cost above 0 for each of {len(score)} rows")
    order, used = _ranked(effect / cost, score, unit, rng)
    net = _curve(score[order] - cost[order], unit[order], len(score) - used, rng, parts, cross_fitted)
    spent = np.concatenate([[0.0], np.cumsum(cost[order])]) / used
    return CostCurve(spent[_cuts(used, len(net.share) - 1)], net)


def _ranked(effect: Floats, score: Floats, unit: Whole, rng: np.random.Generator) -> tuple[Whole, int]:
    """Give the rows that have a score, best first, and their number."""
    if not len(effect) == len(score) == len(unit):
        raise InputError(
            f"there are {len(effect)} effects, {len(score)} scores and {len(unit)} units, wanted one each"
        )
    for name, wrong in (("effect", ~np.isfinite(effect)), ("score", np.isinf(score))):
        if wrong.any():
            raise InputError(f"{name} of row {np.flatnonzero(wrong)[0]} is no finite number: mend the row")
    rows = np.flatnonzero(~np.isnan(score))
    if len(rows) < 2 or (unit[rows] == unit[rows[0]]).all():
        raise InputError(
            f"{len(rows)} rows have a score, wanted those of two customers at least: "
            f"let the log explore this arm"
        )
    return rows[np.lexsort((rng.random(len(rows)), -effect[rows]))], len(rows)


def _cuts(rows: int, parts: int) -> Whole:
    return np.arange(parts + 1) * rows // parts


def _curve(
    score: Floats, unit: Whole, left_out: int, rng: np.random.Generator, parts: int, cross_fitted: bool
) -> Curve:
    n, parts = len(score), min(parts, len(score))
    cuts = _cuts(n, parts)
    total = np.concatenate([[0.0], np.cumsum(score)])
    share, gain = cuts / n, total[cuts] / n
    near = max(1, round(parts / _NEAR))
    first, last = np.maximum(np.arange(parts + 1) - near, 0), np.minimum(np.arange(parts + 1) + near, parts)
    at_cut = (total[cuts[last]] - total[cuts[first]]) / (cuts[last] - cuts[first])
    covariance = _covariance(score, unit, cuts, gain, at_cut)
    if cross_fitted:
        over_line = np.eye(parts + 1)
        over_line[:, -1] -= share
        covariance = covariance + over_line @ covariance @ over_line.T
    error = np.sqrt(np.maximum(covariance.diagonal(), 0))
    width = _largest_deviation(covariance, error, rng) * error
    trapezoid = np.convolve(np.diff(share), [0.5, 0.5])
    over_random = trapezoid.copy()
    over_random[-1] -= 0.5
    areas = []
    for weights in (trapezoid, over_random):
        value = float(weights @ gain)
        half = normal_quantile(LEVEL) * float(np.sqrt(max(float(weights @ covariance @ weights), 0.0)))
        areas.append(Interval(value, value - half, value + half))
    return Curve(share, gain, error, gain - width, gain + width, areas[0], areas[1], n, left_out)


def _covariance(score: Floats, unit: Whole, cuts: Whole, gain: Floats, at_cut: Floats) -> Floats:
    """Give the covariance of the curve's points, (b + 1, b + 1).

    A row in part p moves the point at cut g by (score − m_g)·[p < g] + m_g·share_g − gain_g, over n,
    where m_g is the effect at the cut: one customer more above it moves the last one out. So all that is
    needed of a unit are its sums of scores and its rows, by part.
    """
    n, parts = len(score), len(cuts) - 1
    units = units_of(unit)
    part = np.repeat(np.arange(parts), np.diff(cuts))
    sums = csr_array(
        (np.concatenate([score, np.ones(n)]), (np.tile(units.code, 2), np.concatenate([part, parts + part]))),
        shape=(units.count, 2 * parts),
    )
    squares = (sums.T @ sums).toarray()
    above = np.arange(parts) < np.arange(parts + 1)[:, None]
    counts = (at_cut * cuts / n - gain)[:, None] - at_cut[:, None] * above
    slopes = np.hstack([above.astype(np.float64), counts])
    found: Floats = slopes @ squares @ slopes.T * (units.count / (units.count - 1)) / n**2
    return found


def _largest_deviation(covariance: Floats, error: Floats, rng: np.random.Generator) -> float:
    """Give how many standard errors a curve strays at its farthest point, at `LEVEL` of all curves."""
    there = np.flatnonzero(error > 0)
    if not len(there):
        return 0.0
    values, vectors = np.linalg.eigh(covariance[np.ix_(there, there)] / np.outer(error[there], error[there]))
    root = vectors * np.sqrt(np.maximum(values, 0))
    deviations = np.abs(root @ rng.standard_normal((len(there), _DRAWS))).max(axis=0)
    return float(np.quantile(deviations, LEVEL))

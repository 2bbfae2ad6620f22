"""Predictions against what came of them: is a probability still what happens.

Judges only outcomes that have matured; pending ones are counted and left out, never taken as "no".
They are the latest decisions, so what is said holds for the older ones. Rows are taken as
independent given their predictions: hand in one row a customer. Outcomes of contacted customers
judge a model of contacted customers, and no other.

Source: calibration-in-the-large and slope as in Van Calster et al., "Calibration: the Achilles heel
of predictive analytics", BMC Medicine 17 (2019), after Cox, "Two further applications of a model for
binary regression", Biometrika 45 (1958).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from churn_saver.errors import InputError
from churn_saver.evidence.shares import Interval, normal_quantile, wilson
from churn_saver.evidence.simultaneous import each_level

Floats: TypeAlias = NDArray[np.float64]
Verdict: TypeAlias = Literal["holds", "off", "cannot tell"]
"""holds: the whole interval lies within the bound. off: the interval lies beyond it on one side.
cannot tell: it reaches over the bound; more outcomes would decide."""

DECILES = 10
LEVEL = 0.95
NEAREST = 1e-6
"""In log-odds, a prediction of 0 or 1 counts as this far from it: one surprise must not be infinite."""
_STEPS = 100
_CLOSE = 1e-10
_FARTHEST = 20.0
"""Odds that go beyond e²⁰ go on for ever: there is no largest likelihood."""


@dataclass(frozen=True, slots=True)
class Part:
    """Expected against observed for some of the rows."""

    name: str
    rows: int
    expected: float
    """Mean prediction."""
    observed: Interval
    """Share that happened; all parts cover together at `LEVEL`, after Wilson and Šidák. Predictions that
    differ within the part only make the interval too wide."""

    @property
    def agrees(self) -> bool:
        """Tell whether the mean prediction lies in the interval."""
        return self.observed.low <= self.expected <= self.observed.high


@dataclass(frozen=True, slots=True)
class Maturity:
    """How predictions fared."""

    rows: int
    """With an outcome."""
    pending: int
    in_the_large: Interval
    """Share that happened minus mean prediction; 0 is best."""
    intercept: Interval
    """Of the log-odds with slope 1: how far all predictions have to be moved; 0 is best."""
    slope: Interval
    """Of the log-odds; below 1 the predictions lie too far apart, above 1 too close. NaN where outcomes
    or predictions are all alike, or outcomes are told apart without a fault."""
    parts: tuple[Part, ...]
    verdict: Verdict
    """On `in_the_large`."""


def maturity(prediction: Floats, outcome: Floats, bound: float, deciles: int = DECILES) -> Maturity:
    """Hold predictions against outcomes, all together and by decile of the prediction.

    Args:
        prediction: Probabilities, (n,), in [0, 1].
        outcome: 0 or 1, (n,); NaN: pending.
        bound: Largest |share that happened − mean prediction| that is let pass.
        deciles: Parts of equally many rows; equal predictions stay together, so there may be fewer.

    Raises:
        InputError: lengths that differ, a prediction outside [0, 1], an outcome that is neither 0, 1
            nor pending, nothing that has matured, or a bound not above 0.
    """
    prediction, outcome, pending = _matured(prediction, outcome, bound)
    edges = np.unique(np.quantile(prediction, np.arange(1, deciles) / deciles, method="inverted_cdf"))
    place = np.searchsorted(edges, prediction, side="left")
    names = [f"part {k + 1}" for k in range(len(edges) + 1)]
    return _held(prediction, outcome, pending, place, names, bound)


def maturity_by(prediction: Floats, outcome: Floats, group: Sequence[str], bound: float) -> Maturity:
    """Hold predictions against outcomes, all together and by group: acceptance by offer, say.

    Args:
        prediction: Probabilities, (n,), in [0, 1].
        outcome: 0 or 1, (n,); NaN: pending.
        group: Of each row, (n,); parts come in their order.
        bound: As in `maturity`.

    Raises:
        InputError: as `maturity`.
    """
    if len(group) != len(prediction):
        raise InputError(f"there are {len(prediction)} predictions and {len(group)} groups, wanted one each")
    there = ~np.isnan(outcome) if len(outcome) == len(prediction) else np.ones(len(group), dtype=np.bool_)
    prediction, outcome, pending = _matured(prediction, outcome, bound)
    names, place = np.unique(np.asarray(group, dtype=np.str_)[there], return_inverse=True)
    return _held(prediction, outcome, pending, place, names.tolist(), bound)


def _held(
    p: Floats, y: Floats, pending: int, place: NDArray[np.int64], names: Sequence[str], bound: float
) -> Maturity:
    gap = float(y.mean() - p.mean())
    half = normal_quantile(LEVEL) * float(np.sqrt((p * (1 - p)).sum())) / len(p)
    # Under miscalibration the predictions' own variance misleads: the outcomes' one is asked as well.
    half = max(half, normal_quantile(LEVEL) * float(np.std(y - p)) / np.sqrt(len(p)))
    far = Interval(gap, gap - half, gap + half)
    verdict: Verdict = "cannot tell"
    if far.low > bound or far.high < -bound:
        verdict = "off"
    elif far.low >= -bound and far.high <= bound:
        verdict = "holds"
    score = logit(np.clip(p, NEAREST, 1 - NEAREST))
    return Maturity(
        len(p), pending, far, _logistic(score, y, free=False), _logistic(score, y, free=True),
        _parts(p, y, place, names), verdict,
    )  # fmt: skip


def _parts(p: Floats, y: Floats, place: NDArray[np.int64], names: Sequence[str]) -> tuple[Part, ...]:
    count = len(names)
    rows, happened, expected = (_sums(place, one, count) for one in (np.ones_like(p), y, p))
    kept = np.flatnonzero(rows)
    low, high = wilson(happened[kept], rows[kept], each_level(LEVEL, len(kept)))
    return tuple(
        Part(names[k], int(rows[k]), float(expected[k] / rows[k]),
             Interval(float(happened[k] / rows[k]), float(low[i]), float(high[i])))
        for i, k in enumerate(kept.tolist())
    )  # fmt: skip


def _sums(place: NDArray[np.int64], values: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(place, values, minlength=count), dtype=np.float64)


def _logistic(score: Floats, y: Floats, free: bool) -> Interval:
    """Fit log-odds = a + b·score by Newton steps; give a with b = 1, or b when it is free, after Wald."""
    unknown = Interval(float("nan"), float("nan"), float("nan"))
    if y.min() == y.max() or (free and np.ptp(score) == 0):
        return unknown
    columns = np.column_stack([np.ones_like(score), score]) if free else np.ones((len(score), 1))
    offset = np.zeros_like(score) if free else score
    theta = np.zeros(columns.shape[1])
    if free:
        theta[0] = logit(y.mean())
    settled = False
    for _ in range(_STEPS):
        p = expit(offset + columns @ theta)
        information = (columns.T * (p * (1 - p))) @ columns
        if np.linalg.cond(information) > 1 / np.finfo(np.float64).eps:
            break
        step = np.linalg.solve(information, columns.T @ (y - p))
        largest = float(np.abs(step).max())
        theta = theta + step * min(1.0, 2.0 / max(largest, 2.0))
        settled = largest < _CLOSE
        if settled or np.abs(theta).max() > _FARTHEST:
            break
    if not settled:
        return unknown
    value = float(theta[-1])
    half = normal_quantile(LEVEL) * float(np.sqrt(np.linalg.inv(information)[-1, -1]))
    return Interval(value, value - half, value + half)


def _matured(prediction: Floats, outcome: Floats, bound: float) -> tuple[Floats, Floats, int]:
    """Refuse what cannot be compared, and give what has matured and how many have not."""
    if not bound > 0:
        raise InputError(f"bound is {bound}, wanted one above 0, such as 0.02")
    if prediction.shape != outcome.shape or prediction.ndim != 1:
        raise InputError(
            f"there are {prediction.shape} predictions and {outcome.shape} outcomes, wanted one outcome each"
        )
    for name, values, fine in (
        ("prediction", prediction, (prediction >= 0) & (prediction <= 1)),
        ("outcome", outcome, (outcome == 0) | (outcome == 1) | np.isnan(outcome)),
    ):
        if not fine.all():
            row = int(np.flatnonzero(~fine)[0])
            wanted = "a probability in [0, 1]" if name == "prediction" else "0, 1 or NaN for pending"
            raise InputError(f"{name} of row {row} is {values[row]}, wanted {wanted}: mend the row")
    there = ~np.isnan(outcome)
    if not there.any():
        raise InputError(
            f"none of {len(outcome)} outcomes has matured, wanted one at least: wait for outcomes"
        )
    return prediction[there], outcome[there], int((~there).sum())

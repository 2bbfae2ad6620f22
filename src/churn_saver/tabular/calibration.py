"""Calibration: from a model's raw score, in log-odds, to a probability that means what it says.

Isotonic for churn risk, where ties do no harm; beta for acceptance, because it is strictly
increasing and so keeps the order of the offers. Both are a handful of numbers, kept as JSON.

Source: isotonic by pool-adjacent-violators (scipy); beta from Kull, Silva Filho and Flach, "Beta
calibration: a well-founded and easily implemented improvement on logistic calibration", 2017.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.special import expit

from churn_saver.errors import ArtifactError, InputError

Floats: TypeAlias = NDArray[np.float64]

LEAST_SLOPE = 1e-3
"""Smallest a and b of beta calibration: what makes it strictly increasing."""
FARTHEST_LOG_ODDS = 12.0
"""Beyond this `strictly` stays level, so that adding a little to it still shows in a float64."""
_PRIOR = 1e-3
"""Pull towards a = b = 1, c = 0, in rows: only decides what the data leave open."""


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A rising step curve, straight between its knots."""

    knots: Floats
    """Raw scores, strictly rising, (k,)."""
    values: Floats
    """Probabilities at the knots, never falling, inside (0, 1), (k,)."""

    def __post_init__(self) -> None:
        """Refuse a curve that falls, leaves (0, 1) or has holes."""
        fine = self.knots.ndim == 1 and self.knots.shape == self.values.shape and self.knots.size > 0
        fine = fine and bool(np.isfinite(self.knots).all() and np.isfinite(self.values).all())
        if not (
            fine
            and (np.diff(self.knots) > 0).all()
            and (np.diff(self.values) >= 0).all()
            and self.values[0] > 0
            and self.values[-1] < 1
        ):
            raise ArtifactError(
                "isotonic calibration has knots that do not rise, values that fall or leave (0, 1), or "
                "holes; wanted a rising curve: train again with `make train-risk`"
            )

    def apply(self, raw: Floats) -> Floats:
        """Turn raw scores into probabilities. Shapes: (n,) → (n,)."""
        return np.interp(raw, self.knots, self.values)

    def log_odds(self, raw: Floats) -> Floats:
        """Turn raw scores into calibrated log-odds. Shapes: (n,) → (n,)."""
        p = self.apply(raw)
        return np.log(p) - np.log1p(-p)

    def to_json(self) -> dict[str, object]:
        """Give the curve as plain values."""
        return {"kind": "isotonic", "knots": self.knots.tolist(), "values": self.values.tolist()}


@dataclass(frozen=True, slots=True)
class Beta:
    """log-odds = a·ln s − b·ln(1 − s) + c, s = logistic(raw); strictly rising in raw."""

    a: float
    b: float
    c: float

    def __post_init__(self) -> None:
        """Refuse a curve that is flat, falls or is not a number."""
        if not (np.isfinite([self.a, self.b, self.c]).all() and self.a > 0 and self.b > 0):
            raise ArtifactError(
                f"beta calibration has a={self.a}, b={self.b}, c={self.c}, wanted a and b above 0: "
                f"train again with `make train-risk`"
            )

    def apply(self, raw: Floats) -> Floats:
        """Turn raw scores into probabilities. Shapes: (n,) → (n,)."""
        return np.asarray(expit(self.log_odds(raw)), dtype=np.float64)

    def log_odds(self, raw: Floats) -> Floats:
        """Turn raw scores into calibrated log-odds. Shapes: (n,) → (n,)."""
        log_s, minus_log_1_s = _beta_inputs(raw)
        return self.a * log_s + self.b * minus_log_1_s + self.c

    def to_json(self) -> dict[str, object]:
        """Give the curve as plain values."""
        return {"kind": "beta", "a": self.a, "b": self.b, "c": self.c}


Calibration: TypeAlias = Isotonic | Beta


def strictly(curve: Calibration, raw: Floats, lift: Floats | None) -> Floats:
    """Apply a curve and lift the log-odds a little, so that no two offers to one customer tie.

    Trees that see no difference between two offers give them one score; a lift that rises with the
    offer orders them without moving any probability by more than a rounding.

    Shapes: raw, lift (n,) → (n,).  `lift` None: the plain curve.
    """
    if lift is None:
        return curve.apply(raw)
    level = np.clip(curve.log_odds(raw), -FARTHEST_LOG_ODDS, FARTHEST_LOG_ODDS)
    return np.asarray(expit(level + lift), dtype=np.float64)


def from_json(raw: Mapping[str, object]) -> Calibration:
    """Read a curve back.

    Raises:
        ArtifactError: another kind, a missing value, or a curve that is not one.
    """
    try:
        if raw["kind"] == "isotonic":
            return Isotonic(_floats(raw["knots"]), _floats(raw["values"]))
        if raw["kind"] == "beta":
            a, b, c = _floats([raw["a"], raw["b"], raw["c"]]).tolist()
            return Beta(a, b, c)
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(
            f"calibration cannot be read ({error!r}): train again with `make train-risk`"
        ) from error
    raise ArtifactError(
        f"calibration is of kind {raw['kind']!r}, wanted isotonic or beta: train again with `make train-risk`"
    )


def fit_isotonic(raw: Floats, label: Floats, weight: Floats | None = None) -> Isotonic:
    """Fit the rising curve that is nearest to the labels.

    A first step at 0 or a last one at 1 is held half a row off it, but no farther than its
    neighbour: a finite table cannot show that something never happens.

    Shapes: raw, label, weight (n,).

    Raises:
        InputError: no rows, or a raw score that is not finite.
    """
    weight = _checked(raw, label, weight)
    knots, place = np.unique(raw, return_inverse=True)
    mass = np.bincount(place, weight)
    rate = np.bincount(place, weight * label) / mass
    fit = isotonic_regression(rate, weights=mass)
    starts, ends = fit.blocks[:-1], fit.blocks[1:] - 1
    levels = fit.x[starts]
    first, last = (0.5 / (np.add.reduceat(mass, starts)[[0, -1]] + 1)).tolist()
    if levels[0] == 0:
        levels[0] = min(first, levels[1]) if len(levels) > 1 else first
    if levels[-1] == 1:
        levels[-1] = max(1 - last, levels[-2]) if len(levels) > 1 else 1 - last
    kept = np.unique(np.concatenate([starts, ends]))
    return Isotonic(knots[kept], levels[np.searchsorted(starts, kept, side="right") - 1])


def fit_beta(raw: Floats, label: Floats, weight: Floats | None = None) -> Beta:
    """Fit the beta curve of largest likelihood with a and b no smaller than `LEAST_SLOPE`.

    The likelihood is concave, so the best of the fits with each slope free or at its bound is the
    optimum.

    Shapes: raw, label, weight (n,).

    Raises:
        InputError: no rows, or a raw score that is not finite.
    """
    weight = _checked(raw, label, weight)
    inputs = np.column_stack([*_beta_inputs(raw), np.ones_like(raw)])
    best: tuple[float, Floats] | None = None
    for free in ((0, 1, 2), (1, 2), (0, 2), (2,)):
        loss, theta = _newton(inputs, label, weight, np.array(free))
        feasible = theta[:2].min() >= LEAST_SLOPE
        if feasible and (best is None or loss < best[0]):
            best = (loss, theta)
        if feasible and len(free) == 3:
            break
    assert best is not None, "both slopes at their bound is always feasible"
    a, b, c = best[1].tolist()
    return Beta(a, b, c)


def _newton(z: Floats, label: Floats, weight: Floats, free: NDArray[np.int64]) -> tuple[float, Floats]:
    """Fit the free ones of a, b, c by Newton steps that are halved until the loss falls."""
    prior = np.array([1.0, 1.0, 0.0])
    theta = np.array([LEAST_SLOPE, LEAST_SLOPE, 0.0])
    theta[free] = prior[free]

    def loss_at(at: Floats) -> float:
        score = z @ at
        fit = np.sum(weight * (np.logaddexp(0, score) - label * score))
        return float(fit + 0.5 * _PRIOR * np.sum((at - prior) ** 2))

    loss = loss_at(theta)
    for _ in range(100):
        p = expit(z @ theta)
        gradient = z.T @ (weight * (p - label)) + _PRIOR * (theta - prior)
        hessian = (z.T * (weight * p * (1 - p))) @ z + _PRIOR * np.eye(3)
        step = np.zeros(3)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        share, new = 1.0, loss_at(theta - step)
        while new > loss and share > 1e-8:
            share /= 2
            new = loss_at(theta - share * step)
        if loss - new <= 1e-12 * (1 + abs(loss)):
            break
        theta, loss = theta - share * step, new
    return loss, theta


def _beta_inputs(raw: Floats) -> tuple[Floats, Floats]:
    """Give ln s and −ln(1 − s) of s = logistic(raw), exact far out too."""
    return -np.logaddexp(0, -raw), np.logaddexp(0, raw)


def _checked(raw: Floats, label: Floats, weight: Floats | None) -> Floats:
    if len(raw) == 0 or not np.isfinite(raw).all():
        raise InputError(f"calibration got {len(raw)} raw scores, wanted at least one and all of them finite")
    return np.ones_like(label) if weight is None else weight


def _floats(values: object) -> Floats:
    return np.array(values, dtype=np.float64)

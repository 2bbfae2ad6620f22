"""Propensities of a log that has none: guessed from what was known, cross-fitted and calibrated.

Trees say how likely each allowed arm was; arms that a row does not allow have no share in it. Folds go
by unit, and each fold is calibrated on the others (one slope for all arms and one shift for each), so
that 0.2 means that a fifth got the arm.

What this cannot know, and no interval that follows covers in full: a reason to choose an arm that is
not among the features (the agent who heard the customer's voice), an arm that was never possible for
some of them, and a rule that the trees did not find. `estimators.ODDS_IN_DOUBT` widens every interval
by what odds wrong by a tenth would do; a reason stronger than that is not in it.

Source: calibration by vector scaling, Guo et al., "On calibration of modern neural networks", 2017,
section 4.2, with one slope.
"""

from dataclasses import replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

from churn_saver.errors import InputError
from churn_saver.evidence.clusters import units_of
from churn_saver.evidence.logged import Flags, Floats, Logged, Matrix, Whole
from churn_saver.evidence.outcome_model import Recipe, drawn_rows, grown

BARRED = -30.0
"""Log-odds at which an arm that is not allowed begins: no tree brings it back."""
LEAST = 1e-6
"""Smallest propensity that is given, and how near to 1 one comes where there was a choice."""


def with_estimated(log: Logged, recipe: Recipe) -> Logged:
    """Give the log with estimated propensities, marked as such.

    Args:
        log: Without propensities.
        recipe: How the trees are grown; `trees` is per arm.

    Raises:
        InputError: it has propensities, or fewer units than folds.
    """
    if log.propensity is not None:
        raise InputError("the log has propensities of its own, wanted one without: what was logged is better")
    chances = estimated(log, recipe)
    propensity = chances[np.arange(len(log)), log.arm]
    return replace(log, propensity=propensity, estimated_propensities=True)


def estimated(log: Logged, recipe: Recipe) -> Floats:
    """Estimate how likely each arm was for each row, by trees that never saw the row's unit.

    The curve is fitted on the other folds' rows; their scores come from trees that may have seen the unit,
    which moves its few numbers by next to nothing.

    Shapes: → (n, k); 0 where not allowed, together 1.

    Raises:
        InputError: fewer units than folds.
    """
    fold = units_of(log.unit).folds(recipe.folds, recipe.seed)
    raw = np.empty(log.allowed.shape)
    for one in range(recipe.folds):
        raw[fold == one] = _raw_scores(log, np.flatnonzero(fold != one), fold == one, recipe)
    chances = np.empty_like(raw)
    for one in range(recipe.folds):
        others = drawn_rows(log, np.flatnonzero(fold != one), recipe)
        slope, shift = _fit_curve(raw[others], log.arm[others], log.allowed[others])
        chances[fold == one] = _chances(raw[fold == one] * slope + shift, log.allowed[fold == one])
    return chances


def _raw_scores(log: Logged, others: Whole, asked: Flags, recipe: Recipe) -> Floats:
    learned = log.taken(drawn_rows(log, others, recipe))
    settings: dict[str, object] = {"objective": "multi:softprob", "num_class": log.arms}
    booster = grown(
        _seen(learned), learned.arm.astype(np.float64), settings, recipe, _barred(learned.allowed)
    )
    here = log.taken(asked)
    scores = booster.inplace_predict(
        _seen(here), predict_type="margin", base_margin=_barred(here.allowed), validate_features=False
    )
    return np.asarray(scores, dtype=np.float64)


def _seen(log: Logged) -> Matrix:
    """Give what the choice may have depended on: the features, and which arms were left."""
    return np.hstack([log.features, log.allowed.astype(np.float32)])


def _barred(allowed: Flags) -> Matrix:
    return np.where(allowed, 0.0, BARRED).astype(np.float32)


def _fit_curve(raw: Floats, arm: Whole, allowed: Flags) -> tuple[float, Floats]:
    """Fit slope and shifts of largest likelihood; the first arm's shift is 0."""
    k, rows = raw.shape[1], np.arange(len(arm))
    drawn = np.zeros(raw.shape)
    drawn[rows, arm] = 1.0

    def loss(theta: Floats) -> tuple[float, Floats]:
        score = np.where(allowed, raw * theta[0] + np.append(0.0, theta[1:]), -np.inf)
        log_p = log_softmax(score, axis=1)
        gap = np.exp(log_p) - drawn
        # A thousandth of a row holds what the rows leave open.
        prior = theta - np.append(1.0, np.zeros(k - 1))
        gradient = np.append(np.sum(gap * np.where(allowed, raw, 0.0)), gap.sum(axis=0)[1:])
        value = -float(log_p[rows, arm].sum()) + 5e-4 * float(prior @ prior)
        return value / len(arm), (gradient + 1e-3 * prior) / len(arm)

    start = np.append(1.0, np.zeros(k - 1))
    theta = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return float(theta[0]), np.append(0.0, theta[1:])


def _chances(score: Floats, allowed: Flags) -> Floats:
    p = np.exp(log_softmax(np.where(allowed, score, -np.inf), axis=1))
    p = np.where(allowed, np.maximum(p, LEAST), 0.0)
    return np.asarray(p / p.sum(axis=1, keepdims=True))

"""Whom does which offer move: the effect of each arm against no contact, for each customer.

A DR-learner. Arm 0 is no contact; the arms above it are the offer ladder, from no discount upwards.
Each row of the log gets a doubly robust score of every arm, whose mean over any group of customers is
the effect there whatever the outcome model is worth, as long as the logged propensities are right.
Trees then learn the score from what was known before. One model learns all arms, with the place on
the ladder as an input in which the effect may only rise: the arms share what they have in common,
which on logs of any real size is most of it. Whether a contact without a discount helps or harms is
left open.

What the trees find is then shrunk to what it is worth on rows they did not see: effect = mean effect
of the arm + slope · (found − mean found), the slope by regression of score on what was found. Last,
each customer's ladder is made to rise by the nearest rising one.

What ranks a row is free of its unit: the trees that score it, the trees that learn from the other
rows, and the scores that those learn from. Each arm's mean and the slope, which rank nobody, are of all
rows. Rows whose arm was not drawn by chance teach nothing. What customers do to each other, and what a
second contact does, it does not know.

Source: Kennedy, "Towards optimal doubly robust estimation of heterogeneous causal effects", Electronic
Journal of Statistics 17 (2023), algorithm 1; calibration by the best linear predictor, Chernozhukov et
al., "Generic machine learning inference on heterogeneous treatment effects" (2018), section 2.
"""

from dataclasses import dataclass, replace

import numpy as np

from churn_saver.errors import InputError, SupportError
from churn_saver.evidence.clusters import Estimate, Units, estimate, units_of
from churn_saver.evidence.learner import Booster, Learner, asked, laddered, placed
from churn_saver.evidence.logged import Flags, Floats, Logged, Whole
from churn_saver.evidence.outcome_model import RECIPE as OUTCOME_RECIPE
from churn_saver.evidence.outcome_model import Recipe, drawn_rows, expect, grown
from churn_saver.evidence.support import propensity_of

RECIPE = Recipe(
    trees=30, depth=2, learning_rate=0.1, least_rows=2_000.0, folds=5, most_rows=200_000, seed=20, threads=1
)
"""Of the effects: few, shallow and slow trees, since scores are twenty times as spread as what they hide.
`least_rows` counts customers."""
LEAF_SHARE = 0.2
"""A leaf holds this share of the customers learned from, if that is less than `least_rows`."""
LEAST_FOLDS = 3
"""One is judged, and for the others to be scored without themselves two are needed."""
LEAST_OF_AN_ARM = 100
"""Fewest rows of each arm."""


@dataclass(frozen=True, slots=True)
class Uplift:
    """What a log shows of the effects of its arms."""

    effect: Floats
    """Of each arm against arm 0, found by trees that never saw the row's fold, (n, k)."""
    score: Floats
    """Doubly robust scores, NaN where the arm or arm 0 was not allowed, column 0 is 0 or NaN, (n, k)."""
    average: tuple[Estimate, ...]
    """Mean effect of each arm above 0 over the rows that allow it."""
    slope: Estimate
    """Of score on what the trees found: 1 as large as found, 0 or below nothing to be told apart. With an
    interval that holds 0 the log does not show that customers differ. Its variance is doubled: any two folds
    teach each other, so that what chance makes them share is counted twice."""
    learner: Learner
    """Learned from all rows."""


def uplift(
    log: Logged, recipe: Recipe = RECIPE, outcome_recipe: Recipe = OUTCOME_RECIPE, rising: bool = True
) -> Uplift:
    """Learn the effect of each arm.

    Args:
        log: Drawn by chance, with the logged propensities of what was drawn; arm 0 is no contact.
        recipe: How the effects are learned; its `folds`, at least `LEAST_FOLDS`, and `seed` hold for all.
        outcome_recipe: How expected rewards are.
        rising: A larger offer moves a customer at least as much. True of retention; money less costs
            need not rise.

    Raises:
        InputError: no propensities or estimated ones, too few folds, or fewer units than folds.
        SupportError: an arm with fewer rows than `LEAST_OF_AN_ARM`.
    """
    _refuse_unfit(log, recipe)
    units = units_of(log.unit)
    fold = units.folds(recipe.folds, recipe.seed)
    score, teaching = _cross_fitted(log, fold, outcome_recipe)
    found = np.empty((len(log), log.arms - 1))
    for one, lesson in enumerate(teaching):
        trees = _learned(log, lesson, np.flatnonzero(fold != one), recipe, rising)
        answers = asked(trees, log.features[fold == one], log.arms - 1)
        found[fold == one] = answers - answers.mean(axis=0)
    # One calibration for all folds: with means of their own, the fold whose customers happen to do well
    # would be ranked last, since the others' mean is the lower for it.
    average, slope = _calibration(found, score[:, 1:])
    effect = laddered(average + slope * found, rising)
    trees = _learned(log, score, np.arange(len(log)), recipe, rising)
    middle = asked(trees, log.features, log.arms - 1).mean(axis=0)
    return Uplift(
        effect, score, _averages(score, units), _slope(found, score[:, 1:], units),
        Learner(average, middle, slope, rising, trees),
    )  # fmt: skip


def scores(log: Logged, expected: Floats) -> Floats:
    """Give the doubly robust score of each arm against arm 0.

    q_a − q_0 + [A = a]·(r − q_a)/p − [A = 0]·(r − q_0)/p, p the propensity of what was drawn; unbiased
    for any q that did not see the row.

    Shapes: expected q (n, k) → (n, k), NaN where the arm or arm 0 was not allowed.

    Raises:
        InputError: no propensities.
    """
    here = np.arange(len(log))
    corrected = expected.copy()
    corrected[here, log.arm] += (log.reward - expected[here, log.arm]) / propensity_of(log)
    possible = log.allowed & log.allowed[:, :1]
    return np.where(possible, corrected - corrected[:, :1], np.nan)


def _cross_fitted(log: Logged, fold: Whole, recipe: Recipe) -> tuple[Floats, list[Floats]]:
    """Score each row without its fold; and for each fold, all others without it and without their own."""
    folds = range(int(fold.max()) + 1)
    score, lessons = np.empty(log.allowed.shape), [np.full(log.allowed.shape, np.nan) for _ in folds]
    for one in folds:
        here = fold == one
        score[here] = _scored_without(log, here, recipe)
        for other in folds[one + 1 :]:
            both = here | (fold == other)
            pair = np.empty(log.allowed.shape)
            pair[both] = _scored_without(log, both, recipe)
            lessons[one][fold == other], lessons[other][here] = pair[fold == other], pair[here]
    return score, lessons


def _scored_without(log: Logged, kept_away: Flags, recipe: Recipe) -> Floats:
    """Score rows by an outcome model of all other rows. Shapes: (n,) → (m, k)."""
    rows = drawn_rows(log, np.flatnonzero(~kept_away), recipe)
    return scores(log.taken(kept_away), expect(log.taken(rows), log, kept_away, recipe))


def _learned(log: Logged, score: Floats, rows: Whole, recipe: Recipe, rising: bool) -> Booster:
    """Grow one set of trees on the scores of all arms, each row once for each arm that it has a score of."""
    rows = drawn_rows(log, rows, recipe)
    taught = [(arm, rows[~np.isnan(score[rows, arm])]) for arm in range(1, log.arms)]
    x = np.vstack([placed(log.features[there], arm) for arm, there in taught])
    label = np.concatenate([score[there, arm] for arm, there in taught])
    settings: dict[str, object] = {"objective": "reg:squarederror", "base_score": 0.0}
    if rising:
        settings["monotone_constraints"] = str((0,) * (x.shape[1] - 1) + (1,))
    leaf = min(recipe.least_rows, LEAF_SHARE * len(rows)) * (log.arms - 1)
    return grown(x, label, settings, replace(recipe, least_rows=leaf))


def _calibration(found: Floats, score: Floats) -> tuple[Floats, float]:
    """Give each arm's mean effect, and the slope of score on what was found, not below 0."""
    average = np.nanmean(score, axis=0)
    there = ~np.isnan(score)
    spread = float((found[there] ** 2).sum())
    together = float((found * (score - average))[there].sum())
    return average, max(together / spread, 0.0) if spread > 0 else 0.0


def _slope(found: Floats, score: Floats, units: Units) -> Estimate:
    left = np.where(np.isnan(score), 0.0, score - np.nanmean(score, axis=0))
    found = np.where(np.isnan(score), 0.0, found)
    spread = float((found**2).sum(axis=1).mean())
    if spread == 0:
        return Estimate(0.0, 0.0, 0.0, 0.0, units.count - 1.0)
    slope = float((found * left).sum(axis=1).mean()) / spread
    influence = (found * (left - slope * found)).sum(axis=1) / spread
    return estimate(slope, np.sqrt(2) * influence, units)


def _averages(score: Floats, units: Units) -> tuple[Estimate, ...]:
    """Average each arm above 0 over the rows that have a score of it."""
    found = []
    for arm in range(1, score.shape[1]):
        there = ~np.isnan(score[:, arm])
        mean, share = float(score[there, arm].mean()), float(there.mean())
        found.append(estimate(mean, np.where(there, score[:, arm] - mean, 0.0) / share, units))
    return tuple(found)


def _refuse_unfit(log: Logged, recipe: Recipe) -> None:
    propensity_of(log)
    if log.estimated_propensities:
        raise InputError(
            "the propensities of the log are estimated, wanted logged ones: effects for each customer are "
            "learned from what was drawn by chance alone"
        )
    if recipe.folds < LEAST_FOLDS:
        raise InputError(
            f"recipe has {recipe.folds} folds, wanted {LEAST_FOLDS} or more: one to judge, one to score, one "
            f"to learn from"
        )
    counts = np.bincount(log.arm[log.allowed[:, 0]], minlength=log.arms)
    for arm in np.flatnonzero(counts < LEAST_OF_AN_ARM):
        raise SupportError(
            f"arm {arm} was drawn in {counts[arm]:,} of {len(log):,} rows that could have had no contact, "
            f"wanted {LEAST_OF_AN_ARM}: let the log explore it longer, or learn without it"
        )

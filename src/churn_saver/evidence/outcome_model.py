"""The expected reward of every arm for every row, by trees that never saw the row's unit.

One model with the arm as k columns of 0 and 1, not one model per arm: a log that explores 2 % holds a
few rows of most arms, and what these share with the others (who stays, who pays how much) is most of
what there is to learn. Where arms do differ the trees split on their columns. DR stays unbiased
however wrong this is; the better it is, the narrower its interval.

Rewards of 0 and 1 are learned as probabilities, all others (money) by least squares, since DR wants
the mean and not a median. Cross-fitted: folds by unit, each scored by the trees of the others. A fold
learns from at most `most_rows`: more bring the mean little nearer and cost minutes.

Source: cross-fitting as in Chernozhukov et al., "Double/debiased machine learning for treatment and
structural parameters", 2018, definition 3.1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import InputError
from churn_saver.evidence.clusters import units_of
from churn_saver.evidence.learner import Booster
from churn_saver.evidence.logged import Floats, Logged, Matrix, Whole


@dataclass(frozen=True, slots=True)
class Recipe:
    """How trees are grown, here and for propensities."""

    trees: int
    depth: int
    learning_rate: float
    least_rows: float
    """Fewest rows of a leaf; of probabilities, least sum of p(1 − p)."""
    folds: int
    most_rows: int
    """Rows that one fold learns from; above it, units are drawn."""
    seed: int
    threads: int
    """Changes no result."""


RECIPE = Recipe(
    trees=60, depth=4, learning_rate=0.1, least_rows=10.0, folds=3, most_rows=100_000, seed=20, threads=1
)
"""What a log of a thousand rows and one of a million can both be learned with in seconds."""


def cross_fitted(log: Logged, recipe: Recipe) -> Floats:
    """Expect the reward of each arm for each row, from the rows of other units.

    Shapes: → (n, k), finite; arms that a row does not allow have a value too, which means nothing.
    Units: of the reward; within the rewards that were learned from.

    Raises:
        InputError: fewer units than folds.
    """
    fold = units_of(log.unit).folds(recipe.folds, recipe.seed)
    expected = np.empty(log.allowed.shape)
    for one in range(recipe.folds):
        others = np.flatnonzero(fold != one)
        expected[fold == one] = expect(log.taken(drawn_rows(log, others, recipe)), log, fold == one, recipe)
    return expected


def expect(learned: Logged, log: Logged, asked: NDArray[np.bool_], recipe: Recipe) -> Floats:
    """Learn from one log, and expect the reward of each arm for rows of another.

    Shapes: asked (n,) → (m, k), m the rows asked for.
    """
    reward = learned.reward
    low, high, mean, spread = reward.min(), reward.max(), reward.mean(), reward.std()
    features = log.features[asked]
    if spread == 0:
        return np.full((len(features), log.arms), mean)
    settings: dict[str, object] = {"objective": "binary:logistic"}
    if not learned.is_binary:
        # Of order 1, so that the penalty on leaves does not depend on the currency.
        settings = {"objective": "reg:squarederror", "base_score": 0.0}
        reward = (reward - mean) / spread
    one_hot = np.eye(log.arms, dtype=np.float32)
    x = np.hstack([learned.features, one_hot[learned.arm]])
    booster = grown(x, reward, settings, recipe)
    buffer = np.hstack([features, np.zeros((len(features), log.arms), dtype=np.float32)])
    expected = np.empty((len(features), log.arms))
    for arm in range(log.arms):
        buffer[:, log.features.shape[1] :] = one_hot[arm]
        expected[:, arm] = booster.inplace_predict(buffer, predict_type="value", validate_features=False)
    if not learned.is_binary:
        expected = expected * spread + mean
    return np.clip(expected, low, high)


def drawn_rows(log: Logged, rows: Whole, recipe: Recipe) -> Whole:
    """Give the rows, or of too many those of units drawn at random, in order. Shapes: (m,) → (≤ m,)."""
    if len(rows) <= recipe.most_rows:
        return rows
    units = units_of(log.unit[rows])
    turn = np.random.default_rng(recipe.seed).permutation(units.count)
    # Units join in the order of their turn as long as all their rows fit.
    size = np.bincount(turn[units.code], minlength=units.count)
    fitting = int(np.searchsorted(np.cumsum(size), recipe.most_rows, side="right"))
    return rows[turn[units.code] < max(fitting, 1)]


def grown(
    x: Matrix,
    label: Floats,
    settings: dict[str, object],
    recipe: Recipe,
    base_margin: Matrix | None = None,
) -> Booster:
    """Grow trees: the same rows give the same trees, whatever the threads.

    Shapes: x (n, d), label (n,), base_margin (n, classes).

    Raises:
        InputError: no rows.
    """
    import xgboost

    if len(x) == 0:
        raise InputError("trees got no rows to grow on, wanted at least one: take a longer log")
    rows = xgboost.DMatrix(x, label, base_margin=base_margin, nthread=recipe.threads)
    booster: Booster = xgboost.train(
        {
            "tree_method": "hist",
            "max_bin": 64,
            "max_depth": recipe.depth,
            "eta": recipe.learning_rate,
            "min_child_weight": recipe.least_rows,
            "seed": recipe.seed,
            "nthread": recipe.threads,
            "verbosity": 0,
            **settings,
        },
        rows,
        recipe.trees,
    )
    return booster

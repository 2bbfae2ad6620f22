"""Cross-fitting: every row scored by trees, and calibrated by a curve, that never saw its label.

Works on arrays only, so that churn, acceptance and the reference sets share it. A row may be shown
in several ways (whole, or with the fields of a request only); all of them stay in its fold.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.draws import chance
from churn_saver.errors import InputError
from churn_saver.tabular.boosting import Floats, Matrix, Recipe, Trees, grow
from churn_saver.tabular.calibration import Calibration, fit_beta, fit_isotonic, strictly

HELD_OUT = -1
"""Fold number of the rows that are kept away and scored once."""
LEAST_OF_A_CLASS = 20
"""Fewest rows of each label that a model is fitted on."""
SPLIT_SHARE = 0.1
"""Share of the training rows that the classic recipe calibrates on."""
Kind = Literal["isotonic", "beta", "split"]
"""Cross-fitted isotonic, cross-fitted beta, or isotonic on one split (the classic recipe)."""


@dataclass(frozen=True, slots=True)
class Task:
    """Rows to learn from, and rows to score beside them."""

    ways: Sequence[Matrix]
    """The rows as they are learned from, each (n, d)."""
    asked: Sequence[Matrix]
    """The same rows as they are scored but not learned from (other offers), each (n, d)."""
    label: Floats
    """0 or 1, (n,)."""
    fold: NDArray[np.int64]
    """Fold of each row, `HELD_OUT` for the hold-out, (n,)."""
    names: tuple[str, ...]
    weight: Floats | None = None
    lift: Floats | None = None
    """What `calibration.strictly` adds to each way and each asked, (w + a, n); None: plain curves."""


@dataclass(frozen=True, slots=True)
class CrossFit:
    """The fitted model, and honest probabilities for every row."""

    trees: Trees
    """Grown on every row that is not held out."""
    calibration: Calibration
    """Fitted on the pooled out-of-fold scores of those rows."""
    ways: Floats
    """Out-of-fold probabilities of each way, (w, n); held-out rows by the final model."""
    asked: Floats
    """The same for `Task.asked`, (a, n)."""


def folds(ids: Sequence[str], count: int, hold_out_share: float, seed: int) -> NDArray[np.int64]:
    """Deal rows to folds by their customer, shuffled; a customer's rows stay together.

    The hold-out goes by a keyed hash of the id: a customer who was held out once stays so in every
    later table, so the model in service can be compared on rows that it never saw either.

    Shapes: (n,) → (n,), values 0..count − 1 or `HELD_OUT`.
    """
    unique, place = np.unique(np.asarray(ids, dtype=str), return_inverse=True)
    key = str(seed).encode()
    chances = np.array([chance(str(one), key) for one in unique])
    held = chances < hold_out_share
    dealt = np.full(len(unique), HELD_OUT, dtype=np.int64)
    order = np.random.default_rng(seed).permutation(np.flatnonzero(~held))
    dealt[order] = np.arange(len(order)) % count
    return dealt[place]


def cross_fit(
    task: Task,
    recipe: Recipe,
    kind: Kind,
    threads: int,
    done: Callable[[], None],
) -> CrossFit:
    """Fit once without each fold and once on all, score every row by a fit that never saw it.

    Args:
        task: The rows.
        recipe: How to grow the trees.
        kind: How to calibrate.
        threads: Fits that run at once.
        done: Called after each of the folds + 1 fits, from this thread.

    Raises:
        InputError: too few rows of a label.
    """
    _refuse_small(task)
    folds_here = sorted(set(task.fold.tolist()) - {HELD_OUT})
    parts = [np.flatnonzero((task.fold != k) & (task.fold != HELD_OUT)) for k in (*folds_here, HELD_OUT)]
    with ThreadPoolExecutor(threads) as pool:
        jobs = [pool.submit(_fit_one, task, rows, recipe, kind) for rows in parts]
        fitted = []
        for job in jobs:
            fitted.append(job.result())
            done()
    raw = np.empty((len(task.ways) + len(task.asked), len(task.label)))
    for k, (trees, _) in zip((*folds_here, HELD_OUT), fitted, strict=True):
        rows = np.flatnonzero(task.fold == k)
        for row, x in enumerate((*task.ways, *task.asked) if len(rows) else ()):
            raw[row, rows] = trees.raw(x[rows])
    scores = np.empty_like(raw)
    for k, (_, split) in zip((*folds_here, HELD_OUT), fitted, strict=True):
        rows = np.flatnonzero(task.fold == k)
        curve = split or _calibrate(task, raw, (task.fold != k) & (task.fold != HELD_OUT), kind)
        for row in range(len(raw)):
            lift = None if task.lift is None else task.lift[row, rows]
            scores[row, rows] = strictly(curve, raw[row, rows], lift)
    return CrossFit(fitted[-1][0], curve, scores[: len(task.ways)], scores[len(task.ways) :])


def _fit_one(
    task: Task, rows: NDArray[np.int64], recipe: Recipe, kind: Kind
) -> tuple[Trees, Calibration | None]:
    """Grow trees on the rows; the classic recipe keeps a tenth of them for its curve."""
    curve_rows = rows[:0]
    if kind == "split":
        order = np.random.default_rng(recipe.seed).permutation(rows)
        cut = max(1, int(len(rows) * SPLIT_SHARE))
        curve_rows, rows = np.sort(order[:cut]), np.sort(order[cut:])
    weight = None if task.weight is None else task.weight[rows]
    trees = grow([x[rows] for x in task.ways], task.label[rows], weight, task.names, recipe)
    if kind != "split":
        return trees, None
    raw = np.concatenate([trees.raw(x[curve_rows]) for x in task.ways])
    return trees, fit_isotonic(raw, np.tile(task.label[curve_rows], len(task.ways)))


def _calibrate(task: Task, raw: Floats, chosen: NDArray[np.bool_], kind: Kind) -> Calibration:
    ways = len(task.ways)
    label = np.tile(task.label[chosen], ways)
    weight = None if task.weight is None else np.tile(task.weight[chosen], ways)
    fit = fit_beta if kind == "beta" else fit_isotonic
    return fit(raw[:ways, chosen].reshape(-1), label, weight)


def _refuse_small(task: Task) -> None:
    label = task.label[task.fold != HELD_OUT]
    ones = int(label.sum())
    fewest = min(ones, len(label) - ones)
    if fewest < LEAST_OF_A_CLASS:
        raise InputError(
            f"the table has {ones} rows of label 1 and {len(label) - ones} of label 0 to learn from, wanted "
            f"at least {LEAST_OF_A_CLASS} of each: add rows"
        )

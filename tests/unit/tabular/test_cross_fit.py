"""Every row scored by a fit that never saw its label."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.errors import InputError
from churn_saver.tabular.boosting import Recipe
from churn_saver.tabular.calibration import Beta, Isotonic
from churn_saver.tabular.cross_fit import HELD_OUT, CrossFit, Kind, Task, cross_fit, folds
from churn_saver.tabular.quality import auc

RECIPE = Recipe(15, 2, 0.3, 1.0, 0.8, 1.0, 3)


def task(seed: int = 0, n: int = 600, share: float = 0.1) -> Task:
    """Draw rows whose label follows the first column, seen whole and without that column."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2)).astype(np.float32)
    blind = x.copy()
    blind[:, 0] = np.nan
    label = (rng.random(n) < 1 / (1 + np.exp(-2 * x[:, 0]))).astype(np.float64)
    fold = folds([f"C{i}" for i in range(n)], 3, share, seed)
    return Task([x, blind], [-x], label, fold, ("a", "b"))


def fitted(given_task: Task, kind: Kind = "isotonic", threads: int = 1) -> CrossFit:
    """Fit without reporting."""
    return cross_fit(given_task, RECIPE, kind, threads, lambda: None)


def relabelled(given_task: Task, rows: np.ndarray) -> Task:
    """Turn the labels of some rows around."""
    label = np.where(rows, 1 - given_task.label, given_task.label)
    return Task(given_task.ways, given_task.asked, label, given_task.fold, given_task.names)


def test_folds_are_equal_in_size_and_shuffled() -> None:
    """1,000 customers without hold-out: 200 a fold, and neighbours do not share one by rule."""
    found = folds([f"C{i}" for i in range(1_000)], 5, 0.0, 42)

    assert np.bincount(found).tolist() == [200] * 5
    assert 0.1 < (found[1:] == found[:-1]).mean() < 0.3


def test_a_customers_rows_stay_together() -> None:
    """Three rows of one customer are in one fold, or all held out."""
    found = folds([f"C{i // 3}" for i in range(300)], 4, 0.2, 0).reshape(100, 3)

    assert (found == found[:, [0]]).all()
    assert (found == HELD_OUT).any()


@given(st.integers(0, 2**32 - 1))
def test_who_is_held_out_stays_so_in_another_table(seed: int) -> None:
    """The hold-out goes by the id, not by the place or the other rows; its share is as asked."""
    ids = [f"C{i}" for i in range(400)]

    first = folds(ids, 5, 0.1, seed)
    later = folds([*reversed(ids[100:]), *(f"new {i}" for i in range(50))], 5, 0.1, seed)

    held = {one for one, fold in zip(ids, first, strict=True) if fold == HELD_OUT}
    held_later = {one for one, fold in zip(reversed(ids[100:]), later[:300], strict=True) if fold == HELD_OUT}
    assert held_later == held & set(ids[100:])
    assert 10 <= len(held) <= 75


def test_same_seed_same_folds() -> None:
    """And another seed deals and holds out others."""
    ids = [f"C{i}" for i in range(200)]

    np.testing.assert_array_equal(folds(ids, 5, 0.1, 1), folds(ids, 5, 0.1, 1))
    assert (folds(ids, 5, 0.1, 1) != folds(ids, 5, 0.1, 2)).any()


@pytest.mark.parametrize("kind", ["isotonic", "beta", "split"])
def test_it_ranks_rows_it_never_saw(kind: Kind) -> None:
    """The whole rows are ranked well, those without the telling column at random, the opposite inversely."""
    rows = task()

    fit = fitted(rows, kind)

    assert auc(rows.label, fit.ways[0]) > 0.8
    assert abs(auc(rows.label, fit.ways[1]) - 0.5) < 0.1
    assert auc(rows.label, fit.asked[0]) < 0.25
    assert isinstance(fit.calibration, Beta if kind == "beta" else Isotonic)


@pytest.mark.parametrize("kind", ["isotonic", "beta", "split"])
def test_the_hold_out_is_kept_away_from_everything(kind: Kind) -> None:
    """Its labels change neither the trees, nor the curve, nor one probability."""
    rows = task()

    before, after = fitted(rows, kind), fitted(relabelled(rows, rows.fold == HELD_OUT), kind)

    assert before.trees.to_bytes() == after.trees.to_bytes()
    assert before.calibration.to_json() == after.calibration.to_json()
    np.testing.assert_array_equal(before.ways, after.ways)
    np.testing.assert_array_equal(before.asked, after.asked)


def test_the_held_out_rows_are_scored_by_the_final_model() -> None:
    """Their probabilities are those of the model that is shipped."""
    rows = task()
    held = rows.fold == HELD_OUT

    fit = fitted(rows)

    served = fit.calibration.apply(fit.trees.raw(rows.ways[0][held]))
    np.testing.assert_array_equal(fit.ways[0][held], served)


def test_a_folds_trees_never_saw_its_labels() -> None:
    """With the classic recipe, curve and trees of a fold come from other rows only: nothing moves."""
    rows = task()
    first = rows.fold == 0

    before, after = fitted(rows, "split"), fitted(relabelled(rows, first), "split")

    np.testing.assert_array_equal(before.ways[:, first], after.ways[:, first])
    assert (before.ways[:, rows.fold == 1] != after.ways[:, rows.fold == 1]).any()


def test_a_folds_curve_never_saw_its_labels() -> None:
    """Scores that know nothing must stay calibrated: shuffled labels give probabilities near their mean.

    A curve fitted on a row's own label would pull that row towards it: the correlation of label and
    probability would be clearly positive.
    """
    rows = task(1, 1_500, 0.0)
    label = np.random.default_rng(9).permutation(rows.label)

    fit = fitted(Task(rows.ways, rows.asked, label, rows.fold, rows.names))

    assert np.corrcoef(fit.ways[0], label)[0, 1] < 0.08


def test_threads_change_nothing() -> None:
    """One fit at a time and three at once give the same bytes."""
    rows = task()

    one, three = fitted(rows, threads=1), fitted(rows, threads=3)

    assert one.trees.to_bytes() == three.trees.to_bytes()
    np.testing.assert_array_equal(one.ways, three.ways)


def test_weights_and_lifts_reach_the_fit() -> None:
    """Ones that weigh more raise the probabilities; a lift orders ways that are equal."""
    rows = task(2, 600, 0.0)
    x = rows.ways[0]
    weight = np.where(rows.label == 1, 4.0, 1.0)
    lift = np.vstack([np.zeros(600), np.full(600, 1e-6)])

    plain = cross_fit(Task([x], [x], rows.label, rows.fold, rows.names), RECIPE, "beta", 1, lambda: None)
    lifted = cross_fit(
        Task([x], [x], rows.label, rows.fold, rows.names, weight, lift), RECIPE, "beta", 1, lambda: None
    )

    np.testing.assert_array_equal(plain.ways, plain.asked)
    assert (lifted.asked > lifted.ways).all()
    assert lifted.ways.mean() > plain.ways.mean() + 0.1


def test_each_fit_is_reported() -> None:
    """Three folds and the final fit: four."""
    done: list[int] = []

    cross_fit(task(), RECIPE, "isotonic", 2, lambda: done.append(1))

    assert len(done) == 4


def test_too_few_rows_of_a_label_are_refused() -> None:
    """The message counts both labels; the hold-out does not count."""
    rows = task(0, 100, 0.0)
    few = Task(rows.ways, rows.asked, (np.arange(100) < 19).astype(np.float64), rows.fold, rows.names)

    with pytest.raises(InputError, match=r"19 rows of label 1 and 81 of label 0 .* at least 20 of each"):
        fitted(few)

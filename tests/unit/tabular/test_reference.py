"""The spline-logistic reference."""

import numpy as np

from churn_saver.tabular.quality import auc
from churn_saver.tabular.reference import spline_logistic


def test_it_learns_a_curve_that_a_straight_line_cannot() -> None:
    """Ones lie at both ends of the first column: splines rank them, a straight line would not."""
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.uniform(-2, 2, 900), rng.integers(0, 2, 900)]).astype(np.float32)
    label = (rng.random(900) < 1 / (1 + np.exp(3 - 2 * x[:, 0] ** 2))).astype(np.float64)
    fold = rng.integers(0, 3, 900)

    p = spline_logistic(x, label, fold)

    assert auc(label, p) > 0.85
    assert abs(auc(label, x[:, 0].astype(np.float64)) - 0.5) < 0.1


def test_rows_never_see_their_own_label() -> None:
    """Other labels in a fold, or in the hold-out, change no probability of that fold's rows."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 2)).astype(np.float32)
    label = rng.integers(0, 2, 300).astype(np.float64)
    fold = np.arange(300) % 3 - 1
    other = np.where(fold == 0, 1 - label, label)
    unheld = np.where(fold == -1, 1 - label, label)

    before, after = spline_logistic(x, label, fold), spline_logistic(x, other, fold)

    np.testing.assert_array_equal(before[fold == 0], after[fold == 0])
    assert (before[fold == 1] != after[fold == 1]).any()
    np.testing.assert_array_equal(before, spline_logistic(x, unheld, fold))


def test_absent_values_and_weights_are_taken() -> None:
    """A column without values is left out, holes become the median, weights move the fit."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(200, 3)).astype(np.float32)
    x[:, 1] = np.nan
    x[::7, 2] = np.nan
    label = (rng.random(200) < 1 / (1 + np.exp(-x[:, 0]))).astype(np.float64)
    fold = np.arange(200) % 2

    plain = spline_logistic(x, label, fold)
    weighted = spline_logistic(x, label, fold, np.where(label == 1, 5.0, 1.0))

    assert np.isfinite(plain).all()
    assert weighted.mean() > plain.mean() + 0.1

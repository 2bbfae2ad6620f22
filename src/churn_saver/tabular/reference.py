"""The reference beside every model: logistic regression on splines, fitted on the same folds.

A plain model that a reader can check by hand and that is hard to beat on small tables. It is
reported, never served.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from churn_saver.tabular.cross_fit import HELD_OUT

Floats = NDArray[np.float64]

KNOTS = 5
"""Per number: cubic splines on the quantiles."""


class _Model(Protocol):
    """What is used of the library's pipeline."""

    def fit(self, x: Floats, label: Floats, **weights: Floats | None) -> object: ...

    def predict_proba(self, x: Floats) -> Floats: ...


def spline_logistic(
    x: NDArray[np.float32], label: Floats, fold: NDArray[np.int64], weight: Floats | None = None
) -> Floats:
    """Give out-of-fold probabilities of the reference; held-out rows by a fit on all other rows.

    Columns with at most two values go in as they are, all others as splines; absent values become
    the column's median in the training rows; a column without any value is left out.

    Shapes: x (n, d); label, fold, weight (n,) → (n,).
    """
    return spline_ladder(x, [x], label, fold, weight).reshape(-1)


def spline_ladder(
    x: NDArray[np.float32],
    asked: Sequence[NDArray[np.float32]],
    label: Floats,
    fold: NDArray[np.int64],
    weight: Floats | None = None,
) -> Floats:
    """Do the same, and score the rows as they stand in each of `asked` (other offers).

    Shapes: x and each of asked (n, d); label, fold, weight (n,) → (a, n).
    """
    kept = np.flatnonzero(~np.isnan(x).all(axis=0))
    used, questions = _doubles(x, kept), [_doubles(one, kept) for one in asked]
    p = np.empty((len(asked), len(label)))
    for k in np.unique(fold):
        rows = fold == k
        learned = ~rows & (fold != HELD_OUT)
        plain = np.array([len(np.unique(column[~np.isnan(column)])) <= 2 for column in used[learned].T])
        model = _pipeline(plain)
        share = None if weight is None else weight[learned]
        model.fit(used[learned], label[learned], logisticregression__sample_weight=share)
        for place, one in enumerate(questions):
            p[place, rows] = model.predict_proba(one[rows])[:, 1]
    return p


def _doubles(x: NDArray[np.float32], kept: NDArray[np.intp]) -> Floats:
    return np.asarray(x[:, kept], dtype=np.float64)


def _pipeline(plain: NDArray[np.bool_]) -> _Model:
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer, StandardScaler

    columns = make_column_transformer(
        (
            SplineTransformer(n_knots=KNOTS, knots="quantile", extrapolation="linear", include_bias=False),
            np.flatnonzero(~plain),
        ),
        ("passthrough", np.flatnonzero(plain)),
    )
    model: _Model = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        columns,
        StandardScaler(),
        LogisticRegression(max_iter=2_000),
    )
    return model

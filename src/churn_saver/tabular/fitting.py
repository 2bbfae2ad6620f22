"""Fit both predictors on customers, cross-fitted; the acceptance fit also takes plain arrays.

Callers send few columns, so each row is learned from as often as callers differ: whole, with
/predict's fields, with /retain's. Knows nothing of files, gates or where the rows came from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import N_OFFERS, OFFER_PERCENTS
from churn_saver.domain.customer import FIELD_BY_NAME, Customers, View
from churn_saver.errors import InputError
from churn_saver.tabular.boosting import Floats, Matrix, Recipe
from churn_saver.tabular.cross_fit import CrossFit, Kind, Task, cross_fit
from churn_saver.tabular.features import VIEWS, encode, feature_names, fields_of, names_of, seen_by
from churn_saver.tabular.overlap import Overlap, weights
from churn_saver.tabular.predictors import (
    OFFER_PCT,
    AcceptModel,
    RiskModel,
    accept_columns,
    accept_names,
)

TIE_BREAK = 1e-6
"""Log-odds per whole per cent: 15 % against 0 % moves no probability by more than 4e-6."""


@dataclass(frozen=True, slots=True)
class Method:
    """How a predictor is fitted."""

    recipe: Recipe
    kind: Kind
    all_views: bool
    """Learn from each row as every caller sends it, not only whole."""
    threads: int
    """Fits that run at once; changes no result."""


@dataclass(frozen=True, slots=True)
class RiskFit:
    """The churn model and what it said of rows that it had not seen."""

    model: RiskModel
    views: Mapping[View, Floats]
    """Out-of-fold probabilities with the fields of each view, (n,); held-out rows by the model."""

    @property
    def out_of_fold(self) -> Floats:
        """Out-of-fold probabilities on whole rows, (n,)."""
        return self.views[View.TABLE]


@dataclass(frozen=True, slots=True)
class AcceptFit:
    """The acceptance model and what it said of rows that it had not seen."""

    model: AcceptModel
    logged: Floats
    """Out-of-fold probability of accepting the offer that was made, (n,)."""
    ladder: Floats
    """Out-of-fold probability of accepting each offer, (n, 4)."""
    overlap: Overlap | None
    """None: no propensities, so the model is associational."""


def classic(recipe: Recipe, threads: int) -> Method:
    """Give the recipe of the textbook: 100 trees of depth 6, isotonic on a tenth, whole rows."""
    return Method(
        replace(
            recipe, trees=100, depth=6, learning_rate=0.3, min_child_weight=1.0, row_share=1.0,
            column_share=1.0, rising=(),
        ),
        kind="split", all_views=False, threads=threads,
    )  # fmt: skip


def fit_risk(
    customers: Customers,
    churned: Floats,
    fold: NDArray[np.int64],
    method: Method,
    allow_protected: bool,
    done: Callable[[], None],
) -> RiskFit:
    """Fit the churn model.

    Args:
        customers: The rows, (n,).
        churned: 1 where the customer left, (n,).
        fold: From `cross_fit.folds`, (n,).
        method: How to fit.
        allow_protected: Take gender, age, partner and dependents as inputs too.
        done: Called after each fit.

    Raises:
        InputError: no usable field, or too few rows of a label.
    """
    fields = _usable(customers, allow_protected)
    if not fields:
        raise InputError(f"the table has none of the fields {', '.join(FIELD_BY_NAME)}, wanted at least one")
    names = names_of(fields)
    seen = {view: seen_by(customers, view) for view in VIEWS}
    chosen = _distinct(seen)
    xs = {view: encode(seen[view], names) for view in chosen}
    learned = list(xs) if method.all_views else [View.TABLE]
    only_asked = [view for view in xs if view not in learned]
    fit = cross_fit(
        Task([xs[v] for v in learned], [xs[v] for v in only_asked], churned, fold, names),
        method.recipe, method.kind, method.threads, done,
    )  # fmt: skip
    scores = dict(zip((*learned, *only_asked), (*fit.ways, *fit.asked), strict=True))
    alike = {view: _first_alike(seen, view, chosen) for view in VIEWS}
    return RiskFit(RiskModel(fit.trees, fit.calibration), {v: scores[alike[v]] for v in VIEWS})


def fit_accept(
    customers: Customers,
    churn_risk: Floats,
    offer_pct: Floats,
    accepted: Floats,
    propensity: Floats | None,
    fold: NDArray[np.int64],
    method: Method,
    propensity_floor: float,
    allow_protected: bool,
    done: Callable[[], None],
) -> AcceptFit:
    """Fit the acceptance model on churn risk, offer and whatever fields the table has.

    Args:
        customers: The rows, (n,).
        churn_risk: Chance to leave as it stood when the offer was made, (n,).
        offer_pct: Offer that was made, one of the ladder in whole per cent, (n,).
        accepted: 1 where it was accepted, (n,).
        propensity: Chance that this offer was made, (n,); None: not logged.
        fold: From `cross_fit.folds`, (n,).
        method: How to fit.
        propensity_floor: Smallest propensity used as a weight.
        allow_protected: Take protected fields as inputs too.
        done: Called after each fit.

    Raises:
        InputError: an offer off the ladder, a propensity outside (0, 1], too few rows of a label.
    """
    names = accept_names(_usable(customers, allow_protected))
    weight, overlap = (None, None) if propensity is None else weights(propensity, propensity_floor)
    seen = {view: seen_by(customers, view) for view in VIEWS}
    chosen = _distinct(seen) if method.all_views else [View.TABLE]
    xs = [accept_columns(churn_risk, offer_pct, encode(seen[view], names[2:])) for view in chosen]
    tie_break = TIE_BREAK if method.kind == "beta" else 0.0
    fit = fit_ladder(xs, names, offer_pct, accepted, weight, fold, method, done)
    model = AcceptModel(fit.trees, fit.calibration, tie_break)
    return AcceptFit(model, fit.ways[0], fit.asked.T, overlap)


def fit_ladder(
    xs: Sequence[Matrix],
    names: tuple[str, ...],
    offer_pct: Floats,
    accepted: Floats,
    weight: Floats | None,
    fold: NDArray[np.int64],
    method: Method,
    done: Callable[[], None],
) -> CrossFit:
    """Fit acceptance on any matrix with an `offer_pct` column, and ask it every offer out-of-fold.

    Shapes: each of xs (n, d); offer_pct, accepted, weight, fold (n,).

    Returns:
        The fit; its `asked` is (4, n), one row an offer.

    Raises:
        InputError: an offer off the ladder, or too few rows of a label.
    """
    strange = ~np.isin(offer_pct, OFFER_PERCENTS)
    if strange.any():
        raise InputError(
            f"offer_pct is {offer_pct[strange][0]:g}, wanted one of {', '.join(map(str, OFFER_PERCENTS))}"
        )
    at = names.index(OFFER_PCT)
    asked = [_with_offer(xs[0], at, percent) for percent in OFFER_PERCENTS]
    strict = method.kind == "beta"
    offers = [offer_pct] * len(xs) + [np.full(len(accepted), float(p)) for p in OFFER_PERCENTS]
    lift = TIE_BREAK * np.array(offers) if strict else None
    recipe = replace(method.recipe, rising=(OFFER_PCT,)) if strict else method.recipe
    task = Task(xs, asked, accepted, fold, names, weight, lift)
    fit = cross_fit(task, recipe, method.kind, method.threads, done)
    assert len(fit.asked) == N_OFFERS
    return fit


def _with_offer(x: Matrix, at: int, percent: int) -> Matrix:
    out = x.copy()
    out[:, at] = percent
    return out


def _present(customers: Customers) -> frozenset[str]:
    return frozenset(name for name, column in customers.fields.items() if not np.isnan(column).all())


def _usable(customers: Customers, allow_protected: bool) -> tuple[str, ...]:
    """Name the fields that hold a value: an empty column would only dilute the draw of columns."""
    present = _present(customers)
    return tuple(name for name in fields_of(feature_names(allow_protected)) if name in present)


def _distinct(seen: Mapping[View, Customers]) -> list[View]:
    """Give the views that differ on this table, fullest first."""
    return [view for view in VIEWS if _first_alike(seen, view, VIEWS) is view]


def _first_alike(seen: Mapping[View, Customers], view: View, among: Sequence[View]) -> View:
    return next(one for one in among if _present(seen[one]) == _present(seen[view]))

"""Recipe: measure acceptance models where the truth is known, on UCI Bank with semi-synthetic offers.

    bank table → cross-fitted chance of a real yes → offers of an assumed effect → fits → regret

The data has no offers, so nothing learned here is ever served: it shows how near to the truth a way
to fit comes, and what choosing by it costs. Writes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.config import TabularSettings
from churn_saver.data.uci_bank import design_matrix, semi_synthetic
from churn_saver.domain.action import N_OFFERS, OFFER_PERCENTS
from churn_saver.tabular.cross_fit import Task, cross_fit, folds
from churn_saver.tabular.fitting import Method, fit_ladder
from churn_saver.tabular.intervals import Interval, Scores, bootstrap, scores
from churn_saver.tabular.overlap import weights
from churn_saver.tabular.predictors import OFFER_PCT, logged_of
from churn_saver.tabular.quality import auc, ladder_faults
from churn_saver.tabular.reference import spline_ladder
from churn_saver.tabular.regret import choices, constant_regret, offer_values
from churn_saver.train.risk import methods

Floats = NDArray[np.float64]
Logging = Literal["uniform", "targeted"]
CUSTOMERS = 10_000
"""Most customers that ties and violations are counted over."""


@dataclass(frozen=True, slots=True)
class Base:
    """The Bank table, and the chance of a real yes that offers are put on top of."""

    frame: pl.DataFrame
    probability: Floats
    """Cross-fitted on shuffled rows, (n,)."""
    fold: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Offers:
    """One draw of offers and answers."""

    x: NDArray[np.float32]
    """Columns of the Bank table and the offer last, (n, d)."""
    names: tuple[str, ...]
    offer_pct: Floats
    accepted: Floats
    weight: Floats
    """Inverse propensity, mean 1, (n,)."""
    truth: Floats
    """True probability of accepting each offer, (n, 4)."""
    fold: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Accepted:
    """How near one way to fit acceptance comes to the truth of one draw."""

    scores: Scores
    bayes_auc: float
    """AUC of the true probabilities on the same answers: nothing can rank them better but by chance."""
    ties: int
    violations: int
    regret: Interval
    """At the margin of tabular.yaml; the interval resamples customers, not the fit."""
    constant_regret: float
    by_margin: Mapping[str, tuple[float, float]]
    """Regret of the model and of the best constant offer, by margin kept."""


def base_of(frame: pl.DataFrame, settings: TabularSettings) -> Base:
    """Cross-fit the chance of a real yes, with the churn model's recipe.

    Args:
        frame: From `uci_bank.read_bank`.
        settings: tabular.yaml.
    """
    x, names = design_matrix(frame)
    fold = folds(frame["customer_id"].to_list(), settings.folds, 0.0, settings.seed)
    label = frame["accepted_base"].to_numpy().astype(np.float64)
    method, _ = methods(settings, "risk")
    task = Task([x], [], label, fold, names)
    fit = cross_fit(task, method.recipe, "isotonic", method.threads, _nothing)
    return Base(frame, fit.ways[0], fold)


def draw_offers(base: Base, seed: int, logging: Logging, propensity_floor: float) -> Offers:
    """Draw who gets which offer and who accepts it; the effect of the offer is assumed, not measured."""
    x, names = design_matrix(base.frame)
    table = semi_synthetic(base.frame, base.probability, np.random.default_rng(seed), logging)
    offer = table["offer_pct"].to_numpy().astype(np.float64)
    return Offers(
        x=np.column_stack([x, offer]).astype(np.float32),
        names=(*names, OFFER_PCT),
        offer_pct=offer,
        accepted=table["accepted"].to_numpy().astype(np.float64),
        weight=weights(table["propensity"].to_numpy(), propensity_floor)[0],
        truth=table.select(f"true_prob_{k}" for k in range(N_OFFERS)).to_numpy(),
        fold=base.fold,
    )


def ladder_of(offers: Offers, method: Method) -> Floats:
    """Fit on the logged offers and give out-of-fold probabilities of all four, (n, 4)."""
    fit = fit_ladder(
        [offers.x],
        offers.names,
        offers.offer_pct,
        offers.accepted,
        offers.weight,
        offers.fold,
        method,
        _nothing,
    )
    return fit.asked.T


def spline_ladder_of(offers: Offers) -> Floats:
    """Do the same with the spline-logistic reference, (n, 4)."""
    asked = []
    for percent in OFFER_PERCENTS:
        x = offers.x.copy()
        x[:, -1] = percent
        asked.append(x)
    return spline_ladder(offers.x, asked, offers.accepted, offers.fold, offers.weight).T


def measure(offers: Offers, ladder: Floats, settings: TabularSettings, margins: Sequence[float]) -> Accepted:
    """Set out-of-fold probabilities beside the truth.

    Args:
        offers: The draw.
        ladder: Probability of accepting each offer, (n, 4).
        settings: tabular.yaml.
        margins: Further margins kept per acceptance, in bills, to show regret at.
    """
    logged, draws = logged_of(ladder, offers.offer_pct), settings.bootstrap_draws
    faults = ladder_faults(ladder[:CUSTOMERS])
    margin = settings.accept.margin_kept

    def lost(kept: float) -> Callable[[NDArray[np.int64]], list[float]]:
        values = offer_values(offers.truth, kept)
        got = values[np.arange(len(values)), choices(ladder, kept)]
        best = values.max(axis=1)
        return lambda rows: [1 - got[rows].sum() / best[rows].sum()]

    every = np.arange(len(ladder))
    return Accepted(
        scores=scores(offers.accepted, logged, np.random.default_rng(settings.seed), draws),
        bayes_auc=auc(offers.accepted, logged_of(offers.truth, offers.offer_pct)),
        ties=faults.ties,
        violations=faults.violations,
        regret=bootstrap(lost(margin), len(ladder), np.random.default_rng(settings.seed), draws)[0],
        constant_regret=constant_regret(offers.truth, margin),
        by_margin={f"{m:g}": (lost(m)(every)[0], constant_regret(offers.truth, m)) for m in margins},
    )


def _nothing() -> None:
    """Report no progress."""

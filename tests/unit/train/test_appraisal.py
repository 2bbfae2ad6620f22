"""What the training report says of fitted models."""

from dataclasses import replace

import numpy as np
import pytest

from churn_saver.config import TabularSettings
from churn_saver.tabular.boosting import Recipe, grow
from churn_saver.tabular.calibration import Beta
from churn_saver.tabular.cross_fit import HELD_OUT
from churn_saver.tabular.fitting import AcceptFit, Method
from churn_saver.tabular.predictors import AcceptModel, accept_columns
from churn_saver.tabular.quality import auc
from churn_saver.train.appraisal import IN_SERVICE, Judge, accept_report
from churn_saver.train.datasets import AcceptTable
from churn_saver.train.run import Run, Steps

RECIPE = Recipe(2, 2, 0.3, 1, 1, 1, 0)
METHOD = Method(RECIPE, "beta", True, 1)


def judge(n: int = 400, seed: int = 0) -> tuple[Judge, np.ndarray]:
    """Give a judge of n rows, a fifth held out, and the true probabilities."""
    rng = np.random.default_rng(seed)
    p = rng.beta(1, 1, n)
    fold = np.where(np.arange(n) % 5 == 0, HELD_OUT, np.arange(n) % 5)
    return Judge((rng.random(n) < p).astype(np.float64), fold, Run(0), 20), p


def steps() -> Steps:
    """Count steps nobody looks at."""
    return Steps(Run(0), "", 0)


def accept_fit(table: AcceptTable, ladder: np.ndarray) -> AcceptFit:
    """Give a fit that said this of the table."""
    n = len(ladder)
    names = ("churn_risk", "offer_pct")
    x = accept_columns(table.churn_risk, table.offer_pct, np.empty((n, 0), dtype=np.float32))
    model = AcceptModel(grow([x], table.accepted, None, names, RECIPE), Beta(1, 1, 0), 1e-6)
    return AcceptFit(model, ladder[np.arange(n), (table.offer_pct / 5).astype(int)], ladder, None)


def test_the_model_in_service_is_compared_on_held_out_rows() -> None:
    """All others on the rows scored out of fold; the prevalence constant is always among them."""
    who, p = judge()

    rows = who.references(p, {"classic": 1 - p, IN_SERVICE: p}, steps())

    assert [(row.name, row.on, row.scores.rows) for row in rows] == [
        ("prevalence", "out of fold", 320), ("classic", "out of fold", 320), (IN_SERVICE, "hold-out", 80),
    ]  # fmt: skip
    assert rows[0].log_loss_gain.low > 0
    assert rows[1].auc_gain.value > 0.3
    assert rows[2].log_loss_gain.value == 0


def test_too_few_held_out_rows_are_not_scored() -> None:
    """Forty rows hold out eight, too few of a label: no hold-out figures, and no comparison on them."""
    who, p = judge(40)

    assert who.held is None
    assert [row.name for row in who.references(p, {IN_SERVICE: p}, steps())] == ["prevalence"]


def test_a_ladder_that_ties_is_warned_about(accept_rows: AcceptTable, quick: TabularSettings) -> None:
    """Equal offers are counted; without propensities the report says associational; truth gives regret."""
    n = len(accept_rows.accepted)
    flat = np.full((n, 4), 0.3) + np.random.default_rng(0).random((n, 1)) / 100
    truth = np.tile([0.1, 0.2, 0.3, 0.31], (n, 1))
    table = replace(accept_rows, propensity=None, truth=truth)
    who = Judge(table.accepted, np.arange(n) % 5 - 1, Run(0), 20)

    report = accept_report(table, accept_fit(table, flat), {}, METHOD, quick, who, steps())

    assert report.ladder is not None
    assert report.ladder.ties == n
    assert report.ladder.causal == "associational"
    # At m = .3: .1·.3 = .03, .2·.25 = .05, .3·.2 = .06, .31·.15 = .0465. Ties choose 0 %: .03 of .06 lost.
    assert report.ladder.regret == pytest.approx(0.5)
    assert report.ladder.constant_regret == pytest.approx(0, abs=1e-12)
    assert any("tie" in warning for warning in report.warnings)
    assert any("associational" in said for said in report.assumptions)


def test_the_report_holds_the_figures_of_the_fit(accept_rows: AcceptTable, quick: TabularSettings) -> None:
    """AUC of the logged offers, the offers seen, the weights' kind, and few points of each curve."""
    n = len(accept_rows.accepted)
    risk = accept_rows.churn_risk[:, None]
    ladder = 0.2 + 0.3 * (1 - risk) + np.array([0, 0.05, 0.1, 0.15])
    who = Judge(accept_rows.accepted, np.arange(n) % 5 - 1, Run(0), 20)
    fit = accept_fit(accept_rows, ladder)

    report = accept_report(accept_rows, fit, {}, METHOD, quick, who, steps())

    learned = who.fold != HELD_OUT
    assert report.out_of_fold.auc.value == auc(accept_rows.accepted[learned], fit.logged[learned])
    assert report.ladder is not None
    assert report.ladder.causal == "inverse-propensity weighted"
    assert report.ladder.regret is None
    assert sum(one.rows for one in report.ladder.offers) == n
    assert report.roc[0] == (0, 0)
    assert report.roc[-1] == (1, 1)
    assert len(report.reliability) == 15
    assert report.recipe["calibration"] == "beta"

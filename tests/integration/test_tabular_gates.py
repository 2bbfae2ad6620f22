"""The predictors on the real IBM Telco and UCI Bank files, with the project's own settings."""

import os
from pathlib import Path

import numpy as np
import pytest

from churn_saver.config import TabularSettings, parse
from churn_saver.data.uci_bank import design_matrix, read_bank, semi_synthetic
from churn_saver.domain.action import N_OFFERS
from churn_saver.tabular.cross_fit import HELD_OUT, Task, cross_fit, folds
from churn_saver.tabular.features import VIEWS
from churn_saver.tabular.fitting import fit_ladder, fit_risk
from churn_saver.tabular.overlap import weights
from churn_saver.tabular.predictors import logged_of
from churn_saver.tabular.quality import auc, ece, ladder_faults
from churn_saver.tabular.regret import choices, constant_regret, regret
from churn_saver.train.datasets import risk_table
from churn_saver.train.risk import methods

CONFIG = Path(__file__).parents[2] / "ops" / "configs" / "tabular.yaml"


def data(*parts: str) -> Path:
    """Find a file of outside data, or skip."""
    folder = os.environ.get("CHURN_SAVER_TEST_DATA")
    if not folder:
        pytest.skip("CHURN_SAVER_TEST_DATA is not set")
    path = Path(folder).joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"CHURN_SAVER_TEST_DATA holds no {'/'.join(parts)}")
    return path


@pytest.fixture(scope="module")
def tabular() -> TabularSettings:
    """The project's own settings."""
    return parse(TabularSettings, CONFIG.read_text(encoding="utf-8"), CONFIG.name)


def test_churn_gates_hold_on_telco(tabular: TabularSettings) -> None:
    """Ranking and calibration out of fold and on the hold-out, for every caller's fields."""
    path = data("ibm_telco", "Telco-Customer-Churn.csv")
    table = risk_table(path.read_bytes(), path.name, "company")
    who, label, wanted = table.customers, table.churned, tabular.gates
    fold = folds(who.ids, tabular.folds, tabular.hold_out_share, tabular.seed)
    fit = fit_risk(who, label, fold, methods(tabular, "risk")[0], False, lambda: None)
    learned, p = fold != HELD_OUT, fit.out_of_fold

    assert len(who) == 7_032
    assert table.source.is_telco
    assert label.sum() == 1_869
    assert auc(label[learned], p[learned]) >= wanted.risk_auc
    assert ece(label[learned], p[learned]) <= wanted.risk_ece
    assert auc(label[~learned], p[~learned]) >= wanted.hold_out_auc
    assert ece(label[~learned], p[~learned]) <= wanted.hold_out_ece
    for view in VIEWS:
        assert ece(label[learned], fit.views[view][learned]) <= wanted.risk_view_ece


@pytest.mark.parametrize("logging", ["uniform", "targeted"])
def test_acceptance_gates_hold_on_bank(tabular: TabularSettings, logging: str) -> None:
    """Near the Bayes AUC, calibrated, no ties, no falls, and better than the best constant offer."""
    path = data("uci_bank", "bank-additional.zip")
    frame = read_bank(path.read_bytes(), path.name)
    x, names = design_matrix(frame)
    fold = folds(frame["customer_id"].to_list(), tabular.folds, 0.0, tabular.seed)
    real = frame["accepted_base"].to_numpy().astype(np.float64)
    recipe = methods(tabular, "risk")[0].recipe
    base = cross_fit(Task([x], [], real, fold, names), recipe, "isotonic", 2, lambda: None).ways[0]
    table = semi_synthetic(frame, base, np.random.default_rng(1), logging)  # type: ignore[arg-type]
    offer, accepted = (table[name].to_numpy().astype(np.float64) for name in ("offer_pct", "accepted"))
    truth = table.select(f"true_prob_{k}" for k in range(N_OFFERS)).to_numpy()
    weight, _ = weights(table["propensity"].to_numpy(), tabular.accept.propensity_floor)

    fit = fit_ladder(
        [np.column_stack([x, offer]).astype(np.float32)], (*names, "offer_pct"), offer, accepted, weight,
        fold, methods(tabular, "accept")[0], lambda: None,
    )  # fmt: skip

    ladder, wanted, margin = fit.asked.T, tabular.gates, tabular.accept.margin_kept
    faults = ladder_faults(ladder[:10_000])
    reached, bayes = auc(accepted, fit.ways[0]), auc(accepted, logged_of(truth, offer))
    lost = regret(truth, choices(ladder, margin), margin)
    assert reached >= wanted.accept_auc
    assert bayes - reached <= wanted.accept_bayes_gap
    assert ece(accepted, fit.ways[0]) <= wanted.accept_ece
    assert (faults.ties, faults.violations) == (0, 0)
    assert lost <= wanted.accept_regret
    assert lost < constant_regret(truth, margin)

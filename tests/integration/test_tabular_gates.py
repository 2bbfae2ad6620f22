"""The predictors on the real IBM Telco and UCI Bank files, with the project's own settings."""

import os
from pathlib import Path

import pytest

from churn_saver.config import TabularSettings, parse
from churn_saver.data.uci_bank import read_bank
from churn_saver.tabular.cross_fit import HELD_OUT, folds
from churn_saver.tabular.features import VIEWS
from churn_saver.tabular.fitting import fit_risk
from churn_saver.tabular.quality import auc, ece
from churn_saver.train.bank_reference import Base, Logging, base_of, draw_offers, ladder_of, measure
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


@pytest.fixture(scope="module")
def bank(tabular: TabularSettings) -> Base:
    """The Bank table with its cross-fitted base."""
    path = data("uci_bank", "bank-additional.zip")
    return base_of(read_bank(path.read_bytes(), path.name), tabular)


@pytest.mark.parametrize("logging", ["uniform", "targeted"])
def test_acceptance_gates_hold_on_bank(tabular: TabularSettings, bank: Base, logging: Logging) -> None:
    """Near the Bayes AUC, calibrated, no ties, no falls, and better than the best constant offer."""
    offers = draw_offers(bank, 1, logging, tabular.accept.propensity_floor)
    wanted = tabular.gates

    found = measure(offers, ladder_of(offers, methods(tabular, "accept")[0]), tabular, ())

    assert found.scores.auc.value >= wanted.accept_auc
    assert found.bayes_auc - found.scores.auc.value <= wanted.accept_bayes_gap
    assert found.scores.ece.value <= wanted.accept_ece
    assert (found.ties, found.violations) == (0, 0)
    assert found.regret.value <= wanted.accept_regret
    assert found.regret.value < found.constant_regret


def test_the_classic_recipe_decides_worse_than_one_offer_for_all(
    tabular: TabularSettings, bank: Base
) -> None:
    """It passes AUC and ECE, ties a third of the ladders, and loses more than the best constant."""
    offers = draw_offers(bank, 1, "uniform", tabular.accept.propensity_floor)

    found = measure(offers, ladder_of(offers, methods(tabular, "accept")[1]), tabular, ())

    assert found.scores.auc.value >= tabular.gates.accept_auc
    assert found.scores.ece.value <= tabular.gates.accept_ece
    assert found.ties > 3_000
    assert found.violations > 100
    assert found.regret.value > found.constant_regret

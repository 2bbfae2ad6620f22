"""Small tables and quick settings for training."""

from pathlib import Path

import numpy as np
import pytest

from churn_saver.config import TabularSettings, parse
from churn_saver.data import demo
from churn_saver.train.datasets import AcceptTable, RiskTable, find_accept, risk_table

CONFIG = Path(__file__).parents[3] / "ops" / "configs" / "tabular.yaml"


@pytest.fixture(scope="session")
def quick() -> TabularSettings:
    """The settings of the project with fewer trees, folds and resamples."""
    settings = parse(TabularSettings, CONFIG.read_text(encoding="utf-8"), CONFIG.name)
    fewer = {"trees": 20, "learning_rate": 0.3}
    return settings.model_copy(
        update={
            "folds": 3,
            "bootstrap_draws": 20,
            "risk": settings.risk.model_copy(update=fewer),
            "accept": settings.accept.model_copy(update=fewer),
        }
    )


@pytest.fixture(scope="session")
def risk_rows() -> RiskTable:
    """1,200 customers of the demo."""
    raw = demo.csv_bytes(demo.churn_table(np.random.default_rng(1), 1_200))
    return risk_table(raw, "churn_train.csv", "demo")


@pytest.fixture(scope="session")
def accept_rows(tmp_path_factory: pytest.TempPathFactory) -> AcceptTable:
    """4,000 past offers of the demo, taken as a company's."""
    folder = tmp_path_factory.mktemp("offers")
    raw = demo.csv_bytes(demo.accept_table(np.random.default_rng(1), 4_000))
    (folder / "accept_train.csv").write_bytes(raw)
    return find_accept(folder)

"""Training from the command line: one model beside another that is kept."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from churn_saver.adapters import artifacts
from churn_saver.cli.training import train_models
from churn_saver.data import demo
from churn_saver.errors import InputError
from tests.tiny_configs import CONFIGS
from tests.tiny_predictors import tiny_predictors


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a working folder with past offers, a churn table, and settings of few trees and draws."""
    (tmp_path / "configs").mkdir()
    for path in CONFIGS.glob("*.yaml"):
        (tmp_path / "configs" / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    tabular = yaml.safe_load((CONFIGS / "tabular.yaml").read_text()) | {"bootstrap_draws": 20, "folds": 3}
    tabular["accept"] |= {"trees": 20, "learning_rate": 0.3}
    (tmp_path / "configs" / "tabular.yaml").write_text(yaml.safe_dump(tabular))
    (tmp_path / "data").mkdir()
    rng = np.random.default_rng(1)
    (tmp_path / "data" / "accept_train.csv").write_bytes(demo.csv_bytes(demo.accept_table(rng, 4_000)))
    (tmp_path / "data" / "churn_train.csv").write_bytes(demo.csv_bytes(demo.churn_table(rng, 200)))
    monkeypatch.setenv("CONFIG_DIR", str(tmp_path / "configs"))
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_kept_model_is_named_and_called_stale_when_its_table_has_changed(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A manifest vouches for both: whoever reads the screen knows what it vouches for."""
    found, was = tiny_predictors(), {"source": "company", "file": "churn_train.csv", "sha256": "ab" * 32}
    artifacts.save(workplace / "models", found.risk, found.accept, {"risk": was, "accept": was}, {})

    train_models("accept", workplace / "data", workplace / "models")

    output = capsys.readouterr().out
    assert "risk was kept as it was, trained on churn_train.csv (company), sha256 abababababababab" in output
    assert "not alike: hold_out None there" in output
    assert f"risk is stale: churn_train.csv in {workplace / 'data'} is not what it was trained on" in output


def test_one_model_of_two_says_that_nothing_serves_from_it(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And what to do next."""
    train_models("accept", workplace / "data", workplace / "models")

    assert (
        "holds one model of two, and nothing serves from it. Next step: train the other"
        in capsys.readouterr().out
    )


def test_a_model_that_there_is_not_is_refused(workplace: Path) -> None:
    """Before anything is read."""
    with pytest.raises(InputError, match="--only is 'all', wanted one of risk, accept, both"):
        train_models("all", workplace / "nowhere", None)

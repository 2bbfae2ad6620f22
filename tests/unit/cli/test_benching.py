"""The command that measures the ladder: what it refuses before an hour's work. The rest is in integration."""

from pathlib import Path

import pytest

from churn_saver.cli.benching import bench
from churn_saver.cli.policies import Wishes
from churn_saver.errors import ArtifactError, ConfigError, InputError
from tests.tiny_configs import write_configs, write_table


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a working folder with tiny settings, a table of 60 customers and the shipped predictors."""
    for name in ("MODEL_DIR", "FORCE_BASELINE", "POLICY_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CONFIG_DIR", str(tmp_path / "configs"))
    monkeypatch.chdir(tmp_path)
    write_configs(tmp_path / "configs")
    write_table(tmp_path / "data")
    return tmp_path


def test_a_table_too_small_for_its_panels_is_refused_before_any_training(workplace: Path) -> None:
    """Not after all of them."""
    write_configs(workplace / "configs", panels={"certificate": 6, "held_out": 31})

    with pytest.raises(InputError, match=r"panels\.held_out of ppo\.yaml is 31, and half .* 30 customers"):
        bench(Wishes(), 1, workplace / "data", workplace / "out")

    assert not (workplace / "out").exists()


@pytest.mark.parametrize("budget", [0.0, float("nan"), -2.0])
def test_a_budget_that_is_none_is_refused(workplace: Path, budget: float) -> None:
    """Before a table is looked for."""
    with pytest.raises(ConfigError, match=r"--budget: budget_per_customer is"):
        bench(Wishes(budget=budget), 1, workplace / "nowhere", workplace / "out")

    assert not (workplace / "out").exists()


def test_without_predictors_there_is_nothing_to_measure(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fix is named."""
    monkeypatch.setenv("MODEL_DIR", str(workplace / "nowhere"))

    with pytest.raises(ArtifactError, match=r"(?s)customers cannot be scored.*make train-risk"):
        bench(Wishes(), 1, workplace / "data", workplace / "out")

    assert not (workplace / "out").exists()

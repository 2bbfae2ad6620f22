"""Settings: three files, read or refused with the next step."""

from pathlib import Path

import pytest

from churn_saver.config import Environment
from churn_saver.errors import ConfigError
from churn_saver.opening.places import config_folder
from churn_saver.opening.settings import read_policy_settings, read_settings, read_text_settings


def test_the_shipped_settings_are_read() -> None:
    """All three, into their classes."""
    env, serve, tabular = read_settings(Environment())

    assert (env.horizon_days, serve.campaign.id, tabular.seed) == (90, "default", 42)


def test_the_shipped_settings_of_the_decision_policy_are_read() -> None:
    """The campaign's and the recipe's."""
    env, ppo = read_policy_settings(Environment())

    assert (env.horizon_days, env.budget_per_customer, ppo.observation) == (90, 8.0, "full_price")


def test_the_shipped_settings_of_the_message_models_are_read() -> None:
    """One file for each stage."""
    tuning, judging, improving = read_text_settings(Environment())

    assert tuning.base_model == judging.base_model == "smollm2-135m"
    assert improving.kl.target > 0.0


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    """With the folder, and how to name another."""
    (tmp_path / "env.yaml").write_text((config_folder(Environment()) / "env.yaml").read_text())

    with pytest.raises(ConfigError, match=r"ppo\.yaml cannot be read.*CONFIG_DIR"):
        read_policy_settings(Environment(CONFIG_DIR=str(tmp_path)))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """With the folder, and how to name another."""
    with pytest.raises(ConfigError, match=r"env\.yaml cannot be read.*CONFIG_DIR"):
        read_settings(Environment(CONFIG_DIR=str(tmp_path)))


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    """Bytes that are not UTF-8."""
    (tmp_path / "env.yaml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match=r"env\.yaml cannot be read"):
        read_settings(Environment(CONFIG_DIR=str(tmp_path)))


def test_a_file_that_lacks_settings_is_named(tmp_path: Path) -> None:
    """With the field."""
    (tmp_path / "env.yaml").write_text("horizon_days: 90\n")

    with pytest.raises(ConfigError, match=r"env\.yaml: margin_share"):
        read_settings(Environment(CONFIG_DIR=str(tmp_path)))

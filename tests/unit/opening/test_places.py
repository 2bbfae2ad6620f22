"""Where things lie: what was said, else the working folder, else what came with the package."""

from pathlib import Path

import pytest

from churn_saver.config import Environment
from churn_saver.errors import ConfigError
from churn_saver.opening.places import (
    bank_folder,
    config_folder,
    defaults_folder,
    ledger_url,
    model_folder,
    policy_folder,
    shipped_bank_folder,
    uplift_folder,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_settings_come_with_the_package(folder: Path) -> None:
    """Away from the repository the package's own settings are found."""
    found = config_folder(Environment())

    assert found.is_absolute()
    assert (found / "serve.yaml").is_file()


def test_settings_of_the_working_folder_go_first(folder: Path) -> None:
    """An ops/configs without serve.yaml is somebody else's."""
    (folder / "ops" / "configs").mkdir(parents=True)
    assert config_folder(Environment()).is_absolute()
    (folder / "ops" / "configs" / "serve.yaml").touch()

    assert config_folder(Environment()) == Path("ops/configs")


def test_what_is_named_is_taken(folder: Path) -> None:
    """Even if nothing is there: the error is then about what was named."""
    assert config_folder(Environment(CONFIG_DIR="mine")) == Path("mine")
    assert model_folder(Environment(MODEL_DIR="mine")) == Path("mine")
    assert policy_folder(Environment(POLICY_DIR="mine")) == Path("mine")
    assert bank_folder(Environment(BANK_DIR="mine")) == Path("mine")
    assert uplift_folder(Environment(UPLIFT_DIR="mine")) == Path("mine")
    assert uplift_folder(Environment()) == Path("models/uplift")


def test_predictors_trained_here_go_before_the_shipped_ones(folder: Path) -> None:
    """Once their manifest, which is written last, is there."""
    trained = Path("models/risk_accept/artifacts")
    assert model_folder(Environment()) == defaults_folder()
    trained.mkdir(parents=True)
    assert model_folder(Environment()) == defaults_folder()
    (trained / "MANIFEST.json").touch()

    assert model_folder(Environment()) == trained


def test_policies_measured_here_go_before_the_shipped_ones(folder: Path) -> None:
    """Once the ladder vouches for them; a checkpoint of a training alone is no policy."""
    checkpoints = Path("checkpoints")
    checkpoints.mkdir()
    (checkpoints / "ppo_policy_ppo.safetensors").touch()
    assert policy_folder(Environment()) == defaults_folder()
    (checkpoints / "ladder.json").touch()

    assert policy_folder(Environment()) == checkpoints


def test_messages_made_here_go_before_the_shipped_ones(folder: Path) -> None:
    """Once their manifest is there."""
    made = Path("checkpoints/message_bank")
    assert bank_folder(Environment()) == shipped_bank_folder() == defaults_folder() / "message_bank"
    made.mkdir(parents=True)
    assert bank_folder(Environment()) == shipped_bank_folder()
    (made / "manifest.json").touch()

    assert bank_folder(Environment()) == made


def test_the_ledger_is_what_was_said_else_a_file() -> None:
    """Below the working folder; a server wherever it is."""
    server = "postgresql://me@host/books"

    assert ledger_url(Environment()) == "sqlite:///var/churn_saver.db"
    assert ledger_url(Environment(DATABASE_URL="sqlite:///mine.db")) == "sqlite:///mine.db"
    assert ledger_url(Environment(DATABASE_URL=server, K_SERVICE="churn-saver")) == server


@pytest.mark.parametrize("url", [None, "sqlite:///mine.db"])
def test_cloud_run_keeps_no_ledger_in_a_file(url: str | None) -> None:
    """Its files end with the container; said with what to set."""
    with pytest.raises(ConfigError, match=r"'churn-saver' of Cloud Run.*Set DATABASE_URL to postgresql://"):
        ledger_url(Environment(DATABASE_URL=url, K_SERVICE="churn-saver"))

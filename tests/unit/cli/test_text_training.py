"""Settings of the message training, from files and the command line."""

from pathlib import Path

import pytest

from churn_saver.cli.text_training import Wishes, bank, export, rules, settings_for
from churn_saver.errors import ArtifactError, ConfigError
from churn_saver.pipeline.text_order import TextOrder
from tests.tiny_texts import write_text_configs


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a working folder with tiny settings."""
    monkeypatch.setenv("CONFIG_DIR", str(tmp_path / "configs"))
    monkeypatch.chdir(tmp_path)
    write_text_configs(tmp_path / "configs")
    return tmp_path


def test_without_wishes_the_files_decide() -> None:
    """All three of them."""
    tuning, judging, improving = settings_for(Wishes())

    assert (tuning.base_model, tuning.steps, judging.steps, improving.iterations) == ("tiny", 6, 6, 2)


def test_wishes_go_over_the_files() -> None:
    """Base and steps of both supervised stages, iterations of the third; the rest stays."""
    tuning, judging, improving = settings_for(Wishes("smollm2-135m", 9, 7))

    assert tuning.base_model == judging.base_model == "smollm2-135m"
    assert (tuning.steps, judging.steps, improving.iterations) == (9, 9, 7)
    assert tuning.learning_rate == 0.01


def test_a_wish_that_cannot_be_met_is_refused() -> None:
    """Like a setting of the file."""
    with pytest.raises(ConfigError, match=r"the command line: base_model is ''"):
        settings_for(Wishes(base=""))


def test_the_shield_judges_by_serve_yaml() -> None:
    """The rules that serving has."""
    assert rules().banned


def test_a_bank_without_a_writer_is_refused(workplace: Path) -> None:
    """With the command that trains one."""
    with pytest.raises(ArtifactError, match=r"no message model in .*make train-text"):
        bank(TextOrder(workplace / "out", workplace), None)


def test_an_export_without_a_model_is_refused(workplace: Path) -> None:
    """With the command that trains one."""
    with pytest.raises(ArtifactError, match=r"no message model in .*make train-text"):
        export(workplace / "out")

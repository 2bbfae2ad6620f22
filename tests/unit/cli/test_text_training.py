"""Settings of the message training, from files and the command line."""

from pathlib import Path

import pytest

from churn_saver.cli.text_training import Wishes, bank, export, rules, settings_for, waiting
from churn_saver.errors import ArtifactError, ConfigError
from churn_saver.message.bank import DRAFT, Bank
from churn_saver.pipeline.text_order import TextOrder
from tests.banks import entry
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
    """The rules that serving has, the classifier of toxic texts among them."""
    assert rules().banned
    assert rules().judge is not None


def test_a_classifier_that_is_absent_is_said(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The shield judges by words alone then."""
    found = rules(workplace / "absent")

    assert found.judge is None
    assert "toxicity_unavailable" in capsys.readouterr().out


def test_what_of_a_new_bank_is_served_is_told() -> None:
    """Nothing until the first review; afterwards what was approved before, and how many wait."""
    drafts = [entry(number, review=DRAFT) for number in (1, 2)]

    assert waiting(Bank(tuple(drafts))).startswith("nothing of it is served yet; 2 messages to review.")
    assert waiting(Bank((entry(0), *drafts))).startswith(
        "1 context served from what was approved before; 2 messages to review."
    )


def test_a_bank_without_a_writer_is_refused(workplace: Path) -> None:
    """With the command that trains one."""
    with pytest.raises(ArtifactError, match=r"no message model in .*make train-text"):
        bank(TextOrder(workplace / "out", workplace), None)


def test_an_export_without_a_model_is_refused(workplace: Path) -> None:
    """With the command that trains one."""
    with pytest.raises(ArtifactError, match=r"no message model in .*make train-text"):
        export(workplace / "out")

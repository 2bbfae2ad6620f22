"""One stage as it is ordered, and what it is made from."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from churn_saver.adapters.text_models import SFT, Layer, TextModel, write_model
from churn_saver.config import LoraSettings
from churn_saver.pipeline.text_order import MADE_FROM, TextOrder, digest, made_from, stands

LORA = LoraSettings(rank=1, alpha=1.0, dropout=0.0, targets="all-linear")


def test_everything_of_a_stage_lies_in_one_folder(tmp_path: Path) -> None:
    """State and curves apart from the model, which is replaced as a whole."""
    order = TextOrder(tmp_path, tmp_path / "data")

    assert order.state(SFT) == tmp_path / "trainings" / "sft_model"
    assert order.curves(SFT) == tmp_path / "curves" / "sft_model"
    assert order.page(SFT) == tmp_path / "sft_model.html"


def test_what_is_made_from_the_same_stands(tmp_path: Path) -> None:
    """Until a setting, the seed, a text or the report is another; or it is to be made afresh."""
    order = TextOrder(tmp_path, tmp_path)
    sources = made_from({"targets": ("a", "b")}, 1, texts="x")
    assert not stands(order, SFT, sources)

    write_model(tmp_path, TextModel(SFT, "tiny", "v", (Layer(LORA, {}),), {MADE_FROM: sources}))
    without_report = stands(order, SFT, sources)
    order.page(SFT).write_text("")

    assert not without_report
    assert stands(order, SFT, sources)
    assert not stands(order, SFT, made_from({"targets": ("a", "b")}, 2, texts="x"))
    assert not stands(order, SFT, made_from({"targets": ("a", "b")}, 1, texts="y"))
    assert not stands(replace(order, fresh=True), SFT, sources)


def test_a_digest_knows_rows_and_their_order() -> None:
    """And to which table each belongs."""
    one, other = pl.DataFrame({"a": ["x", "y"]}), pl.DataFrame({"a": ["y", "x"]})

    assert digest([one]) == digest([one])
    assert len({digest([one]), digest([other]), digest([one, other]), digest([other, one])}) == 4

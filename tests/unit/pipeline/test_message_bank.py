"""The bank, filled by the models that were trained."""

from pathlib import Path

import pytest

from churn_saver.domain.progress import Progress
from churn_saver.errors import ArtifactError, GateError
from churn_saver.pipeline.message_bank import DRAFTS, fill_bank
from churn_saver.pipeline.text_order import TextOrder
from churn_saver.train.run import silent
from tests.tiny_texts import RULES, ppo_settings
from tests.unit.pipeline.conftest import Stages


def _order(stages: Stages, folder: Path) -> TextOrder:
    """Give a folder of its own with the stages' models."""
    for one in (stages.sft, stages.rm, stages.ppo):
        (folder / one.folder.name).symlink_to(one.folder)
    return TextOrder(folder, folder)


def test_a_writer_that_learned_nothing_fills_no_bank(stages: Stages, tmp_path: Path) -> None:
    """It is refused with the reason; what was written is kept, and belongs to these settings alone."""
    order, progress = _order(stages, tmp_path), _Told()

    with pytest.raises(GateError, match=r"not one of 4 drafts may be sent \(slots 4\).*make train-text"):
        fill_bank(order, ppo_settings(), RULES, progress, 2)

    assert progress.heard
    assert not (tmp_path / "message_bank").exists()
    assert (tmp_path / "trainings" / DRAFTS).is_file()
    with pytest.raises(ArtifactError, match=r"drafts of other models or settings.*--fresh"):
        fill_bank(order, ppo_settings(temperature=0.5), RULES, silent, 2)


def test_without_a_judge_nothing_is_written(stages: Stages, tmp_path: Path) -> None:
    """By name, with the command."""
    (tmp_path / "sft_model").symlink_to(stages.sft.folder)

    with pytest.raises(ArtifactError, match=r"rm_model/manifest\.json cannot be read.*make train-rm"):
        fill_bank(TextOrder(tmp_path, tmp_path), ppo_settings(), RULES, silent, 2)


class _Told:
    """Remembers that it was told."""

    def __init__(self) -> None:
        self.heard = 0

    def __call__(self, what: str, done: int, total: int) -> None:
        """Count."""
        self.heard += 1


_: Progress = _Told()

"""The bank, filled by the models that were trained."""

import json
from pathlib import Path

import pytest

from churn_saver.adapters.banks import read_bank, write_bank
from churn_saver.config import PpoTextSettings
from churn_saver.domain.briefs import Brief, every_brief
from churn_saver.domain.progress import Progress
from churn_saver.errors import ArtifactError, GateError, InputError
from churn_saver.message.plain import drafts
from churn_saver.pipeline.message_bank import DRAFTS, fill_bank
from churn_saver.pipeline.text_order import TextOrder
from churn_saver.train.run import silent
from tests.tiny_texts import RULES, ppo_settings
from tests.unit.pipeline.conftest import Stages

BANK_SETTINGS = {"drafts": 2, "keep": 2, "most_alike": 0.9, "channels": ["email"]}


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


def _email_briefs() -> list[Brief]:
    """Give the two that a bank of two briefs is written for."""
    briefs = [brief for brief in every_brief() if brief.context.channel == "email"]
    return [briefs[0], briefs[len(briefs) // 2]]


def _primed(order: TextOrder, settings: PpoTextSettings) -> Path:
    """Let the writer fail, and put into the file of its drafts what may be sent: two plain ones a brief."""
    with pytest.raises(GateError, match=r"not one of 4 drafts"):
        fill_bank(order, settings, RULES, silent, 2)
    path = order.checkpoints / "trainings" / DRAFTS
    head, line = path.read_bytes().splitlines()
    good = [text for brief in _email_briefs() for text in drafts(brief.context)[:2]]
    path.write_bytes(head + b"\n" + json.dumps({**json.loads(line), "drafts": good}).encode() + b"\n")
    return path


def test_a_bank_that_was_reviewed_keeps_what_was_said_of_it(stages: Stages, tmp_path: Path) -> None:
    """The same drafts again: the rejected one stays rejected and the approved one approved, without twins."""
    order, settings = _order(stages, tmp_path), ppo_settings(bank=BANK_SETTINGS)
    path = _primed(order, settings)
    written = path.read_bytes()
    first = fill_bank(order, settings, RULES, silent, 2)
    ids = [one.id for one in first.bank.entries]
    reviewed = first.bank.reviewed(lambda one: one.id == ids[0], "rejected").reviewed(
        lambda one: one.id == ids[1], "approved"
    )
    write_bank(first.folder, reviewed, {})
    path.write_bytes(written)

    again = fill_bank(order, settings, RULES, silent, 2)

    assert {one.id: one.review for one in again.bank.judged} == {ids[0]: "rejected", ids[1]: "approved"}
    texts = [one.text for one in again.bank.entries]
    assert len(texts) == len(set(texts))
    assert again.built.alike >= 2
    assert not path.exists()


def test_a_review_while_messages_are_written_is_not_lost(stages: Stages, tmp_path: Path) -> None:
    """The new bank gives way; its drafts are kept, so that the command is done again in a moment."""
    order, settings = _order(stages, tmp_path), ppo_settings(bank=BANK_SETTINGS)
    path = _primed(order, settings)
    written = path.read_bytes()
    first = fill_bank(order, settings, RULES, silent, 2)
    path.write_bytes(written)

    def review(what: str, done: int, total: int) -> None:
        write_bank(first.folder, first.bank.reviewed(lambda _: True, "approved"), {})

    with pytest.raises(InputError, match=r"changed while messages were written.*make message-bank"):
        fill_bank(order, settings, RULES, review, 2)

    assert {one.review for one in read_bank(first.folder).bank.entries} == {"approved"}
    assert path.is_file()


def test_a_former_bank_that_cannot_be_read_is_named_before_anything_is_opened(tmp_path: Path) -> None:
    """It says what to do; with `fresh` it is passed over, and the writer is what is missing next."""
    (tmp_path / "message_bank").mkdir()
    (tmp_path / "message_bank" / "bank.jsonl").write_text("{}\n")

    with pytest.raises(ArtifactError, match=r"reviews would be lost.*move .*message_bank away.*--fresh"):
        fill_bank(TextOrder(tmp_path, tmp_path), ppo_settings(), RULES, silent, 2)
    with pytest.raises(ArtifactError, match=r"no message model in"):
        fill_bank(TextOrder(tmp_path, tmp_path, fresh=True), ppo_settings(), RULES, silent, 2)


class _Told:
    """Remembers that it was told."""

    def __init__(self) -> None:
        self.heard = 0

    def __call__(self, what: str, done: int, total: int) -> None:
        """Count."""
        self.heard += 1


_: Progress = _Told()

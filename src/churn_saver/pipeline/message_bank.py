"""Fill the bank: the text policy writes for every brief, the reward model ranks, a person approves.

text policy → drafts → shield → reward model → told apart → drafts of the bank      make message-bank

What was reviewed before is read first, so that hours of writing do not end at a file that cannot be read,
and compared once more before the new bank takes its place: a review is never lost to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from churn_saver import __version__, shield
from churn_saver.adapters.banks import BANK, MANIFEST, held, read_bank, write_bank
from churn_saver.adapters.draft_files import remembered
from churn_saver.adapters.files import remove
from churn_saver.adapters.text_models import RM
from churn_saver.config import PpoTextSettings
from churn_saver.domain.briefs import every_brief
from churn_saver.domain.progress import Progress
from churn_saver.errors import ArtifactError, InputError
from churn_saver.message.bank import Bank
from churn_saver.message.language_model import merged, write
from churn_saver.opening.text_models import Opened, open_best_writer, open_stage
from churn_saver.pipeline.text_judging import judge_of, text_scores
from churn_saver.pipeline.text_order import TRAININGS, TextOrder
from churn_saver.train.bank_building import Built, build_bank

FOLDER = "message_bank"
DRAFTS = "message_bank.drafts.jsonl"


@dataclass(frozen=True, slots=True)
class Filled:
    """A bank on disk, and how it came about."""

    bank: Bank
    built: Built
    folder: Path
    writer: str
    """Stage and version of who wrote."""


def fill_bank(
    order: TextOrder,
    settings: PpoTextSettings,
    rules: shield.Rules,
    progress: Progress,
    most: int | None = None,
) -> Filled:
    """Write the bank anew; what a person approved or rejected in the former one stays as it is.

    Args:
        order: Where, with which draws.
        settings: ppo_text.yaml.
        rules: Of the shield.
        progress: Told how many briefs are done.
        most: Briefs to write for, spread evenly; None: all of the channels in the settings.

    Raises:
        ArtifactError: there is no writer or no reward model, one cannot be used, or drafts of an
            interrupted run are of others, or the former bank cannot be read and `fresh` was not asked for.
        InputError: the former bank was reviewed meanwhile; the drafts are kept.
        GateError: not one draft may be sent.
    """
    folder = order.checkpoints / FOLDER
    former = _former(folder, order.fresh)
    torch.set_num_threads(settings.threads)
    writer, judge = open_best_writer(order.checkpoints), open_stage(order.checkpoints, RM)
    lm, rm = merged(writer.lm, bfloat16=settings.bfloat16), judge_of(judge, settings.bfloat16)
    briefs = [brief for brief in every_brief() if brief.context.channel in settings.bank.channels]
    if most is not None and most < len(briefs):
        briefs = [briefs[place * len(briefs) // most] for place in range(most)]
    named = f"{writer.stored.stage} {writer.stored.version}"
    by = _made_by(order, settings, writer, judge, len(briefs))

    def drafts(prompts: Sequence[str], seed: int) -> Sequence[str]:
        written = write(
            lm, prompts, max_new_tokens=settings.max_new_tokens, temperature=settings.temperature, seed=seed
        )
        # What did not come to its end may read well as far as it goes: no draft at all.
        return [text if end else "" for text, end in zip(written.texts, written.ended.tolist(), strict=True)]

    path = order.checkpoints / TRAININGS / DRAFTS
    if order.fresh and path.exists():
        remove(path)
    built = build_bank(
        briefs, remembered(drafts, path, by), lambda prompts, texts: text_scores(rm, prompts, texts),
        rules, settings.bank, named, order.seed, progress, former.judged,
    )  # fmt: skip
    with held(folder):
        found = _former(folder, order.fresh).version
        if found != former.version:
            raise InputError(
                f"the bank in {folder} changed while messages were written: its version is {found}, wanted "
                f"{former.version}. Nothing was written over it. Next step: make message-bank, which goes "
                "on with the drafts that are written"
            )
        bank = write_bank(folder, built.bank.keeping(former), by | {"counts": built.counts()})
    remove(path)
    return Filled(bank, built, folder, named)


def _former(folder: Path, fresh: bool) -> Bank:
    """Read the bank that stands there; none, or with `fresh` one that cannot be read, is an empty one."""
    if not any((folder / name).exists() for name in (BANK, MANIFEST)):
        return Bank(())
    try:
        return read_bank(folder).bank
    except ArtifactError as error:
        if fresh:
            return Bank(())
        raise ArtifactError(
            f"the former bank cannot be read, so its reviews would be lost: {error}. Next step: move "
            f"{folder} away, or pass --fresh to do without them"
        ) from error


def _made_by(
    order: TextOrder, settings: PpoTextSettings, writer: Opened, judge: Opened, briefs: int
) -> dict[str, object]:
    """Say what decides how the drafts turn out, as plain values."""
    return {
        "writer": f"{writer.stored.stage} {writer.stored.version}", "base": writer.stored.base,
        "judge": judge.stored.version, "seed": order.seed, "temperature": settings.temperature,
        "max_new_tokens": settings.max_new_tokens, "code": __version__,
        "bank": settings.bank.model_dump(mode="json"), "briefs": briefs,
    }  # fmt: skip

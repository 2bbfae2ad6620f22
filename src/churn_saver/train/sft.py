"""Recipe: supervised fine-tuning, so that a language model writes drafts with slots.

    pairs → those that fit → tokens → adapters → −log p of the response's tokens → AdamW, step by step

The prompt is read and never learned. Knows no files but the folder of its own state, and no shield.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl
from torch import Tensor

from churn_saver import __version__
from churn_saver.config import SftSettings
from churn_saver.domain.progress import Progress
from churn_saver.message.language_model import (
    Batch,
    LanguageModel,
    token_log_probs,
    trainable_count,
    with_adapters,
)
from churn_saver.rl.losses import weighted_mean
from churn_saver.train.half_precision import autocast
from churn_saver.train.lesson import Lesson, LessonPoint, Look, OnPoint
from churn_saver.train.text_rows import LOOKED_AT, digest, fitting, parts_of, rows_of
from churn_saver.train.text_trainer import learn

NAME = "fine-tuning"
RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class FineTuned:
    """What supervised fine-tuning leaves."""

    lm: LanguageModel
    """The base with its trained adapters, not folded in."""
    points: tuple[LessonPoint, ...]
    """Of every step, those of interrupted runs too."""
    pairs: int
    """Learned from."""
    too_long: int
    """Left out of them for their length."""
    valid_pairs: int
    """Looked at."""
    trainable: int
    """Weights that learned."""
    parameters: int
    """Weights in all."""

    @property
    def valid_loss(self) -> float:
        """Say how unlikely a token of a validation response is in the end, nats."""
        return self.points[-1].valid_loss


def fine_tune(
    base: LanguageModel,
    pairs: pl.DataFrame,
    valid: pl.DataFrame,
    settings: SftSettings,
    seed: int,
    state: Path,
    progress: Progress,
    on_point: OnPoint,
    fresh: bool = False,
) -> FineTuned:
    """Teach a base model to answer prompts.

    Args:
        base: Without adapters; its network goes into the result.
        pairs: `prompt` and `response`, as they should be mixed.
        valid: Likewise, of other structures; the first `LOOKED_AT` that fit are looked at.
        settings: sft.yaml.
        seed: Same seed, same adapters, on one thread.
        state: Folder of what has been learned so far.
        progress: Told the steps.
        on_point: Told every step of this run.
        fresh: Begin anew, whatever an interrupted run left.

    Raises:
        InputError: a set is empty or lacks a column, no pair fits, or the base has adapters.
        ArtifactError: the state of an interrupted run cannot be used, and `fresh` was not asked for.
        TrainingError: the loss is no number any more.
    """
    kept = fitting(base, pairs, [RESPONSE], settings.max_tokens, "pairs to learn from")
    seen = fitting(base, valid, [RESPONSE], settings.max_tokens, "validation pairs").head(LOOKED_AT)
    rows, looked_at = (rows_of(base, frame, RESPONSE, settings.max_tokens) for frame in (kept, seen))
    lm = with_adapters(base, settings.lora, seed)
    notes = {"base": base.name, "base_version": base.version, "rows": digest(rows), "code": __version__}
    lesson = Lesson(
        NAME, lm.network, kept.height, lambda numbers: _loss(lm, rows.at(numbers.cpu()), settings.bfloat16),
        partial(_look, lm, looked_at, settings), notes, rows.lengths,
    )  # fmt: skip
    points = learn(lesson, settings, seed, state, progress, on_point, fresh)
    left_out = pairs.height - kept.height
    return FineTuned(lm, points, kept.height, left_out, seen.height, *trainable_count(lm))


def _loss(lm: LanguageModel, batch: Batch, bfloat16: bool) -> Tensor:
    """Take −log p, mean over the tokens of the responses."""
    with autocast(lm.network, bfloat16):
        log_probs = token_log_probs(lm.network, batch)
    return -weighted_mean(log_probs, batch.response.to(log_probs.device))


def _look(lm: LanguageModel, batch: Batch, settings: SftSettings) -> Look:
    """Take the loss over all rows, as if they were one batch."""
    total, tokens = 0.0, batch.response.sum()
    for rows in parts_of(len(batch.ids), settings):
        part = batch.at(rows)
        total += float(_loss(lm, part, settings.bfloat16)) * int(part.response.sum())
    return Look(total / int(tokens))

"""Recipe: a reward model, which learns from pairs which of two messages is the better one.

    pairs → those that fit → tokens → adapters and head → −ln σ(chosen − rejected − margin) → AdamW
          → accuracy on pairs never seen, for each kind apart → the scale of good messages

Knows no files but the folder of its own state, and no rule by which a message is better.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from churn_saver import __version__
from churn_saver.config import RmSettings
from churn_saver.domain.progress import Progress
from churn_saver.errors import InputError, quoted
from churn_saver.message.language_model import Batch, LanguageModel, trainable_count, with_adapters
from churn_saver.message.reward_model import RewardModel, preference_loss, scaled, scored, scores, untrained
from churn_saver.train.half_precision import autocast
from churn_saver.train.lesson import Lesson, LessonPoint, Look, OnPoint
from churn_saver.train.text_rows import LOOKED_AT, PROMPT, digest, fitting, parts_of, rows_of
from churn_saver.train.text_trainer import learn

NAME = "reward model"
CHOSEN, REJECTED, KIND = "chosen", "rejected", "kind"


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How often the better of two was scored higher."""

    pairs: int
    right: float
    """Of them; a tie is half."""

    @property
    def share(self) -> float:
        """Give it as a share."""
        return self.right / self.pairs


@dataclass(frozen=True, slots=True)
class TrainedReward:
    """What the training of a reward model leaves."""

    rm: RewardModel
    """With the scale of the validation responses that were chosen."""
    points: tuple[LessonPoint, ...]
    """Of every step, those of interrupted runs too."""
    pairs: int
    """Learned from."""
    too_long: int
    """Left out of them for their length."""
    accuracy: Accuracy
    """On all validation pairs."""
    by_kind: Mapping[str, Accuracy]
    """On those of each kind of rejection, by name."""
    public: Mapping[str, Accuracy] = field(default_factory=dict)
    """On held-out pairs of public sets, by source."""
    trainable: int = 0
    """Weights that learned."""
    parameters: int = 0
    """Weights in all."""


def train_reward(
    base: LanguageModel,
    pairs: pl.DataFrame,
    valid: pl.DataFrame,
    public: Mapping[str, pl.DataFrame],
    settings: RmSettings,
    seed: int,
    state: Path,
    progress: Progress,
    on_point: OnPoint,
    fresh: bool = False,
) -> TrainedReward:
    """Teach a base model to judge messages, and measure how well it does.

    Args:
        base: Without adapters; its network goes into the result.
        pairs: `prompt`, `chosen`, `rejected`, as they should be mixed.
        valid: Likewise with `kind`, of other structures.
        public: Source → held-out pairs of a public set, judged apart and never learned from.
        settings: rm.yaml.
        seed: Same seed, same model, on one thread.
        state: Folder of what has been learned so far.
        progress: Told the steps, and the judging after them.
        on_point: Told every step of this run.
        fresh: Begin anew, whatever an interrupted run left.

    Raises:
        InputError: a set is empty or lacks a column, a pair has chosen = rejected, no pair fits, or the
            base has adapters.
        ArtifactError: the state of an interrupted run cannot be used, and `fresh` was not asked for.
        TrainingError: the loss is no number any more.
    """
    fit = partial(_fitting, base, max_tokens=settings.max_tokens)
    kept, known = fit(pairs, name="pairs to learn from"), fit(valid, name="validation pairs")
    if KIND not in known.columns:
        raise InputError(f"validation pairs have no column {KIND}, wanted the kind of each rejection")
    apart = {source: fit(frame, name=f"held-out pairs of {source}") for source, frame in public.items()}
    rows, looked_at = (_sides(base, frame, settings.max_tokens) for frame in (kept, known.head(LOOKED_AT)))
    rm = untrained(with_adapters(base, settings.lora, seed), seed)
    notes = {"base": base.name, "base_version": base.version, "rows": digest(rows), "code": __version__}
    lesson = Lesson(
        NAME, _Judge(rm), kept.height,
        lambda numbers: preference_loss(*_judged(rm, rows, numbers, settings), settings.margin),
        partial(_look, rm, looked_at, settings), notes,
        list(map(max, rows.lengths[: kept.height], rows.lengths[kept.height :])),
    )  # fmt: skip
    points = learn(lesson, settings, seed, state, progress, on_point, fresh)
    chosen, by_kind = accuracies(rm, known, settings)
    others: dict[str, Accuracy] = {}
    for done, (source, frame) in enumerate(apart.items()):
        progress("judging public pairs", done, len(apart))
        named = frame.with_columns(pl.lit(source).alias(KIND))
        others |= accuracies(rm, named, settings)[1]
        progress("judging public pairs", done + 1, len(apart))
    too_long = pairs.height - kept.height
    sizes = _counted(rm)
    return TrainedReward(
        scaled(rm, chosen), points, kept.height, too_long, _together(by_kind), by_kind, others, *sizes
    )


def accuracies(
    rm: RewardModel, pairs: pl.DataFrame, settings: RmSettings
) -> tuple[NDArray[np.float32], dict[str, Accuracy]]:
    """Judge pairs, each kind apart.

    Args:
        rm: The judge.
        pairs: `prompt`, `chosen`, `rejected`, `kind`; none longer than allowed.
        settings: Longest pair, and precision.

    Returns:
        Raw scores of the chosen ones, shape (n,), and how often they were higher, kinds by the alphabet.

    Raises:
        InputError: a row is too long.
    """
    prompts, most = pairs[PROMPT].to_list(), settings.max_tokens
    with autocast(rm.lm.network, settings.bfloat16):
        chosen, rejected = (scored(rm, prompts, pairs[side].to_list(), most) for side in (CHOSEN, REJECTED))
    right = np.where(chosen == rejected, 0.5, chosen > rejected)
    kinds = pairs[KIND].to_numpy()
    found = {str(kind): right[kinds == kind] for kind in sorted(set(kinds))}
    return chosen, {kind: Accuracy(len(part), float(part.sum())) for kind, part in found.items()}


class _Judge(nn.Module):
    """Network and head side by side, so that both learn and are saved."""

    def __init__(self, rm: RewardModel) -> None:
        super().__init__()
        self.network, self.head = rm.lm.network, rm.head


def _fitting(base: LanguageModel, pairs: pl.DataFrame, max_tokens: int, name: str) -> pl.DataFrame:
    """Leave out what is too long, and refuse what teaches nothing."""
    kept = fitting(base, pairs, [CHOSEN, REJECTED], max_tokens, name)
    same = (pairs[CHOSEN].str.strip_chars() == pairs[REJECTED].str.strip_chars()).arg_true()
    if len(same):
        row = int(same[0])
        raise InputError(
            f"row {row} of the {name} has chosen = rejected, {quoted(pairs[CHOSEN][row])}, and "
            f"{len(same) - 1:,} more have, wanted two texts of which one is better: leave such pairs out"
        )
    return kept


def _sides(base: LanguageModel, pairs: pl.DataFrame, max_tokens: int) -> Batch:
    """Tokenise all chosen ones and then all rejected ones. Shapes: n pairs → (2 n, T)."""
    both = pl.concat(pairs.select(PROMPT, pl.col(side).alias(CHOSEN)) for side in (CHOSEN, REJECTED))
    return rows_of(base, both, CHOSEN, max_tokens)


def _judged(rm: RewardModel, rows: Batch, numbers: Tensor, settings: RmSettings) -> tuple[Tensor, Tensor]:
    """Score both sides of some pairs in one pass. Shapes: (m,) → (m,), (m,)."""
    numbers = numbers.cpu()
    with autocast(rm.lm.network, settings.bfloat16):
        both = scores(rm, rows.at(torch.cat([numbers, numbers + len(rows.ids) // 2])))
    return both[: len(numbers)], both[len(numbers) :]


def _look(rm: RewardModel, rows: Batch, settings: RmSettings) -> Look:
    """Judge pairs that are not learned from."""
    judged = [_judged(rm, rows, numbers, settings) for numbers in parts_of(len(rows.ids) // 2, settings)]
    chosen, rejected = (torch.cat(side) for side in zip(*judged, strict=True))
    right = (chosen > rejected).float() + 0.5 * (chosen == rejected).float()
    return Look(float(preference_loss(chosen, rejected, settings.margin)), float(right.mean()))


def _together(by_kind: Mapping[str, Accuracy]) -> Accuracy:
    found = by_kind.values()
    return Accuracy(sum(one.pairs for one in found), sum(one.right for one in found))


def _counted(rm: RewardModel) -> tuple[int, int]:
    """Count what learned, and all, with the head."""
    trainable, parameters = trainable_count(rm.lm)
    return trainable + rm.head.numel(), parameters + rm.head.numel()

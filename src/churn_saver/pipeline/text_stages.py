"""The two supervised stages of the message training, from texts to a checkpoint with its report.

    texts → SFT → adapters                          make train-sft
    pairs → reward model, from the fine-tuned one → adapters and head   make train-rm

Recipes know no checkpoint; what they hand on is written here.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import torch

from churn_saver import shield
from churn_saver.adapters.text_models import RM, SFT, Layer, TextModel, is_there
from churn_saver.config import RmSettings, SftSettings
from churn_saver.message.language_model import LanguageModel, adapters_of, merged, open_base
from churn_saver.message.reward_model import head_of
from churn_saver.opening.text_models import base_folder, open_writer
from churn_saver.pipeline.text_closing import Finished, Learned, close
from churn_saver.pipeline.text_order import (
    DATA,
    FIGURES,
    MADE_FROM,
    TextOrder,
    Watch,
    digest,
    made_from,
    stands,
)
from churn_saver.pipeline.text_samples import LOOKED_AT, held_out_briefs, side_by_side, written_by
from churn_saver.train.lesson import LessonPoint
from churn_saver.train.reward_model import TrainedReward, train_reward
from churn_saver.train.sft import fine_tune
from churn_saver.train.text_data import TextData


def train_sft(
    order: TextOrder, texts: TextData, settings: SftSettings, rules: shield.Rules, watch: Watch,
    skip: bool = False,
) -> Finished | None:  # fmt: skip
    """Fine-tune a base model, measure it on held-out contexts, and write it.

    Args:
        order: Where, and how it begins.
        texts: To learn from.
        settings: sft.yaml.
        rules: Of the shield, which judges its drafts.
        watch: Who is told.
        skip: Leave a model alone that was made from exactly this.

    Returns:
        What it leaves; None: it was left alone.

    Raises:
        ChurnSaverError: as of `open_base`, `train.sft.fine_tune` and `close`.
    """
    started = time.monotonic()
    torch.set_num_threads(settings.threads)
    base = open_base(settings.base_model, base_folder(order.checkpoints), settings.load_in_8bit)
    sources = made_from(
        settings.model_dump(mode="json"), order.seed,
        base_version=base.version, texts=digest([texts.train, texts.valid]),
    )  # fmt: skip
    if skip and stands(order, SFT, sources):
        return None
    watch.progress("drafts before", 0, 1)
    before = written_by(base, held_out_briefs(LOOKED_AT), rules)
    watch.progress("drafts before", 1, 1)
    tuned = fine_tune(
        base, texts.train, texts.valid, settings, order.seed, order.state(SFT), watch.progress,
        lambda point: watch.on_point(_point(point)), order.fresh,
    )  # fmt: skip
    watch.progress("drafts after", 0, 1)
    after = written_by(merged(tuned.lm), before.briefs, rules)
    watch.progress("drafts after", 1, 1)
    provenance = {
        MADE_FROM: sources,
        DATA: described(texts, tuned.too_long, settings.max_tokens),
        FIGURES: after.figures | {"valid_loss": tuned.valid_loss},
    }
    layer = Layer(settings.lora, adapters_of(tuned.lm))
    learned = Learned(
        TextModel(SFT, base.name, base.version, (layer,), provenance), (tuned.trainable, tuned.parameters),
        [_point(point) for point in tuned.points], started, side_by_side(before, after),
    )  # fmt: skip
    return close(order, learned)


def train_rm(
    order: TextOrder, texts: TextData, settings: RmSettings, watch: Watch, skip: bool = False
) -> Finished | None:
    """Train a reward model, measure it kind by kind, and write it.

    Args:
        order: Where, and how it begins.
        texts: To learn from and to be measured on.
        settings: rm.yaml.
        watch: Who is told.
        skip: Leave a model alone that was made from exactly this.

    Returns:
        What it leaves; None: it was left alone.

    Raises:
        ChurnSaverError: as of `open_base`, `train.reward_model.train_reward` and `close`.
    """
    started = time.monotonic()
    torch.set_num_threads(settings.threads)
    start = _start(order, settings)
    sources = made_from(
        settings.model_dump(mode="json"), order.seed, base_version=start.base_version,
        start=start.version, texts=digest([texts.train, texts.valid, *texts.public.values()]),
    )  # fmt: skip
    if skip and stands(order, RM, sources):
        return None
    trained = train_reward(
        start.lm, texts.train, texts.valid, texts.public, settings, order.seed, order.state(RM),
        watch.progress, lambda point: watch.on_point(_point(point)), order.fresh,
    )  # fmt: skip
    provenance = {
        MADE_FROM: sources,
        DATA: [start.words, *described(texts, trained.too_long, settings.max_tokens)],
        FIGURES: _rm_figures(trained),
    }
    layers = (*start.layers, Layer(settings.lora, adapters_of(trained.rm.lm)))
    learned = Learned(
        TextModel(RM, start.lm.name, start.base_version, layers, provenance, head_of(trained.rm)),
        (trained.trainable, trained.parameters), [_point(point) for point in trained.points], started,
        kinds=_kinds(trained),
    )  # fmt: skip
    return close(order, learned)


@dataclass(frozen=True, slots=True)
class _Start:
    """What a reward model begins as."""

    lm: LanguageModel
    base_version: str
    version: str
    layers: tuple[Layer, ...]
    words: str


def _start(order: TextOrder, settings: RmSettings) -> _Start:
    """Open the fine-tuned model where it is wanted and stands on the same base, else the base itself.

    Source: Ouyang et al., Training language models to follow instructions with human feedback, 2022,
    https://arxiv.org/abs/2203.02155, section 3.5: the reward model starts from the fine-tuned one.
    """
    if settings.start == "sft" and is_there(order.checkpoints, SFT):
        tuned = open_writer(order.checkpoints, SFT)
        stored = tuned.stored
        if stored.base == settings.base_model and not settings.load_in_8bit:
            words = f"it started from the fine-tuned model of version {stored.version}"
            return _Start(tuned.lm, stored.base_version, stored.version, stored.layers, words)
    base = open_base(settings.base_model, base_folder(order.checkpoints), settings.load_in_8bit)
    return _Start(base, base.version, base.version, (), f"it started from the base, {base.name}")


def described(texts: TextData, too_long: int, most: int) -> list[str]:
    """Say what was learned from, and what was left out and why.

    Args:
        texts: As they were found.
        too_long: Pairs left out for their length.
        most: Tokens that a pair may have.
    """
    left_out = dict(texts.left_out) | ({f"more than {most} tokens": too_long} if too_long else {})
    return [*texts.used, *(f"left out, {reason}: {n:,}" for reason, n in left_out.items())]


def _rm_figures(trained: TrainedReward) -> dict[str, float | None]:
    """Give accuracy, that of the kind it knows least, and that on pairs of others where there are any."""
    pairs = sum(one.pairs for one in trained.public.values())
    right = sum(one.right for one in trained.public.values())
    return {
        "accuracy": trained.accuracy.share,
        "worst_kind": min(one.share for one in trained.by_kind.values()),
        "public_accuracy": right / pairs if pairs else None,
    }


def _kinds(trained: TrainedReward) -> list[Mapping[str, object]]:
    named = {**trained.by_kind, **{f"{source} (public)": one for source, one in trained.public.items()}}
    return [{"kind": name, "pairs": one.pairs, "accuracy": one.share} for name, one in named.items()]


def _point(point: LessonPoint) -> dict[str, float]:
    return {"iteration": point.step} | {
        name: value for name, value in asdict(point).items() if name != "step"
    }

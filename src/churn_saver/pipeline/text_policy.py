"""The third stage of the message training: the wording improves against the reward model.

fine-tuned model + reward model → PPO → adapters          make train-ppo-text
"""

import time
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import torch

from churn_saver import shield
from churn_saver.adapters.text_models import PPO, RM, SFT, Layer, TextModel
from churn_saver.config import PpoTextSettings
from churn_saver.domain.briefs import Brief, every_brief, is_held_out, prompt_of
from churn_saver.message.language_model import LanguageModel, adapters_of, merged, trainable_count, write
from churn_saver.message.reward_model import RewardModel
from churn_saver.opening.text_models import open_stage, open_writer
from churn_saver.pipeline.text_closing import Finished, Learned, close
from churn_saver.pipeline.text_judging import judge_of, score_of, text_scores
from churn_saver.pipeline.text_order import DATA, FIGURES, MADE_FROM, TextOrder, Watch, made_from, stands
from churn_saver.pipeline.text_samples import LOOKED_AT, held_out_briefs, side_by_side, written_by
from churn_saver.train.gold import judged
from churn_saver.train.ppo_text import Improved, Judges, Look, improve
from churn_saver.train.text_learning import TextPoint

_LAST_DRAWS = 2**62
"""Seed of the drafts that are compared at the end; a look's is below it."""


def train_ppo_text(
    order: TextOrder, settings: PpoTextSettings, rules: shield.Rules, watch: Watch, skip: bool = False
) -> Finished | None:
    """Improve the fine-tuned model, measure it on held-out contexts, and write it.

    Args:
        order: Where, and how it begins.
        settings: ppo_text.yaml.
        rules: Of the shield.
        watch: Who is told.
        skip: Leave a model alone that was made from exactly this.

    Returns:
        What it leaves; None: it was left alone.

    Raises:
        ArtifactError: there is no fine-tuned model or no reward model, or one cannot be used.
        ChurnSaverError: as of `train.ppo_text.improve` and `close`.
    """
    started = time.monotonic()
    torch.set_num_threads(settings.threads)
    start, opened = open_writer(order.checkpoints, SFT), open_stage(order.checkpoints, RM)
    sources = made_from(
        settings.model_dump(mode="json", exclude={"bank"}), order.seed,
        start=start.stored.version, judge=opened.stored.version,
    )  # fmt: skip
    if skip and stands(order, PPO, sources):
        return None
    judge = judge_of(opened, settings.bfloat16)
    score = score_of(judge, start.stored.base_version == opened.stored.base_version)
    before = written_by(start.lm, held_out_briefs(LOOKED_AT), rules)
    briefs = [brief for brief in every_brief() if not is_held_out(brief.context)]
    improved = improve(
        start.lm, briefs, Judges(score, opened.stored.version, rules), settings, order.seed, order.state(PPO),
        watch.progress, lambda point, look: watch.on_point(_point(point, look)), order.fresh,
    )  # fmt: skip
    after = written_by(merged(improved.policy), before.briefs, rules)
    provenance = {
        MADE_FROM: sources,
        DATA: [
            f"it started from the fine-tuned model of version {start.stored.version}",
            f"its drafts were scored by the reward model of version {opened.stored.version}",
            f"it wrote for {len(briefs):,} briefs; contexts that are held out were none of them",
        ],
        FIGURES: _figures(improved, settings)
        | gains(start.lm, merged(improved.policy), improved.watched, judge, rules, settings)
        | after.figures,
    }
    layers = (*start.stored.layers, Layer(settings.lora, adapters_of(improved.policy)))
    learned = Learned(
        TextModel(PPO, start.stored.base, start.stored.base_version, layers, provenance),
        trainable_count(improved.policy), _points(improved), started, side_by_side(before, after),
    )  # fmt: skip
    return close(order, learned)


def gains(
    start: LanguageModel,
    policy: LanguageModel,
    briefs: Sequence[Brief],
    judge: RewardModel,
    rules: shield.Rules,
    settings: PpoTextSettings,
) -> dict[str, float | None]:
    """Compare a policy with its start on drafts that did not choose it; what was gained can be below 0.

    Args:
        start: Without adapters, as `policy`.
        policy: The one that was kept.
        briefs: Both write one draft for each, with the same draws, which are those of no look.
        judge: That it learned from.
        rules: Of the shield.
        settings: ppo_text.yaml.
    """
    prompts = [prompt_of(brief) for brief in briefs]
    before, after = (
        write(
            merged(lm, bfloat16=settings.bfloat16), prompts, max_new_tokens=settings.max_new_tokens,
            temperature=settings.temperature, seed=_LAST_DRAWS,
        ).texts
        for lm in (start, policy)
    )  # fmt: skip
    old, new = (judged(briefs, texts, rules) for texts in (before, after))
    gain = np.mean(text_scores(judge, prompts, after) - text_scores(judge, prompts, before))
    return {
        "reward_gain": float(gain),
        "gold_gain": new.score - old.score,
        "distinct_2_ratio": new.distinct_2 / old.distinct_2 if old.distinct_2 else None,
    }


def _figures(improved: Improved, settings: PpoTextSettings) -> dict[str, float | None]:
    """Say how far the policy that was kept is from its start."""
    best = improved.best
    # The drafts of the iteration after a look are written by the policy that was looked at.
    drawn = [point.kl for point in improved.points if point.iteration == best.iteration + 1]
    last = [point.kl for point in improved.points if point.iteration == best.iteration]
    return {
        "kl": (drawn or last or [0.0])[0],
        "kl_target": settings.kl.target,
    }


def _points(improved: Improved) -> list[dict[str, float]]:
    looks = {look.iteration: look for look in improved.looks}
    return [_point(point, looks.get(point.iteration)) for point in improved.points]


def _point(point: TextPoint, look: Look | None) -> dict[str, float]:
    seen = {} if look is None else {"look_gold": look.gold, "look_pass_rate": look.pass_rate}
    return asdict(point) | seen

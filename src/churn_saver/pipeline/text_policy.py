"""The third stage of the message training: the wording improves against the reward model.

fine-tuned model + reward model → PPO → adapters          make train-ppo-text
"""

import time
from dataclasses import asdict

import numpy as np
import torch

from churn_saver import shield
from churn_saver.adapters.text_models import PPO, RM, SFT, Layer, TextModel
from churn_saver.config import PpoTextSettings
from churn_saver.domain.briefs import every_brief, is_held_out, prompt_of
from churn_saver.message.language_model import adapters_of, merged, trainable_count
from churn_saver.message.reward_model import RewardModel
from churn_saver.opening.text_models import open_stage, open_writer
from churn_saver.pipeline.text_closing import Finished, Learned, close
from churn_saver.pipeline.text_judging import judge_of, score_of, text_scores
from churn_saver.pipeline.text_order import DATA, FIGURES, MADE_FROM, TextOrder, Watch, made_from, stands
from churn_saver.pipeline.text_samples import LOOKED_AT, held_out_briefs, side_by_side, written_by
from churn_saver.train.ppo_text import Improved, Judges, Look, improve
from churn_saver.train.text_learning import TextPoint


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
        FIGURES: _figures(improved, judge, settings) | after.figures,
    }
    layers = (*start.stored.layers, Layer(settings.lora, adapters_of(improved.policy)))
    learned = Learned(
        TextModel(PPO, start.stored.base, start.stored.base_version, layers, provenance),
        trainable_count(improved.policy), _points(improved), started, side_by_side(before, after),
    )  # fmt: skip
    return close(order, learned)


def _figures(improved: Improved, judge: RewardModel, settings: PpoTextSettings) -> dict[str, float | None]:
    """Compare the policy that was kept with its start, on the drafts of the looks."""
    first, best = improved.looks[0], improved.best
    prompts = [prompt_of(brief) for brief in improved.watched]
    gain = np.mean(text_scores(judge, prompts, best.texts)) - np.mean(
        text_scores(judge, prompts, first.texts)
    )
    # The drafts of the iteration after a look are written by the policy that was looked at.
    drawn = [point.kl for point in improved.points if point.iteration == best.iteration + 1]
    last = [point.kl for point in improved.points if point.iteration == best.iteration]
    return {
        "reward_gain": float(gain),
        "gold_gain": best.gold - first.gold,
        "kl": (drawn or last or [0.0])[0],
        "kl_target": settings.kl.target,
        "distinct_2_ratio": best.distinct_2 / first.distinct_2 if first.distinct_2 else None,
    }


def _points(improved: Improved) -> list[dict[str, float]]:
    looks = {look.iteration: look for look in improved.looks}
    return [_point(point, looks.get(point.iteration)) for point in improved.points]


def _point(point: TextPoint, look: Look | None) -> dict[str, float]:
    seen = {} if look is None else {"look_gold": look.gold, "look_pass_rate": look.pass_rate}
    return asdict(point) | seen

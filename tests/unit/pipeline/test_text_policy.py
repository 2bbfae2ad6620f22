"""The third stage of the message training."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from churn_saver.adapters.text_models import PPO, RM, SFT, read_model
from churn_saver.domain.briefs import every_brief, is_held_out
from churn_saver.errors import ArtifactError
from churn_saver.message.language_model import with_adapters
from churn_saver.message.reward_model import untrained
from churn_saver.message.tiny_model import plain_texts, tiny
from churn_saver.opening.text_models import open_stage, open_writer
from churn_saver.pipeline.text_judging import judge_of
from churn_saver.pipeline.text_order import TextOrder, Watch
from churn_saver.pipeline.text_policy import gains, train_ppo_text
from churn_saver.pipeline.text_samples import held_out_briefs
from churn_saver.train.run import silent
from tests.language_models import LORA
from tests.tiny_texts import RULES, ppo_settings
from tests.unit.pipeline.conftest import Stages


def _nobody(point: Mapping[str, float]) -> None:
    """Be told nothing."""


def test_a_text_policy_carries_what_it_started_from(stages: Stages) -> None:
    """Its first layer is the fine-tuned model's, so it opens whatever becomes of that."""
    policy, start = (read_model(stages.order.checkpoints, stage) for stage in (PPO, SFT))

    assert len(policy.layers) == 2
    for name, array in start.layers[0].arrays.items():
        assert np.array_equal(policy.layers[0].arrays[name], array)


def test_it_says_which_models_it_is_of(stages: Stages) -> None:
    """Their versions, in provenance and in words."""
    made_from = read_model(stages.order.checkpoints, PPO).provenance["made_from"]
    assert isinstance(made_from, dict)

    assert (made_from["start"], made_from["judge"]) == (stages.sft.version, stages.rm.version)
    assert any(stages.rm.version in str(line) for line in stages.ppo.report["data"])  # type: ignore[attr-defined]


def test_it_begins_where_it_started(stages: Stages) -> None:
    """No divergence in the first iteration; every iteration is told, with its look."""
    told = stages.points["ppo_text"]

    assert [point["iteration"] for point in told] == [1, 2]
    assert told[0]["kl"] == pytest.approx(0.0, abs=1e-5)
    assert all("look_gold" in point for point in told)


def test_figures_compare_the_best_with_the_start(stages: Stages) -> None:
    """Target beside what was reached."""
    figures = stages.ppo.report["figures"]
    assert isinstance(figures, dict)

    assert figures["kl_target"] == ppo_settings().kl.target
    assert {"reward_gain", "gold_gain", "kl", "distinct_2_ratio", "greedy_pass", "sampled_pass"} < set(
        figures
    )


def test_what_was_gained_can_be_lost() -> None:
    """The other way round it has the other sign: nothing is the best of several looks."""
    start, policy = (tiny(plain_texts()[:100], seed, width=16, layers=1) for seed in (0, 1))
    judge = untrained(with_adapters(tiny(plain_texts()[:100], 2, width=16, layers=1), LORA, 0), 0)
    settings, briefs = ppo_settings(temperature=1.0, max_new_tokens=8), held_out_briefs(4)
    there, back, still = (
        gains(one, other, briefs, judge, RULES, settings)
        for one, other in ((start, policy), (policy, start), (policy, policy))
    )
    gained = there["reward_gain"]
    assert gained is not None

    assert gained != 0
    assert back["reward_gain"] == pytest.approx(-gained, abs=1e-5)
    assert (still["reward_gain"], still["gold_gain"], still["distinct_2_ratio"]) == (0, 0, 1)


def test_the_gains_of_a_model_are_those_of_new_drafts(stages: Stages) -> None:
    """What its manifest says is what start and policy write once more."""
    start, policy = (open_writer(stages.order.checkpoints, stage).lm for stage in (SFT, PPO))
    judge = judge_of(open_stage(stages.order.checkpoints, RM), bfloat16=False)
    figures = stages.ppo.report["figures"]
    assert isinstance(figures, dict)
    briefs = [brief for brief in every_brief() if not is_held_out(brief.context)]
    draws = np.random.default_rng(stages.order.seed)
    watched = [briefs[row] for row in draws.choice(len(briefs), ppo_settings().look_responses, replace=False)]
    found = gains(start, policy, watched, judge, RULES, ppo_settings())

    assert figures["reward_gain"] == pytest.approx(found["reward_gain"], abs=1e-6)


def test_a_policy_of_the_same_is_left_alone_where_that_is_wanted(stages: Stages) -> None:
    """How the bank is filled makes it no other policy."""
    bank = {"drafts": 9, "keep": 2, "most_alike": 0.5, "channels": ["sms"]}

    assert (
        train_ppo_text(stages.order, ppo_settings(bank=bank), RULES, Watch(silent, _nobody), skip=True)
        is None
    )


def test_without_a_start_or_a_judge_it_is_refused(tmp_path: Path) -> None:
    """By name, with the command that makes it."""
    with pytest.raises(ArtifactError, match=r"sft_model/manifest\.json cannot be read.*make train-sft"):
        train_ppo_text(TextOrder(tmp_path, tmp_path), ppo_settings(), RULES, Watch(silent, _nobody))


def test_without_a_judge_it_is_refused(stages: Stages, tmp_path: Path) -> None:
    """The fine-tuned model alone is not enough."""
    (tmp_path / "sft_model").symlink_to(stages.sft.folder)

    with pytest.raises(ArtifactError, match=r"rm_model/manifest\.json cannot be read.*make train-rm"):
        train_ppo_text(TextOrder(tmp_path, tmp_path), ppo_settings(), RULES, Watch(silent, _nobody))
    assert not (tmp_path / RM).exists()

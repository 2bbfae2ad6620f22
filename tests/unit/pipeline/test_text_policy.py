"""The third stage of the message training."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from churn_saver.adapters.text_models import PPO, RM, SFT, read_model
from churn_saver.errors import ArtifactError
from churn_saver.pipeline.text_order import TextOrder, Watch
from churn_saver.pipeline.text_policy import train_ppo_text
from churn_saver.train.run import silent
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

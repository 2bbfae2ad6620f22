"""The two supervised stages of the message training."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from churn_saver.adapters.text_models import RM, SFT, model_folder, read_model
from churn_saver.errors import ConfigError
from churn_saver.message.reward_model import with_head
from churn_saver.opening.text_models import open_stage
from churn_saver.pipeline.text_order import TextOrder, Watch
from churn_saver.pipeline.text_stages import described, train_rm, train_sft
from churn_saver.train.run import silent
from tests.tiny_texts import RULES, preference_texts, response_texts, rm_settings, sft_settings
from tests.unit.pipeline.conftest import Stages


def _nobody(point: Mapping[str, float]) -> None:
    """Be told nothing."""


def test_a_fine_tuned_model_says_what_it_was_made_from(stages: Stages) -> None:
    """Base, settings, seed, texts and figures; the report shows the same."""
    stored = read_model(stages.order.checkpoints, SFT)

    assert stored.base == "tiny"
    assert stored.version == stages.sft.version
    assert stored.provenance["data"] == ["pairs of a test.", "left out, twice: 2"]
    assert stored.provenance["figures"] == stages.sft.report["figures"]
    made_from = stored.provenance["made_from"]
    assert isinstance(made_from, dict)
    assert (made_from["seed"], made_from["settings"]["steps"]) == (0, 6)
    assert made_from["base_version"] == stored.base_version


def test_every_step_is_told_and_reported(stages: Stages) -> None:
    """Six steps, a look at every third."""
    told = stages.points["sft"]
    looks = [point["iteration"] for point in told if point["valid_loss"] == point["valid_loss"]]

    assert [point["iteration"] for point in told] == [1, 2, 3, 4, 5, 6]
    assert looks == [3, 6]
    curves = stages.sft.report["curves"]
    assert isinstance(curves, list)
    assert [point["loss"] for point in curves] == [point["loss"] for point in told]


def test_before_and_after_are_drafts_for_contexts_that_no_training_saw(stages: Stages) -> None:
    """Eight of them, with what the shield says."""
    samples = stages.sft.report["samples"]

    assert isinstance(samples, list)
    assert len(samples) == 8
    assert samples[0].keys() == {"prompt", "before", "before_verdict", "after", "after_verdict"}


def test_a_reward_model_is_judged_kind_by_kind_and_on_public_pairs_apart(stages: Stages) -> None:
    """The worst kind is told, public pairs are no kind of ours."""
    report = stages.rm.report
    figures, kinds = report["figures"], report["kinds"]
    assert isinstance(figures, dict)
    assert isinstance(kinds, list)

    assert [(one["kind"], one["pairs"]) for one in kinds] == [("pressure", 8), ("hh_rlhf (public)", 4)]
    assert figures["worst_kind"] == figures["accuracy"] == kinds[0]["accuracy"]
    assert figures["public_accuracy"] == kinds[1]["accuracy"]


def test_a_reward_model_is_opened_with_its_head(stages: Stages) -> None:
    """The head and the scale of good messages stand beside the adapters."""
    opened = open_stage(stages.order.checkpoints, RM)
    rm = with_head(opened.lm, opened.stored.head)

    assert rm.scale.deviation > 0.0
    assert np.array_equal(rm.head.detach().numpy(), opened.stored.head["weight"])


def test_a_model_of_the_same_is_left_alone_where_that_is_wanted(stages: Stages) -> None:
    """Another seed or other texts make it another model."""
    order = stages.order
    watch = Watch(silent, _nobody)
    before = (model_folder(order.checkpoints, RM) / "manifest.json").stat().st_mtime_ns

    assert train_sft(order, response_texts(), sft_settings(), RULES, watch, skip=True) is None
    assert train_rm(order, preference_texts(), rm_settings(), watch, skip=True) is None
    assert (model_folder(order.checkpoints, RM) / "manifest.json").stat().st_mtime_ns == before


def test_what_was_stopped_goes_on_bit_for_bit(stages: Stages, tmp_path: Path) -> None:
    """Stopped after the fifth step, saved after the fourth; the model is the one of a run without a stop."""
    order = TextOrder(tmp_path, tmp_path)
    told: list[float] = []

    def stop(point: Mapping[str, float]) -> None:
        if point["iteration"] == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_sft(order, response_texts(), sft_settings(), RULES, Watch(silent, stop))
    assert not model_folder(tmp_path, SFT).exists()
    assert (order.state(SFT) / "training.safetensors").is_file()

    done = train_sft(
        order,
        response_texts(),
        sft_settings(),
        RULES,
        Watch(silent, lambda point: told.append(point["iteration"])),
    )

    assert told == [5, 6]
    assert done is not None
    assert done.version == stages.sft.version
    assert not order.state(SFT).exists()


def test_a_base_that_is_not_there_is_refused_first(tmp_path: Path) -> None:
    """With the command that brings it; nothing is written."""
    order = TextOrder(tmp_path / "out", tmp_path)

    with pytest.raises(ConfigError, match=r"smollm2-135m is not in .*make base-model"):
        train_sft(
            order, response_texts(), sft_settings(base_model="smollm2-135m"), RULES, Watch(silent, _nobody)
        )
    assert not (tmp_path / "out").exists()


def test_what_was_too_long_is_counted_beside_what_was_left_out() -> None:
    """Each reason with its number."""
    assert described(response_texts(), 3, 128) == [
        "pairs of a test.",
        "left out, twice: 2",
        "left out, more than 128 tokens: 3",
    ]

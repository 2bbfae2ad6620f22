"""Trained message models, opened on their base."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from churn_saver.adapters.text_models import PPO, RM, SFT, Layer, TextModel, write_model
from churn_saver.config import LoraSettings
from churn_saver.errors import ArtifactError, ConfigError
from churn_saver.message.language_model import (
    Batch,
    LanguageModel,
    adapters_of,
    encode,
    merged,
    open_base,
    token_log_probs,
    with_adapters,
)
from churn_saver.opening.text_models import base_folder, open_best_writer, open_stage, open_writer

LORA = LoraSettings(rank=2, alpha=4.0, dropout=0.0, targets="all-linear")


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def moved(lm: LanguageModel, seed: int) -> LanguageModel:
    """Put adapters on that say something: their own numbers, drawn."""
    lm = with_adapters(lm, LORA, seed)
    draws = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in lm.network.parameters():
            if weight.requires_grad:
                weight.add_(0.05 * torch.randn(weight.shape, generator=draws))
    return lm


def stored(lm: LanguageModel, base: LanguageModel, stage: str = SFT, *before: Layer) -> TextModel:
    """Give a model with adapters as it is written."""
    return TextModel(stage, "tiny", base.version, (*before, Layer(LORA, adapters_of(lm))), {})


def figures(lm: LanguageModel) -> tuple[Batch, torch.Tensor]:
    """Ask for the log-probabilities of one text."""
    batch = encode(lm, ["warm email"], ["Hi {name}, thank you."], 128)
    with torch.no_grad():
        return batch, token_log_probs(lm.network, batch)


def test_a_writer_opens_as_it_was_trained(tmp_path: Path) -> None:
    """The same log-probabilities, from a folder that holds the adapters alone."""
    base = open_base("tiny", base_folder(tmp_path))
    taught = moved(open_base("tiny", base_folder(tmp_path)), seed=5)
    write_model(tmp_path, stored(taught, base))

    opened = open_writer(tmp_path, SFT)

    assert torch.equal(figures(opened.lm)[1], figures(merged(taught))[1])
    assert not torch.equal(figures(opened.lm)[1], figures(base)[1])
    assert opened.stored.base == "tiny"


def test_a_second_stage_stands_on_the_first(tmp_path: Path) -> None:
    """Both layers are in its own folder, so it opens whatever became of the stage before."""
    base = open_base("tiny", base_folder(tmp_path))
    first = moved(open_base("tiny", base_folder(tmp_path)), seed=5)
    below = Layer(LORA, adapters_of(first))
    second = moved(merged(first), seed=6)
    write_model(tmp_path, stored(second, base, PPO, below))

    assert torch.equal(figures(open_writer(tmp_path, PPO).lm)[1], figures(merged(second))[1])
    assert open_writer(tmp_path, PPO).lm.version == merged(second).version
    assert torch.equal(figures(open_stage(tmp_path, PPO).lm)[1], figures(second)[1])


def test_the_text_policy_writes_once_it_is_trained(tmp_path: Path) -> None:
    """Until then the fine-tuned model does; without either the command that makes both is named."""
    base = open_base("tiny", base_folder(tmp_path))
    taught = stored(moved(open_base("tiny", base_folder(tmp_path)), seed=5), base)
    with pytest.raises(ArtifactError, match=r"no message model in .*make train-text"):
        open_best_writer(tmp_path)

    write_model(tmp_path, taught)
    before = open_best_writer(tmp_path).stored.stage
    write_model(tmp_path, replace(taught, stage=PPO))

    assert (before, open_best_writer(tmp_path).stored.stage) == (SFT, PPO)


def test_another_base_than_it_was_trained_on_is_refused(tmp_path: Path) -> None:
    """Its adapters would say something else there."""
    base = open_base("tiny", base_folder(tmp_path))
    write_model(tmp_path, replace(stored(with_adapters(base, LORA, 0), base), base_version="f" * 16))

    with pytest.raises(
        ArtifactError, match=r"trained on tiny of version f{16}, and the one .*make train-sft"
    ):
        open_writer(tmp_path, SFT)


def test_a_base_that_is_not_there_says_what_brings_it(tmp_path: Path) -> None:
    """Adapters alone write nothing."""
    base = open_base("tiny", base_folder(tmp_path))
    write_model(tmp_path, replace(stored(with_adapters(base, LORA, 0), base), base="smollm2-135m"))

    with pytest.raises(ConfigError, match=r"smollm2-135m is not in .*make base-model"):
        open_writer(tmp_path, SFT)


def test_arrays_of_other_adapters_are_refused(tmp_path: Path) -> None:
    """By folder, with the command that makes them anew."""
    base = open_base("tiny", base_folder(tmp_path))
    odd = Layer(LORA, {"a": np.zeros(2, np.float32)})
    write_model(tmp_path, TextModel(RM, "tiny", base.version, (odd,), {}))

    with pytest.raises(ArtifactError, match=r"rm_model: the trained arrays and the adapters.*make train-rm"):
        open_stage(tmp_path, RM)

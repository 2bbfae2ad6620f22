"""Models compute on the GPU where there is one, and all that works with them goes where they are."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from churn_saver.message.device import best_device, placed
from churn_saver.message.language_model import (
    LanguageModel,
    adapters_of,
    encode,
    merged,
    open_base,
    token_figures,
    with_adapters,
    with_trained,
    write,
)
from churn_saver.message.reward_model import (
    head_of,
    preference_loss,
    scaled,
    scored,
    scores,
    untrained,
    with_head,
)
from tests.another_device import THERE, another_device
from tests.language_models import LORA, one_thread, small, stir

__all__ = ["one_thread"]
Arrays = list[NDArray[np.generic]]
PROMPTS, TEXTS = ("a", "b", "c", "d"), ("Hi {name}.", "No.", "Thank you.", "Bye {name}, bye now.")


def opened(elsewhere: bool) -> LanguageModel:
    """Make a small model, moved to the other device or not."""
    lm = small()
    return replace(lm, network=nn.Module.to(lm.network, THERE)) if elsewhere else lm


def written(elsewhere: bool) -> Arrays:
    """Write with adapters folded in; the tokens that were drawn."""
    lm = with_adapters(opened(elsewhere), LORA, 0)
    found = write(merged(lm), PROMPTS, max_new_tokens=8, temperature=0.7, seed=1, batch_size=3)
    return [part.numpy() for part in (found.batch.ids, found.batch.attention, found.ended)]


def figures(elsewhere: bool) -> Arrays:
    """Give log-probabilities and entropies, and the gradient of what is learned."""
    lm = with_adapters(opened(elsewhere), LORA, 0)
    logp, entropy = token_figures(lm.network, encode(lm, PROMPTS, TEXTS, 100), True, 0.9)
    torch.autograd.backward(logp.sum() + entropy.sum())
    slopes = [p.grad for p in lm.network.parameters() if p.requires_grad]
    return [one.numpy(force=True) for one in (logp, entropy, *slopes) if one is not None]


def judged(elsewhere: bool) -> Arrays:
    """Give scores, the gradient of the head, and the scores of a head that was saved and put back."""
    rm = untrained(with_adapters(opened(elsewhere), LORA, 0), 0)
    raw = scores(rm, encode(rm.lm, PROMPTS, TEXTS, 100))
    torch.autograd.backward(preference_loss(raw[:2], raw[2:], 0.1))
    assert rm.head.grad is not None
    again = with_head(rm.lm, head_of(scaled(rm, raw.numpy(force=True))))
    return [raw.numpy(force=True), rm.head.grad.numpy(force=True), scored(again, PROMPTS, TEXTS, 100)]


def kept(elsewhere: bool) -> Arrays:
    """Give the adapters as they are saved."""
    return list(adapters_of(with_adapters(opened(elsewhere), LORA, 3)).values())


@pytest.mark.parametrize(("there", "wanted"), [(True, "cuda:0"), (False, "cpu")])
def test_the_gpu_is_taken_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, there: bool, wanted: str
) -> None:
    """The first of them; else the CPU."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: there)

    assert str(best_device()) == wanted


def test_a_module_is_moved_in_place() -> None:
    """It is the same one, so whoever holds its weights holds them still."""
    layer = nn.Linear(2, 2)

    assert placed(layer) is layer
    assert layer.weight.device.type == best_device().type


@pytest.mark.parametrize("name", ["tiny", "saved"])
def test_a_base_model_is_moved_to_the_gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    """From nothing or from a folder. A torch without CUDA that is told of a GPU fails as it moves there."""
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU: the other tests open models on it")
    lm = small()
    lm.network.save_pretrained(tmp_path / "saved")
    lm.tokenizer.save_pretrained(tmp_path / "saved")
    wanted = name if name == "tiny" else str(tmp_path / name)

    assert open_base(wanted, tmp_path / "none").network.device.type == "cpu"
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    with pytest.raises((AssertionError, RuntimeError), match=r"CUDA|cuda"):
        open_base(wanted, tmp_path / "none")


@pytest.mark.parametrize("work", [written, figures, judged, kept])
def test_what_works_with_a_model_goes_where_it_is(
    monkeypatch: pytest.MonkeyPatch, work: Callable[[bool], Arrays]
) -> None:
    """No tensor stays behind, and what comes back are arrays of the CPU with the CPU's numbers."""
    here = work(False)
    with another_device(monkeypatch):
        there = work(True)

    assert len(here) == len(there)
    for ours, theirs in zip(here, there, strict=True):
        assert theirs.astype(np.float64) == pytest.approx(ours.astype(np.float64), rel=1e-4, abs=1e-5)


def test_trained_adapters_come_back_to_where_the_model_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Saved from the CPU, put on elsewhere: the same version."""
    trained = with_adapters(small(), LORA, 0)
    stir(trained)
    with another_device(monkeypatch):
        lm = with_trained(with_adapters(opened(True), LORA, 1), adapters_of(trained))
        version, device = merged(lm).version, lm.network.device

    assert device == THERE
    assert version == merged(trained).version


def test_what_is_left_behind_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device of these tests refuses what CUDA refuses."""
    with another_device(monkeypatch):
        there = torch.ones(2, 2, device=THERE)
        with pytest.raises(RuntimeError, match=r"aten.add.Tensor got tensors of meta and of the cpu"):
            there + torch.ones(2, 2)
        with pytest.raises(RuntimeError, match=r"aten.stack.default got tensors of meta and of the cpu"):
            torch.stack([there.sum(), torch.zeros(())])
        with pytest.raises(TypeError, match=r"can't convert .* wanted force=True"):
            there.numpy()
        both = (there + 1.0).cpu() + torch.ones(2, 2)

    assert both.tolist() == [[3.0, 3.0], [3.0, 3.0]]

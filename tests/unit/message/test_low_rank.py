"""Adapters: they change nothing at first, learn alone, can be taken off, put back and folded in."""

from pathlib import Path

import numpy as np
import pytest
import torch
from peft.tuners.lora import LoraLayer
from torch import nn

from churn_saver.config import LoraSettings
from churn_saver.errors import ArtifactError, InputError
from churn_saver.message.batches import Batch, encoded, token_log_probs
from churn_saver.message.low_rank import adapters_of, merged, trainable_count, with_adapters, with_trained
from churn_saver.message.pretrained import LanguageModel
from tests.language_models import LORA, one_thread, small, stir

__all__ = ["one_thread"]


def pairs(lm: LanguageModel) -> Batch:
    """Tokenise two pairs with slots."""
    return encoded(lm.tokenizer, ["a", "to a customer"], ["Hi {name}, reply.", "{offer} off {duration}"], 64)


def adapted(seed: int = 0) -> LanguageModel:
    """Make a small model with fresh adapters."""
    return with_adapters(small(), LORA, seed)


def figures(lm: LanguageModel) -> torch.Tensor:
    """Give the log-probabilities of the two pairs."""
    with torch.no_grad():
        return token_log_probs(lm.network, pairs(lm))


def first_half_of(lm: LanguageModel) -> nn.Linear:
    """Give what goes into the adapter of the first layer that has one."""
    layer = next(layer for layer in lm.network.modules() if isinstance(layer, LoraLayer))
    found = layer.lora_A["default"]
    assert isinstance(found, nn.Linear)
    return found


def test_fresh_adapters_change_nothing() -> None:
    """Not a bit, so the divergence from the model without them is 0.00."""
    assert torch.equal(figures(adapted()), figures(small()))


def test_only_the_adapters_and_the_slots_are_learned() -> None:
    """A layer: q, k, v, out 16 → 16, fc1 16 → 64, fc2 64 → 16; at rank 2: 4·64 + 2·160. Slots: 6·16."""
    learned, _ = trainable_count(adapted())

    assert learned == 2 * (4 * 2 * (16 + 16) + 2 * 2 * (16 + 64)) + 6 * 16


def test_dropout_is_of_the_numbers_inside_an_adapter() -> None:
    """While it is trained a half of them is 0 and the others double; else nothing is dropped."""
    lm = with_adapters(small(), LORA.model_copy(update={"dropout": 0.5}), 0)
    stir(lm)
    first_half = first_half_of(lm)
    plain = adapted()
    stir(plain)
    numbers = torch.ones(1_000, first_half.in_features)
    whole = first_half.weight.sum(dim=1)

    lm.network.train(False)
    assert torch.equal(figures(lm), figures(plain))
    assert torch.allclose(first_half(numbers), whole)
    lm.network.train(True)
    torch.manual_seed(0)
    seen = first_half(numbers)
    kept = seen != 0
    assert kept.float().mean().item() == pytest.approx(0.5, abs=0.05)
    assert torch.allclose(seen, torch.where(kept, 2 * whole, 0.0))
    assert not torch.equal(figures(lm), figures(lm))


def test_the_same_seed_makes_the_same_adapters() -> None:
    """And draws nothing from the dice that others use."""
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, second, other = (adapters_of(adapted(seed)) for seed in (1, 1, 2))

    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert not all(np.array_equal(first[name], other[name]) for name in first)
    assert torch.equal(before, torch.get_rng_state())


def test_adapters_that_learned_can_be_taken_off() -> None:
    """Inside disable_adapter it is the model that they stand on, bit for bit."""
    lm = adapted()
    stir(lm)
    moved = figures(lm)
    with lm.network.disable_adapter():  # type: ignore[operator]
        off = figures(lm)

    assert not torch.allclose(moved, off, atol=0.01)
    assert torch.equal(off, figures(small()))
    assert torch.equal(moved, figures(lm))


def test_folded_in_they_say_the_same() -> None:
    """The copy has no adapters and another version; the original keeps both."""
    lm = adapted()
    stir(lm)
    before = figures(lm)
    copy = merged(lm)

    torch.testing.assert_close(figures(copy), before, atol=1e-4, rtol=0)
    assert torch.equal(figures(lm), before)
    assert copy.version != lm.version
    assert trainable_count(copy)[0] == 0
    assert trainable_count(lm)[0] > 0


def test_a_version_stands_for_what_was_learned() -> None:
    """The same arrays on the same model: the same version, whatever the precision."""
    first, second, third = adapted(), adapted(3), adapted()
    stir(first, 1)
    with_trained(second, adapters_of(first))
    stir(third, 2)

    assert merged(first).version == merged(second, bfloat16=True).version
    assert merged(first).version != merged(third).version


def test_in_half_the_memory_it_says_nearly_the_same() -> None:
    """Bfloat16 keeps 8 bits: log-probabilities within a tenth."""
    lm = adapted()
    stir(lm, much=0.1)
    half = merged(lm, bfloat16=True)

    assert half.network.dtype == torch.bfloat16
    torch.testing.assert_close(figures(half), figures(lm), atol=0.1, rtol=0)


def test_a_second_round_of_adapters_stands_on_the_first() -> None:
    """Fine-tuned, folded in, and fresh ones on top: the second's reference is the first's result."""
    lm = adapted()
    stir(lm)
    base = merged(lm)
    wanted = figures(base)
    second = with_adapters(base, LORA, 1)

    assert torch.equal(figures(second), wanted)
    assert second.version == base.version


def test_what_was_saved_is_put_back(tmp_path: Path) -> None:
    """Into the very network, so that an optimiser that holds it goes on."""
    trained, fresh = adapted(), adapted(7)
    stir(trained)
    tensors = list(fresh.network.parameters())
    back = with_trained(fresh, adapters_of(trained))

    assert torch.equal(figures(back), figures(trained))
    assert all(one is other for one, other in zip(back.network.parameters(), tensors, strict=True))


def test_arrays_of_another_training_are_refused() -> None:
    """Names, shapes and numbers are all looked at before one is changed."""
    lm = adapted()
    arrays, before = adapters_of(lm), figures(lm)
    name = sorted(arrays)[-1]
    with pytest.raises(ArtifactError, match=r"differ in 1 names .* another base model"):
        with_trained(lm, {key: array for key, array in arrays.items() if key != name})
    with pytest.raises(ArtifactError, match=r"has shape \(1, 1\).* another lora\.rank"):
        with_trained(lm, arrays | {name: np.zeros((1, 1))})
    with pytest.raises(ArtifactError, match=r"holds numbers that are none"):
        with_trained(lm, arrays | {name: np.full_like(arrays[name], np.nan)})

    assert torch.equal(figures(lm), before)


def test_adapters_on_adapters_are_refused() -> None:
    """Fold the first ones in before."""
    with pytest.raises(InputError, match=r"has adapters already.*merged"):
        with_adapters(adapted(), LORA, 0)


def test_layers_that_are_not_there_are_refused() -> None:
    """With the names that were wanted."""
    lora = LoraSettings(rank=2, alpha=4.0, dropout=0.0, targets=("no_such_layer",))

    with pytest.raises(InputError, match=r"lora\.targets .*no_such_layer.* do not fit tiny"):
        with_adapters(small(), lora, 0)

"""Adapters: the few numbers of a language model that are learned, put on, taken off, folded in.

Low-rank ones on the layers that the settings name, and the rows of the slots, which no pretrained model
has. Source: Hu et al., LoRA, ICLR 2022, https://arxiv.org/abs/2106.09685; the layers are peft's.
"""

import copy
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import LoraLayer
from torch import nn
from transformers import PreTrainedModel

from churn_saver.config import LoraSettings
from churn_saver.errors import ArtifactError, InputError, listed
from churn_saver.message.pretrained import LanguageModel, digest, slot_ids

Arrays = dict[str, NDArray[np.float32]]


def with_adapters(lm: LanguageModel, lora: LoraSettings, seed: int) -> LanguageModel:
    """Freeze a model and put fresh adapters on it, which change nothing yet.

    The network itself moves into the result, no copy is made: go on with the result alone.

    Args:
        lm: Without adapters.
        lora: Rank, scale and layers.
        seed: Same seed, same weights.

    Raises:
        InputError: it has adapters already, or no layer of the names wanted.
    """
    if isinstance(lm.network, PeftModel):
        raise InputError(f"{lm.name} has adapters already, wanted a model without: take merged(...) of it")
    targets = lora.targets if isinstance(lora.targets, str) else list(lora.targets)
    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,  # type: ignore[arg-type]  # only ever divided: any number will do
        lora_dropout=0.0,
        target_modules=targets,
        bias="none",
        task_type="CAUSAL_LM",
        trainable_token_indices=slot_ids(lm.tokenizer),
    )
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        # peft 0.21 asks transformers 5.23 by a name that it is about to drop.
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        torch.manual_seed(seed)
        try:
            network = get_peft_model(lm.network, config)
        except ValueError as error:
            raise InputError(f"lora.targets {lora.targets} do not fit {lm.name}: {error}") from error
    if lora.dropout > 0.0:
        _drop(network, lora.dropout)
    return replace(lm, network=cast(PreTrainedModel, network))


def _drop(network: nn.Module, share: float) -> None:
    """Drop a share of the few numbers between the two halves of each adapter while it is trained.

    peft would drop of what goes into the first half, 36 to 96 times as many numbers: on a CPU drawing them
    costs more than all else that the layer does.
    """

    def dropped(module: nn.Module, _: object, numbers: torch.Tensor) -> torch.Tensor:
        return nn.functional.dropout(numbers, share, module.training)

    for layer in network.modules():
        if isinstance(layer, LoraLayer):
            for first_half in layer.lora_A.values():
                first_half.register_forward_hook(dropped)


def trainable_count(lm: LanguageModel) -> tuple[int, int]:
    """Count the numbers that are learned, and all."""
    sizes = [(p.numel(), p.requires_grad) for p in lm.network.parameters()]
    return sum(size for size, learned in sizes if learned), sum(size for size, _ in sizes)


def merged(lm: LanguageModel, bfloat16: bool = False) -> LanguageModel:
    """Copy a model with its adapters folded into the weights; the original stays as it is.

    Args:
        lm: With adapters or without.
        bfloat16: In half the memory, and faster: for writing.
    """
    version = lm.version
    network: PreTrainedModel = copy.deepcopy(lm.network)
    if isinstance(network, PeftModel):
        learned = ((name, torch.from_numpy(array)) for name, array in sorted(adapters_of(lm).items()))
        version = digest(lm.version, learned)
        network = network.merge_and_unload()
    if bfloat16:
        nn.Module.to(network, torch.bfloat16)
    network.requires_grad_(False)
    network.train(False)
    return LanguageModel(network, lm.tokenizer, lm.name, version)


def adapters_of(lm: LanguageModel) -> Arrays:
    """Copy what is learned, by the names of the layers."""
    return {
        name: tensor.detach().to("cpu", torch.float32, copy=True).numpy()
        for name, tensor in lm.network.named_parameters()
        if tensor.requires_grad
    }


def with_trained(lm: LanguageModel, arrays: Mapping[str, NDArray[np.generic]]) -> LanguageModel:
    """Put back what `adapters_of` gave, into the very network of a model with the same adapters.

    Raises:
        ArtifactError: names or shapes are not those of these adapters, or a number is none.
    """
    learned = {name: tensor for name, tensor in lm.network.named_parameters() if tensor.requires_grad}
    if odd := sorted(learned.keys() ^ arrays.keys()):
        raise ArtifactError(
            f"the trained arrays and the adapters of {lm.name} differ in {len(odd)} names ({listed(odd)}): "
            "they were trained on another base model or with other lora settings"
        )
    for name, tensor in learned.items():
        if arrays[name].shape != tuple(tensor.shape):
            raise ArtifactError(
                f"array {name} has shape {arrays[name].shape}, the adapters of {lm.name} want "
                f"{tuple(tensor.shape)}: they were trained with another lora.rank"
            )
        if not np.isfinite(arrays[name]).all():
            raise ArtifactError(f"array {name} holds numbers that are none: do not use this training")
    with torch.no_grad():
        for name, tensor in learned.items():
            tensor.copy_(torch.from_numpy(np.array(arrays[name])))
    return lm

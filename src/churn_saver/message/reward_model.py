"""A reward model: which of two responses to a prompt is the better one, as a number for each.

A language model with adapters reads prompt and response; what it holds of the response's tokens is
averaged, and a linear head makes a score of it. Only differences between scores of one prompt are ever
learned, so a score has no zero: `Scale` says where those of good messages lie. Knows no kinds of
faults and no rules. Source of the loss: Bradley & Terry, Rank analysis of incomplete block designs,
Biometrika 39 (1952); of the margin: Touvron et al., Llama 2, 2023, https://arxiv.org/abs/2307.09288, eq. 2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from churn_saver.errors import ArtifactError, InputError
from churn_saver.message.batches import hidden_states
from churn_saver.message.language_model import Batch, LanguageModel, encode

_WEIGHT, _SCALE = "weight", "scale"


@dataclass(frozen=True, slots=True)
class Scale:
    """Where scores of good messages lie."""

    mean: float = 0.0
    deviation: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what cannot be divided by."""
        if not isfinite(self.mean) or not isfinite(self.deviation) or self.deviation <= 0.0:
            raise InputError(
                f"scores have mean {self.mean} and standard deviation {self.deviation}, wanted numbers and a "
                "deviation above 0: measure them on messages that differ"
            )


@dataclass(frozen=True, slots=True)
class RewardModel:
    """A judge of messages."""

    lm: LanguageModel
    """With the adapters that were trained for judging."""
    head: nn.Parameter
    """Weights of what is averaged, shape (d,), 32 bits; no constant, since it would cancel."""
    scale: Scale = field(default_factory=Scale)
    """Of raw scores on validation messages that people, or rules, preferred."""


def untrained(lm: LanguageModel, seed: int) -> RewardModel:
    """Give a language model with adapters a fresh head; same seed, same head."""
    width = _width(lm)
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(width, generator=generator) / sqrt(width + 1)
    return RewardModel(lm, nn.Parameter(weight.to(lm.network.device)))


def scores(rm: RewardModel, batch: Batch) -> Tensor:
    """Score responses, with gradient; padding changes nothing.

    The mean over the response's tokens, its end included, never one fixed position. Averaged and
    weighed in 32 bits, whatever the network reads in: half precision has three digits for a score.

    Shapes: (n, T) → (n,).

    Raises:
        InputError: a row has no response.
    """
    network = rm.lm.network
    width = int(batch.attention.sum(dim=1).max())
    ids, attention, response = (
        part[:, :width].to(network.device) for part in (batch.ids, batch.attention, batch.response)
    )
    counted = response.sum(dim=1, keepdim=True)
    if not bool((counted > 0).all()):
        row = int((counted == 0).nonzero()[0][0])
        raise InputError(f"row {row} has no response to score, wanted at least its end")
    # What is no response may be anything, NaN too.
    held = torch.where(response.unsqueeze(-1), hidden_states(network, ids, attention).float(), 0.0)
    return (held.sum(dim=1) / counted * rm.head).sum(dim=-1)


def scored(
    rm: RewardModel,
    prompts: Sequence[str],
    responses: Sequence[str],
    max_tokens: int,
    batch_size: int = 64,
) -> NDArray[np.float32]:
    """Score texts, in their order, without gradient and with dropout off; raw as `scores`.

    Shapes: n prompts, n responses → (n,).

    Raises:
        InputError: there are none, not as many of both, or a row is over max_tokens.
    """
    batch = encode(rm.lm, prompts, responses, max_tokens)
    lengths = batch.attention.sum(dim=1)
    # Rows of a length together: little padding is read.
    order = torch.argsort(lengths, stable=True)
    found = np.zeros(len(order), np.float32)
    was_training = rm.lm.network.training
    rm.lm.network.train(False)
    with torch.no_grad():
        for first in range(0, len(order), batch_size):
            rows = order[first : first + batch_size]
            found[rows.numpy()] = scores(rm, batch.at(rows)).numpy(force=True)
    rm.lm.network.train(was_training)
    return found


def standardised(rm: RewardModel, raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Say scores in standard deviations from those of good messages. Shapes: (...) → (...)."""
    return ((raw - rm.scale.mean) / rm.scale.deviation).astype(np.float32)


def scaled(rm: RewardModel, good: NDArray[np.float32]) -> RewardModel:
    """Set the scale by raw scores of good messages. Shapes: (n,), n ≥ 2.

    Raises:
        InputError: they are all the same.
    """
    return replace(rm, scale=Scale(float(good.mean(dtype=np.float64)), float(good.std(dtype=np.float64))))


def preference_loss(chosen: Tensor, rejected: Tensor, margin: float) -> Tensor:
    """Say how unlikely the choices were: mean −ln σ(chosen − rejected − margin).

    Shapes: (n,), (n,) → ().

    Units: nats; margin in scores.

    Raises:
        InputError: shapes differ, or there are no pairs.
    """
    if chosen.shape != rejected.shape or chosen.numel() == 0:
        raise InputError(
            f"chosen has shape {tuple(chosen.shape)} and rejected {tuple(rejected.shape)}, wanted the same "
            "and at least one pair"
        )
    return -logsigmoid(chosen - rejected - margin).mean()


def head_of(rm: RewardModel) -> dict[str, NDArray[np.generic]]:
    """Give what a reward model has beside its adapters, as arrays to save."""
    scale = np.array([rm.scale.mean, rm.scale.deviation])
    return {_WEIGHT: rm.head.detach().numpy(force=True).copy(), _SCALE: scale}


def with_head(lm: LanguageModel, arrays: Mapping[str, NDArray[np.generic]]) -> RewardModel:
    """Put a saved head on a language model that has its adapters again.

    Raises:
        ArtifactError: arrays are missing, or of another model's shape.
    """
    wanted = {_WEIGHT: (_width(lm),), _SCALE: (2,)}
    found = {name: array.shape for name, array in arrays.items()}
    if found != wanted:
        raise ArtifactError(
            f"the head of the reward model has arrays {found}, wanted {wanted} for {lm.name}. "
            "Next step: make train-rm"
        )
    weight = torch.from_numpy(arrays[_WEIGHT].astype(np.float32))
    mean, deviation = (float(value) for value in arrays[_SCALE])
    return RewardModel(lm, nn.Parameter(weight.to(lm.network.device)), Scale(mean, deviation))


def _width(lm: LanguageModel) -> int:
    """Say how many numbers the head of words reads; OPT-350m narrows its own before it."""
    head: nn.Linear = lm.network.get_output_embeddings()  # type: ignore[no-untyped-call]
    return int(head.weight.shape[1])

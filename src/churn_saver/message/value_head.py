"""What a text will be worth, guessed before each of its tokens from what a language model has read so far.

The guess stands on the states that the head of words reads, taken from the model with its adapters off:
they cost nothing beyond a pass that is made anyway, they never move under the guess, and what the guess
learns changes no word. This module does not know what a text is worth.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from churn_saver.errors import InputError
from churn_saver.message.batches import Batch

_WIDTH = 64
"""Of the layer between states and value."""


class ValueHead(nn.Module):
    """A value of each state; 0 for all of them before it has learned."""

    def __init__(self, width: int, seed: int) -> None:
        """Make a head.

        Args:
            width: Of a state.
            seed: Same seed, same head.
        """
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.norm = nn.LayerNorm(width)
            self.inner = nn.Linear(width, _WIDTH)
            self.outer = nn.Linear(_WIDTH, 1)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)

    def forward(self, states: Tensor) -> Tensor:
        """Give values. Shapes: (..., width) → (...)."""
        values: Tensor = self.outer(torch.tanh(self.inner(self.norm(states))))
        return values.squeeze(-1)


@contextmanager
def overheard(network: PreTrainedModel) -> Iterator[list[Tensor]]:
    """Keep what the head of words reads while the context is open, one tensor for each pass, in 32 bits.

    Args:
        network: A causal model, maybe with adapters.
    """
    read: list[Tensor] = []

    def listen(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        read.append(inputs[0].detach().float())

    words: nn.Module = network.get_output_embeddings()  # type: ignore[no-untyped-call]
    handle = words.register_forward_pre_hook(listen)
    try:
        yield read
    finally:
        handle.remove()


def states_before(read: Tensor, batch: Batch) -> Tensor:
    """Put the states that a pass over a batch read before each token of the responses where those tokens are.

    Shapes: (tokens of all responses, width), n rows of T → (n, T, width), 0 outside the responses.

    Raises:
        InputError: there are more or fewer states than tokens.
    """
    if len(read) != int(batch.response.sum()):
        raise InputError(
            f"{len(read)} states were read for {int(batch.response.sum())} tokens of responses, wanted one "
            "for each: make one pass over this batch, over its responses alone"
        )
    states = read.new_zeros(*batch.ids.shape, read.shape[-1])
    states[batch.response.to(read.device)] = read
    return states

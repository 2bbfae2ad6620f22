"""Which rows share a batch: those of like length, so that little of it is filling.

    permuted → stretches of 50 batches → sorted by length → cut into batches → batches permuted

Each epoch has its own order, which hangs on seed and epoch alone: an interrupted lesson finds it again.
"""

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler

_STRETCH = 50
"""Batches whose rows are sorted together: more fill less, and let chance mix less."""


class LengthGrouped(Sampler[int]):
    """Row numbers of an epoch in the order in which batches are cut from them."""

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        """Take the tokens of each row."""
        self._lengths = torch.tensor(lengths)
        self._batch_size, self._seed, self._epoch = batch_size, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Take another order; Trainer calls it."""
        self._epoch = epoch

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        """Go through all rows once; the batch that is not full comes last."""
        draws = torch.Generator().manual_seed(self._seed * 1_000_003 + self._epoch)
        order = torch.randperm(len(self), generator=draws)
        full: list[torch.Tensor] = []
        rest: list[torch.Tensor] = []
        for stretch in torch.split(order, _STRETCH * self._batch_size):
            batches = torch.split(stretch[self._lengths[stretch].argsort(stable=True)], self._batch_size)
            for batch in batches:
                (full if len(batch) == self._batch_size else rest).append(batch)
        for place in torch.randperm(len(full), generator=draws).tolist():
            yield from full[place].tolist()
        for batch in rest:
            yield from batch.tolist()

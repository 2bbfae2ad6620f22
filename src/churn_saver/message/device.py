"""Where language models compute: on the GPU where there is one, else on the CPU. Decided here alone.

A model is opened, gets its slots and its version on the CPU, so that both are the same everywhere, and is
moved once. Whatever works with it asks it where it is: batches, draws and results follow. Draws of words, of
fresh weights and of orders are made on the CPU, so they are those of the seed anywhere. But a GPU adds in no
fixed order, and dropout there begins its draws again after an interruption: same seed, same bits is a promise
of the CPU alone, on one thread.
"""

from typing import TypeVar

import torch
from torch import nn

Module = TypeVar("Module", bound=nn.Module)


def best_device() -> torch.device:
    """Give the first GPU that CUDA knows, or the CPU."""
    return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")


def placed(module: Module) -> Module:
    """Move a module to the best device, and give it back; where it is there already, nothing happens."""
    return nn.Module.to(module, best_device())

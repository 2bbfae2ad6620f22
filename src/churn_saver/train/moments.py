"""What Adam remembers of each weight, as named arrays and back: the recipes keep it between two runs.

    prefix + number of the weight + "." + name of the moment

Rates and other settings of an optimiser stand in the recipe's own, and are not among them.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim import Optimizer


def moments_of(optimiser: Optimizer, prefix: str) -> dict[str, NDArray[np.generic]]:
    """Copy the moments of an optimiser, each name with a prefix before it; empty before its first step."""
    return {
        f"{prefix}{number}.{name}": moment.numpy(force=True).copy()
        for number, moments in optimiser.state_dict()["state"].items()
        for name, moment in moments.items()
    }


def moments_in(arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> dict[int, dict[str, Tensor]]:
    """Give the moments among arrays, as the part `state` of an optimiser's `state_dict`; others are left."""
    found: dict[int, dict[str, Tensor]] = {}
    for key, array in arrays.items():
        if key.startswith(prefix):
            number, name = key.removeprefix(prefix).split(".")
            found.setdefault(int(number), {})[name] = torch.from_numpy(array.copy())
    return found

"""What Adam remembers, as arrays and back."""

import numpy as np
import torch
from torch import nn

from churn_saver.train.moments import moments_in, moments_of


def stepped() -> tuple[nn.Linear, torch.optim.Adam]:
    """Take one step of Adam, gradients 2 and 3."""
    layer = nn.Linear(1, 1)
    optimiser = torch.optim.Adam(layer.parameters(), betas=(0.5, 0.75))
    layer.weight.grad, layer.bias.grad = torch.tensor([[2.0]]), torch.tensor([3.0])
    optimiser.step()
    return layer, optimiser


def test_moments_are_named_by_weight() -> None:
    """After one step with β of 1/2 and 3/4: half of each gradient, a quarter of its square."""
    found = moments_of(stepped()[1], "adam.")

    assert {name: array.tolist() for name, array in found.items()} == {
        "adam.0.step": 1.0, "adam.0.exp_avg": [[1.0]], "adam.0.exp_avg_sq": [[1.0]],
        "adam.1.step": 1.0, "adam.1.exp_avg": [1.5], "adam.1.exp_avg_sq": [2.25],
    }  # fmt: skip


def test_moments_are_copies() -> None:
    """A later step does not reach into them."""
    layer, optimiser = stepped()
    found = moments_of(optimiser, "")
    layer.weight.grad = torch.tensor([[8.0]])
    optimiser.step()

    assert found["0.exp_avg"].tolist() == [[1.0]]


def test_moments_put_back_are_the_same_and_others_are_left() -> None:
    """Among arrays of other names; an optimiser without a step has none."""
    _, optimiser = stepped()
    arrays = moments_of(optimiser, "moment.") | {"weight.0.a": np.ones(1), "step": np.ones(1)}

    found = moments_in(arrays, "moment.")

    assert found == optimiser.state_dict()["state"]
    assert moments_of(torch.optim.Adam(nn.Linear(1, 1).parameters()), "moment.") == {}

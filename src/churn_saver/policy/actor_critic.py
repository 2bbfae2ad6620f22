"""The network that learns: the policy that will serve, and values for reward, spend and cap apart.

Values are kept apart so that a changed multiplier does not invalidate them, and come in units of the
customer's own bill. Knows nothing of rollouts and losses; `network.PolicyNetwork` is its twin in NumPy.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from churn_saver.policy.network import N_LOGITS, PolicyNetwork, Scaling, n_features

N_VALUES = 3
"""Reward, spend, contacts above the cap."""
_FIRST_CONTACT_BIAS = -1.5
"""A fresh policy contacts in one of five decisions, so that the cap and the allowance last a while."""


class ActorCritic(nn.Module):
    """Features in; the logits of contact, offer and delay, and three values, out."""

    def __init__(self, observation: str, hidden: Sequence[int], shared_trunk: bool) -> None:
        """Make the layers, orthogonal, with small heads: a fresh policy is nearly indifferent.

        Args:
            observation: Name in `network.INPUTS`.
            hidden: Widths of the hidden layers.
            shared_trunk: Values read the policy's own hidden layers, else layers of their own.

        Source: Andrychowicz et al., What Matters in On-Policy Reinforcement Learning?, ICLR 2021 (small
        policy heads, separate value network).
        """
        super().__init__()
        self.observation = observation
        sizes = [n_features(observation), *hidden]
        self.trunk = _layers(sizes)
        self.heads = nn.Linear(sizes[-1], N_LOGITS)
        self.value_trunk = nn.Identity() if shared_trunk else _layers(sizes)
        self.values = nn.Linear(sizes[-1], N_VALUES)
        _initialise(self.heads, 0.01)
        _initialise(self.values, 0.1)
        with torch.no_grad():
            self.heads.bias[1] = _FIRST_CONTACT_BIAS
        self._shared = shared_trunk

    def logits(self, x: Tensor) -> Tensor:
        """Give every head's logits. Shapes: (m, features) → (m, 14)."""
        out: Tensor = self.heads(self.trunk(x))
        return out

    def values_of(self, x: Tensor) -> Tensor:
        """Give the values alone. Shapes: (m, features) → (m, 3)."""
        out: Tensor = self.values(self.trunk(x) if self._shared else self.value_trunk(x))
        return out

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Give logits and values. Shapes: (m, features) → (m, 14), (m, 3)."""
        inner = self.trunk(x)
        return self.heads(inner), self.values(inner if self._shared else self.value_trunk(x))


def served(module: ActorCritic, scaling: Scaling, contact_bias: float = 0.0) -> PolicyNetwork:
    """Copy the policy's weights into the network that serves."""
    linear = [layer for layer in module.trunk if isinstance(layer, nn.Linear)] + [module.heads]
    return PolicyNetwork(
        module.observation,
        scaling,
        tuple(layer.weight.detach().numpy().T.astype(np.float64) for layer in linear),
        tuple(layer.bias.detach().numpy().astype(np.float64) for layer in linear),
        contact_bias,
    )


def _layers(sizes: Sequence[int]) -> nn.Sequential:
    parts: list[nn.Module] = []
    for inside, outside in pairwise(sizes):
        layer = nn.Linear(inside, outside)
        _initialise(layer, 2.0**0.5)
        parts += [layer, nn.ReLU()]
    return nn.Sequential(*parts)


def _initialise(layer: nn.Linear, gain: float) -> None:
    nn.init.orthogonal_(layer.weight, gain)
    nn.init.zeros_(layer.bias)

"""A start cloned from the exact policy: imitate its answers before learning from rewards.

The exact policy acts in the portfolio, now and then astray so that states beside its path are seen
too, and a fresh network learns its answers by maximum likelihood. What comes of it is a rung of its
own: it reaches no figure of the policy that starts from nothing. Source: Pomerleau, Efficient
Training of Artificial Neural Networks for Autonomous Navigation, Neural Computation 3 (1991).
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from churn_saver.config import PpoSettings
from churn_saver.domain.action import N_OFFERS
from churn_saver.domain.progress import Progress
from churn_saver.policy.actor_critic import ActorCritic
from churn_saver.policy.dynamics import N_DELAYS, Dynamics
from churn_saver.policy.network import CONTACT, DELAY, OFFER, Scaling
from churn_saver.policy.optimum import ExactPolicy
from churn_saver.policy.portfolio import Portfolio
from churn_saver.policy.rollouts import observed
from churn_saver.policy.state import States

ASTRAY = 0.1
"""Share of decisions that are drawn at random while the exact policy is watched."""


def clone(
    module: ActorCritic,
    dynamics: Dynamics,
    price: float,
    scaling: Scaling,
    settings: PpoSettings,
    seed: int,
    progress: Progress,
) -> None:
    """Teach a network the exact policy's answers at a price; the module changes in place.

    Args:
        module: A fresh network, without a price among its inputs.
        dynamics: Customers whose exact policy is asked, a few thousand at most.
        price: λ.
        scaling: Of the features.
        settings: Slots, steps and minibatch of the watching, and how often all of it is gone over.
        seed: Of the draws.
        progress: Told the passes.

    Raises:
        InputError: too many customers for the exact policy's table.
    """
    x, answers = _watched(
        ExactPolicy.of(dynamics, price), module.observation, scaling, dynamics, settings, seed
    )
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(module.parameters(), lr=settings.learning_rate)
    total = settings.cloning_epochs
    for epoch in range(total):
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * max(1.0 - epoch / total, settings.final_learning_rate)
        order = torch.randperm(len(x), generator=generator)
        for first in range(0, len(x), settings.minibatch):
            rows = order[first : first + settings.minibatch]
            optimiser.zero_grad()
            torch.autograd.backward(_unlikeliness(module.logits(x[rows]), answers[rows]))
            optimiser.step()
        progress("cloning", epoch + 1, total)


def _unlikeliness(logits: Tensor, answers: Tensor) -> Tensor:
    """Give −log-likelihood of contact, offer where there is a contact, and delay. Shapes: (m, 14), (m, 3)."""
    contact, offer, delay = answers.unbind(dim=1)
    offers = cross_entropy(logits[:, OFFER], offer, reduction="none")
    return (
        cross_entropy(logits[:, CONTACT], contact)
        + (offers * contact).mean()
        + cross_entropy(logits[:, DELAY], delay)
    )


def _watched(
    exact: ExactPolicy,
    observation: str,
    scaling: Scaling,
    dynamics: Dynamics,
    settings: PpoSettings,
    seed: int,
) -> tuple[Tensor, Tensor]:
    """Let the exact policy act and write down what it saw, (m, features), and answered, (m, 3)."""
    portfolio = Portfolio(dynamics, settings.slots, seed)
    rng = np.random.default_rng(seed)
    n, seen, answered = settings.slots, [], []
    for _ in range(settings.rollout_steps):
        s = portfolio.slots
        states = States(s.customer, s.day, s.level, s.protection, s.wait, s.fatigue, s.units)
        answer = np.stack(exact.look_up(states), axis=1).astype(np.int64)
        seen.append(observed(portfolio, observation, scaling))
        answered.append(torch.from_numpy(answer))
        at_random = np.stack(
            [rng.random(n) < ASTRAY, rng.integers(0, N_OFFERS, n), rng.integers(0, N_DELAYS, n)], 1
        )
        may_contact, may_offer = portfolio.open_choices()
        at_random[:, 0] &= may_contact & may_offer[np.arange(n), at_random[:, 1]]
        done = np.where((rng.random(n) < ASTRAY)[:, None], at_random, answer)
        portfolio.step(done[:, 0], done[:, 1], done[:, 2])
    return torch.cat(seen), torch.cat(answered)

"""One update of proximal policy optimisation under multipliers: from a rollout to better weights.

Advantages of reward and of each cost are mixed by the multipliers first and whitened after, so that λ
weighs money against money. Knows nothing of customers, files or the loop around it.
Source: Schulman et al., Proximal Policy Optimization Algorithms, 2017; Ray, Achiam & Amodei,
Benchmarking Safe Exploration in Deep Reinforcement Learning, 2019 (PPO-Lagrangian).
"""

from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from churn_saver.config import PpoSettings
from churn_saver.errors import TrainingError
from churn_saver.policy.actor_critic import ActorCritic
from churn_saver.policy.rollouts import Batch, Rollout, head_logits, log_probs_of
from churn_saver.policy.state import Matrix
from churn_saver.rl.losses import (
    approximate_kl,
    categorical_entropy,
    clip_fraction,
    clipped_policy_loss,
    clipped_value_loss,
    joint_entropy,
)
from churn_saver.rl.returns import gae, mixed, whiten

Vector = NDArray[np.float32]

PRICE_GROUPS = 16
"""Groups of like price within which advantages are whitened, fewer where that leaves too few to a group."""
_LEAST_GROUP = 16


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the minibatches of one update; defined in docs/metrics.md."""

    policy_loss: float
    value_loss: float
    entropy: float
    kl: float
    clip_fraction: float
    gradient_norm: float


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one rollout teaches, m decisions."""

    batch: Batch
    adv: Tensor
    """Mixed, then whitened among all for contact and offer, and among those of the same contact for the
    delay, (m, 2)."""
    ret: Tensor
    """Returns of reward, spend and cap in units of the customer's bill, (m, 3)."""
    v_old: Tensor
    """Values when the returns were made, in the same units, (m, 3)."""


def lesson_of(rollout: Rollout, gae_lambda: float, multipliers: tuple[float, float]) -> Lesson:
    """Work out advantages and returns.

    Args:
        rollout: What happened.
        gae_lambda: λ of generalised advantage estimation; no multiplier.
        multipliers: Of spend, added to the rollout's own prices, and of contacts above the cap.
    """
    adv_t, ret_t = gae(rollout.r_t, rollout.v_t, rollout.gamma_t, gae_lambda)
    price = rollout.price + np.float32(multipliers[0])
    cap = np.full_like(price, multipliers[1])
    adv = mixed(adv_t[:, 0], (adv_t[:, 1], adv_t[:, 2]), (price, cap)).reshape(-1)
    choice = _whitened(adv, price.reshape(-1))
    timing = np.empty_like(adv)
    contact = rollout.batch.contact.numpy() == 1
    for rows in (np.flatnonzero(contact), np.flatnonzero(~contact)):
        timing[rows] = _whitened(adv[rows], price.reshape(-1)[rows])
    bill = rollout.batch.bill[:, None]
    return Lesson(
        rollout.batch,
        torch.from_numpy(np.stack([choice, timing], axis=1)),
        _rows(ret_t) / bill,
        _rows(rollout.v_t[:-1]) / bill,
    )


def update(
    module: ActorCritic,
    optimiser: torch.optim.Optimizer,
    lesson: Lesson,
    settings: PpoSettings,
    entropy_coefficient: float,
    generator: torch.Generator,
    values_only: bool = False,
) -> Figures:
    """Go over the decisions `epochs` times in random minibatches, each time one step of the optimiser.

    Args:
        module: Changed in place.
        optimiser: Of the module's parameters.
        lesson: What to learn from.
        settings: Clip, coefficients, epochs, minibatch.
        entropy_coefficient: c₂ of this update.
        generator: Of the order.
        values_only: Leave the policy as it is, say while its critic still knows nothing of it.

    Raises:
        TrainingError: the gradient is no finite number.
    """
    m = len(lesson.adv)
    totals = torch.zeros(len(fields(Figures)))
    steps = 0
    for _ in range(settings.epochs):
        order = torch.randperm(m, generator=generator)
        for first in range(0, m, settings.minibatch):
            rows = order[first : first + settings.minibatch]
            loss, figures = _loss(module, _at(lesson, rows), settings, entropy_coefficient, values_only)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            norm = nn.utils.clip_grad_norm_(module.parameters(), settings.max_grad_norm)
            if not torch.isfinite(norm):
                raise TrainingError(
                    f"the gradient's norm is {norm.item()}, wanted a finite number: lower "
                    "learning_rate in ppo.yaml, and train again"
                )
            optimiser.step()
            totals += torch.stack([*figures, norm.detach()])
            steps += 1
    return Figures(*(totals / steps).tolist())


def _loss(
    module: ActorCritic, lesson: Lesson, settings: PpoSettings, entropy_coefficient: float, values_only: bool
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Give −surrogate + c₁·value error − c₂·entropy, and its parts without gradient."""
    logits, values = module(lesson.batch.x)
    heads = head_logits(logits, lesson.batch.open_contact, lesson.batch.open_offers)
    logp, logp_old = log_probs_of(lesson.batch, heads), lesson.batch.logp
    # Two surrogates: what a delay is worth is pennies beside a contact, and would drown in its advantages.
    choice, timing = (
        clipped_policy_loss(logp[:, part], logp_old[:, part], lesson.adv[:, part], settings.clip)
        for part in range(2)
    )
    policy = choice + timing
    value = clipped_value_loss(values, lesson.v_old, lesson.ret, settings.value_clip)
    chance = torch.softmax(heads[0], dim=1)[:, 1]
    entropy = joint_entropy(categorical_entropy(heads[0]), chance, categorical_entropy(heads[1])).mean()
    loss = settings.value_coefficient * value
    if not values_only:
        loss = loss + policy - entropy_coefficient * entropy
    with torch.no_grad():
        kl, clipped = 2 * approximate_kl(logp, logp_old), clip_fraction(logp, logp_old, settings.clip)
    return loss, (policy.detach(), value.detach(), entropy.detach(), kl, clipped)


def _at(lesson: Lesson, rows: Tensor) -> Lesson:
    return Lesson(lesson.batch.at(rows), lesson.adv[rows], lesson.ret[rows], lesson.v_old[rows])


def _whitened(adv: Vector, price: Vector) -> Vector:
    """Whiten advantages among those of like price, (m,), so that dear money teaches as much as cheap.

    At a high price little is spent and little can be gained: left together, the low prices would drown it.
    """
    if len(adv) == 0 or price.min() == price.max():
        return whiten(adv) if len(adv) else adv
    out = np.empty_like(adv)
    # A group of one would be whitened to 0 and teach nothing.
    groups = max(1, min(PRICE_GROUPS, len(adv) // _LEAST_GROUP))
    for rows in np.array_split(np.argsort(price, kind="stable"), groups):
        out[rows] = whiten(adv[rows])
    return out


def _rows(x_t: Matrix) -> Tensor:
    """Turn (T, 3, n) into (T·n, 3)."""
    return torch.from_numpy(np.ascontiguousarray(x_t.transpose(0, 2, 1)).reshape(-1, x_t.shape[1]))

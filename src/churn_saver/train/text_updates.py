"""One update of proximal policy optimisation for texts: from a round of drafts to better weights.

The adapters learn from the clipped surrogate over tokens, the value head from its own errors; neither
feels the other's gradient. Knows nothing of briefs, judges or the loop around it.
Source: Schulman et al., Proximal Policy Optimization Algorithms, 2017.
"""

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from churn_saver.config import PpoTextSettings
from churn_saver.errors import TrainingError
from churn_saver.message.language_model import token_figures
from churn_saver.message.value_head import ValueHead
from churn_saver.rl.losses import clip_fraction, clipped_policy_loss, clipped_value_loss, weighted_mean
from churn_saver.train.half_precision import autocast
from churn_saver.train.text_rollouts import Lesson


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the minibatches of one update; those of the policy are 0 while only the values learn."""

    policy_loss: float
    value_loss: float
    clip_fraction: float
    gradient_norm: float
    """Of the adapters, before clipping."""


def update(
    network: PreTrainedModel,
    head: ValueHead,
    optimiser: torch.optim.Optimizer,
    lesson: Lesson,
    settings: PpoTextSettings,
    generator: torch.Generator,
    values_only: bool = False,
) -> Figures:
    """Go over the drafts `epochs` times in random minibatches, each time one step of the optimiser.

    Args:
        network: Its adapters are changed in place.
        head: Changed in place.
        optimiser: Of both.
        lesson: What to learn from.
        settings: Clips, coefficients, epochs, minibatch.
        generator: Of the order.
        values_only: Leave the policy as it is, say while its critic still knows nothing of it.

    Raises:
        TrainingError: a gradient is no finite number.
    """
    learned = [p for p in network.parameters() if p.requires_grad]
    nothing = torch.zeros((), device=lesson.adv.device)
    totals = torch.zeros(len(fields(Figures)), device=lesson.adv.device)
    steps = 0
    for _ in range(settings.epochs):
        order = torch.randperm(len(lesson.adv), generator=generator)
        for first in range(0, len(order), settings.minibatch):
            part = lesson.at(order[first : first + settings.minibatch])
            optimiser.zero_grad()
            value = _learn_values(head, part, settings)
            policy, clipped = (nothing, nothing) if values_only else _learn(network, part, settings)
            norms = [_clipped(some, settings.max_grad_norm) for some in (learned, list(head.parameters()))]
            optimiser.step()
            # Without a gradient the norm is a 0 of the CPU.
            totals += torch.stack([policy, value, clipped, norms[0].to(totals.device)])
            steps += 1
    return Figures(*(totals / steps).tolist())


def _learn_values(head: ValueHead, part: Lesson, settings: PpoTextSettings) -> Tensor:
    """Leave the gradient of the value head in place, and give its loss."""
    loss = clipped_value_loss(
        head(part.states), part.v_old, part.ret, settings.value_clip, part.batch.response
    )
    torch.autograd.backward(loss)
    return loss.detach()


def _learn(network: PreTrainedModel, part: Lesson, settings: PpoTextSettings) -> tuple[Tensor, Tensor]:
    """Leave the gradient of the adapters in place; give the surrogate and the share of clipped tokens."""
    mask = part.batch.response
    spread = settings.entropy_coefficient
    with autocast(network, settings.bfloat16):
        logp, entropy = token_figures(network, part.batch, spread > 0.0, settings.temperature)
    policy = clipped_policy_loss(logp, part.logp, part.adv, settings.clip, mask)
    loss = policy - spread * weighted_mean(entropy, mask) if spread > 0.0 else policy
    torch.autograd.backward(loss)
    with torch.no_grad():
        return policy.detach(), clip_fraction(logp, part.logp, settings.clip, mask)


def _clipped(parameters: list[nn.Parameter], most: float) -> Tensor:
    """Bring a gradient down to its greatest norm, and give the norm that it had."""
    norm = nn.utils.clip_grad_norm_(parameters, most)
    if not torch.isfinite(norm):
        raise TrainingError(
            f"the gradient's norm is {norm.item()}, wanted a finite number: lower learning_rate in "
            "ppo_text.yaml, and train again"
        )
    return norm.detach()

"""Losses of proximal policy optimisation, entropies, and the probability of a decision with three parts.

Gradients flow through every function. A weight, or mask, says how much each sample counts: what has
weight 0 may be anything, NaN too, and changes neither a value nor a gradient. Shapes must be equal,
not merely broadcast. Checks look at shapes and settings only, so that a step can be compiled.
Knows nothing of networks, customers or tokens.
Source: Schulman et al., Proximal Policy Optimization Algorithms, 2017, https://arxiv.org/abs/1707.06347.
"""

import torch
from torch import Tensor

from churn_saver.errors import InputError

CLOSED_LOGIT = -1e9
"""Logit of what must not be chosen: its probability is exactly 0, and 0 times it is still 0."""


def weighted_mean(x: Tensor, weight: Tensor | None = None) -> Tensor:
    """Take the mean of what counts; 0 where nothing does.

    Shapes: (...), (...) → ().

    Args:
        x: Values.
        weight: How much each counts, ≥ 0, or a mask; None: all the same.

    Raises:
        InputError: shapes differ, or there are no values.
    """
    _check_shapes(x=x, weight=weight)
    if weight is None:
        return x.mean()
    share = weight.to(x.dtype)
    return (_counted(x, weight) * share).sum() / share.sum().clamp_min(torch.finfo(x.dtype).tiny)


def clipped_policy_loss(
    logp: Tensor, logp_old: Tensor, adv: Tensor, clip: float, weight: Tensor | None = None
) -> Tensor:
    """Weigh advantages by how much likelier their actions became, up to a point, negated for descent.

    −mean(min(ρ·adv, clamp(ρ, 1 − clip, 1 + clip)·adv)) with ρ = exp(logp − logp_old).

    Shapes: (...), (...), (...), (...) → ().

    Args:
        logp: Log-probability of the action taken, under the policy that learns.
        logp_old: The same under the policy that acted, without gradient.
        adv: Advantages, whitened as a rule, without gradient.
        clip: ε of the paper, in (0, 1).
        weight: As in `weighted_mean`.

    Raises:
        InputError: shapes differ, or clip is outside (0, 1).

    Source: eq. 7 of the paper.
    """
    _check_shapes(logp=logp, logp_old=logp_old, adv=adv, weight=weight)
    _check_ratio_clip(clip)
    ratio = _counted(logp - logp_old, weight).exp()
    return -weighted_mean(torch.min(ratio * adv, ratio.clamp(1.0 - clip, 1.0 + clip) * adv), weight)


def clipped_value_loss(
    v: Tensor, v_old: Tensor, ret: Tensor, clip: float | None, weight: Tensor | None = None
) -> Tensor:
    """Square the error of the values, taking the worse of the value and of the value kept near the old one.

    mean(max((v − ret)², (v_old + clamp(v − v_old, ±clip) − ret)²)), without a factor of ½: the
    coefficient c₁ of the paper stands before it.

    Shapes: (...), (...), (...), (...) → ().

    Units: the square of the returns' unit; clip in the returns' unit.

    Args:
        v: Values by the network that learns.
        v_old: The same when the returns were made, without gradient.
        ret: Returns, without gradient.
        clip: How far a value may count as moved; None: as far as it likes.
        weight: As in `weighted_mean`.

    Raises:
        InputError: shapes differ, or clip is not above 0.

    Source: eq. 9 of the paper (L^VF); the clip is in its authors' code only, there with the ½:
    https://github.com/openai/lm-human-preferences/blob/f774e89b9e3762a03b7f3953189861979bee1775/lm_human_preferences/train_policy.py
    (`PPOTrainer.loss`).
    """
    _check_shapes(v=v, v_old=v_old, ret=ret, weight=weight)
    squared = _counted(v - ret, weight).square()
    if clip is None:
        return weighted_mean(squared, weight)
    if not clip > 0.0:
        raise InputError(f"the value clip is {clip}, wanted a number above 0: leave it empty for no clip")
    kept = v_old + (v - v_old).clamp(-clip, clip)
    return weighted_mean(torch.max(squared, _counted(kept - ret, weight).square()), weight)


def approximate_kl(logp: Tensor, logp_old: Tensor, weight: Tensor | None = None) -> Tensor:
    """Estimate KL(old ‖ new) from actions of the old policy: mean(ρ − 1 − ln ρ), ρ = exp(logp − logp_old).

    Unbiased, and never below 0. Arguments as in `clipped_policy_loss`.

    Shapes: (...), (...), (...) → ().

    Units: nats.

    Raises:
        InputError: shapes differ.

    Source: Schulman, Approximating KL Divergence, 2020, http://joschu.net/blog/kl-approx.html, k3.
    """
    _check_shapes(logp=logp, logp_old=logp_old, weight=weight)
    log_ratio = _counted(logp - logp_old, weight)
    # expm1 keeps the digits that exp(x) − 1 loses while the policies are alike.
    return weighted_mean(torch.expm1(log_ratio) - log_ratio, weight)


def clip_fraction(logp: Tensor, logp_old: Tensor, clip: float, weight: Tensor | None = None) -> Tensor:
    """Give the share of samples whose ρ is outside 1 ± clip, whichever way their advantage points.

    Arguments as in `clipped_policy_loss`.

    Shapes: (...), (...), (...) → ().

    Raises:
        InputError: shapes differ, or clip is outside (0, 1).
    """
    _check_shapes(logp=logp, logp_old=logp_old, weight=weight)
    _check_ratio_clip(clip)
    moved = torch.expm1(_counted(logp - logp_old, weight)).abs()
    return weighted_mean((moved > clip).to(logp.dtype), weight)


def masked_logits(logits: Tensor, allowed: Tensor) -> Tensor:
    """Close actions: probability exactly 0 after a softmax, gradient exactly 0, everything finite.

    A row with nothing open becomes uniform, not NaN: close the action that leads there as well.

    Shapes: (..., A), (..., A) → (..., A).

    Args:
        logits: Of each action.
        allowed: Open actions, bool.

    Raises:
        InputError: shapes differ, or allowed is not bool.
    """
    _check_shapes(logits=logits, allowed=allowed)
    if allowed.dtype != torch.bool:
        raise InputError(f"allowed is {allowed.dtype}, wanted torch.bool: compare it, say with `> 0`")
    # Half precision ends at −65,504.
    return torch.where(allowed, logits, max(CLOSED_LOGIT, torch.finfo(logits.dtype).min / 4))


def categorical_log_prob(logits: Tensor, action: Tensor) -> Tensor:
    """Give the log-probability of each action taken.

    Shapes: (..., A), (...) → (...).

    Units: nats.

    Args:
        logits: Of each action, masked where some are closed.
        action: Index of the action taken, any integer type.

    Raises:
        InputError: the actions are not one for each row of logits.
    """
    if logits.shape[:-1] != action.shape:
        raise InputError(
            f"action has shape {tuple(action.shape)}, wanted {tuple(logits.shape[:-1])}: "
            "one for each row of logits"
        )
    return logits.log_softmax(-1).gather(-1, action.long().unsqueeze(-1)).squeeze(-1)


def categorical_entropy(logits: Tensor) -> Tensor:
    """Give the entropy of each row, closed actions counting nothing; average with `weighted_mean`.

    Shapes: (..., A) → (...).

    Units: nats.
    """
    logp = logits.log_softmax(-1)
    return -(logp.exp() * logp).sum(-1)


def joint_log_prob(logp_contact: Tensor, logp_offer: Tensor, contact: Tensor) -> Tensor:
    """Give the log-probability of a choice: whether to contact, and with which offer.

    log p(contact) + [contact]·log p(offer): without a contact there is no offer, so the offer head
    neither counts nor learns.

    Shapes: (...), (...), (...) → (...).

    Units: nats.

    Args:
        logp_contact: Of the contact head's choice, 0 or 1.
        logp_offer: Of the offer head's; read only where contact is 1.
        contact: The contact head's choice, bool or 0 and 1.

    Raises:
        InputError: shapes differ.
    """
    _check_shapes(logp_contact=logp_contact, logp_offer=logp_offer, contact=contact)
    return logp_contact + torch.where(contact.bool(), logp_offer, 0.0)


def joint_entropy(h_contact: Tensor, p_contact: Tensor, h_offer: Tensor) -> Tensor:
    """Give the entropy of contact and offer: H(contact) + P(contact = 1)·H(offer).

    The delay has no term: a bonus would pay for idle days at random.

    Shapes: (...), (...), (...) → (...).

    Units: nats; p_contact, P(contact = 1), is a probability.

    Raises:
        InputError: shapes differ.

    Source: chain rule of entropy; Cover & Thomas, Elements of Information Theory, theorem 2.2.1.
    """
    _check_shapes(h_contact=h_contact, p_contact=p_contact, h_offer=h_offer)
    return h_contact + p_contact * h_offer


def _counted(x: Tensor, weight: Tensor | None) -> Tensor:
    """Put 0 where nothing counts, before anything that could turn it into NaN or an infinity."""
    return x if weight is None else torch.where(weight != 0, x, 0.0)


def _check_shapes(**tensors: Tensor | None) -> None:
    """Refuse what would be broadcast: (n,) with (n, 1) is (n, n), and the loss still falls."""
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items() if tensor is not None}
    if len(set(shapes.values())) != 1:
        raise InputError(f"the shapes are {shapes}, wanted the same for all: reshape before the call")
    if 0 in next(iter(shapes.values())):
        raise InputError(f"the shapes are {shapes}, wanted at least one sample")


def _check_ratio_clip(clip: float) -> None:
    if not 0.0 < clip < 1.0:
        raise InputError(f"clip is {clip}, wanted a number between 0 and 1, say 0.2")

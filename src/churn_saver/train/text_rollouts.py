"""One round of drafts: written by the policy, scored, and made into what the policy can learn from.

    write → score → log-probabilities of policy and reference → rewards → advantages

Policy and reference are one network, with its adapters on and off. A faster copy writes; what counts as
the policy that acted is the network that learns, so that every ratio begins at 1. Knows no loop and no file.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from peft import PeftModel
from torch import Tensor
from transformers import PreTrainedModel

from churn_saver.config import PpoTextSettings
from churn_saver.domain.briefs import Brief, prompt_of
from churn_saver.errors import TrainingError
from churn_saver.message.language_model import Batch, LanguageModel, merged, token_figures, write
from churn_saver.message.value_head import ValueHead, overheard, states_before
from churn_saver.rl.returns import whiten
from churn_saver.rl.token_rewards import preferred, response_advantages, token_kl, token_rewards
from churn_saver.train.half_precision import autocast

Vector = NDArray[np.float32]
Score = Callable[[Batch, Sequence[str], Sequence[str]], NDArray[np.floating]]
"""Tokens, prompts and texts of n drafts to a score each, (n,), in standard deviations of the judge."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """n drafts as they were written, of T tokens with their prompts; tensors on the policy's device."""

    briefs: tuple[Brief, ...]
    texts: tuple[str, ...]
    batch: Batch
    ended: NDArray[np.bool_]
    """Which came to their end, shape (n,)."""
    score: Vector
    """Of the judge, shape (n,)."""
    logp: Tensor
    """Log-probabilities under the policy, shape (n, T)."""
    logp_ref: Tensor
    """The same under the reference, shape (n, T)."""
    entropy: float
    """Of the words that each token was drawn from, nats, mean over tokens."""
    states: Tensor
    """What the reference had read before each token, shape (n, T, width)."""

    @property
    def kl(self) -> float:
        """Estimate KL(policy ‖ reference), nats per draft."""
        mask = self.batch.response.numpy(force=True)
        logp, logp_ref = (one.numpy(force=True) for one in (self.logp, self.logp_ref))
        return float(token_kl(logp, logp_ref, mask).sum(axis=1).mean())

    @property
    def length(self) -> float:
        """Give the tokens of a draft, its end included, as a mean."""
        return float(self.batch.response.sum(dim=1).double().mean())


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one round teaches, n drafts of T tokens; 0 outside the responses."""

    batch: Batch
    logp: Tensor
    """Under the policy that wrote, (n, T)."""
    adv: Tensor
    """Whitened over all tokens of the responses, (n, T)."""
    ret: Tensor
    """Returns, in chance to be preferred, (n, T)."""
    v_old: Tensor
    """Values when the returns were made, in the same unit, (n, T)."""
    states: Tensor
    """What the values stand on, (n, T, width)."""

    def at(self, rows: Tensor) -> "Lesson":
        """Give some of the drafts, no wider than the longest of them. Shapes: (k,) → k rows."""
        batch = self.batch.at(rows)
        width = int(batch.attention.sum(dim=1).max())
        batch = batch.narrowed(width)
        logp, adv, ret, v_old, states = (
            one[rows, :width] for one in (self.logp, self.adv, self.ret, self.v_old, self.states)
        )
        return Lesson(batch, logp, adv, ret, v_old, states)


def collect(
    policy: LanguageModel, briefs: Sequence[Brief], score: Score, settings: PpoTextSettings, seed: int
) -> Rollout:
    """Let the policy write a draft for each brief, and look at every token of them.

    Args:
        policy: With adapters; without them it is the reference.
        briefs: What to write.
        score: The judge.
        settings: Temperature, longest draft, precision.
        seed: Of the draws.

    Raises:
        TrainingError: the judge gives another number of scores than there are drafts, or one that is none.
    """
    prompts = [prompt_of(brief) for brief in briefs]
    written = write(
        merged(policy, bfloat16=settings.bfloat16), prompts,
        max_new_tokens=settings.max_new_tokens, temperature=settings.temperature, seed=seed,
    )  # fmt: skip
    batch = _copied(written.batch)
    scores = _checked(score(batch, prompts, written.texts), len(prompts))
    network = policy.network
    batch = batch.to(network.device)
    with torch.no_grad(), autocast(network, settings.bfloat16):
        logp, entropy = token_figures(network, batch, entropy=True, temperature=settings.temperature)
        with adapters_off(network), overheard(network) as read:
            logp_ref, _ = token_figures(network, batch, entropy=False, temperature=settings.temperature)
    return Rollout(
        tuple(briefs), written.texts, batch, written.ended.numpy().copy(), scores,
        logp, logp_ref, float(entropy[batch.response].mean()), states_before(read[0], batch),
    )  # fmt: skip


def lesson_of(rollout: Rollout, head: ValueHead, beta: float, settings: PpoTextSettings) -> Lesson:
    """Work out rewards, advantages and returns.

    Args:
        rollout: What was written.
        head: Gives the values.
        beta: Weight of the KL penalty, chance to be preferred per nat.
        settings: λ, what a draft without an end costs, and how many drafts in a row are of one brief.
    """
    mask, device = rollout.batch.response.numpy(force=True), rollout.logp.device
    with torch.no_grad():
        v_old = head(rollout.states) * rollout.batch.response
    score = (rollout.score - np.float32(settings.too_long) * ~rollout.ended).astype(np.float32)
    earned = preferred(score, settings.siblings)
    logp, logp_ref, values = (one.numpy(force=True) for one in (rollout.logp, rollout.logp_ref, v_old))
    r_t = token_rewards(earned, logp, logp_ref, mask, beta)
    adv_t, ret_t = response_advantages(r_t, values, mask, settings.gae_lambda)
    return Lesson(
        rollout.batch, rollout.logp, torch.from_numpy(whiten(adv_t, mask)).to(device),
        torch.from_numpy(ret_t).to(device), v_old, rollout.states,
    )  # fmt: skip


def adapters_off(network: PreTrainedModel) -> AbstractContextManager[None]:
    """Make a policy its own reference while the context is open.

    Raises:
        TrainingError: it has no adapters.
    """
    if not isinstance(network, PeftModel):
        raise TrainingError("the policy has no adapters, wanted a model of with_adapters(...)")
    off: AbstractContextManager[None] = network.disable_adapter()
    return off


def _copied(batch: Batch) -> Batch:
    """Take tensors out of inference mode: what is learned from must be ordinary."""
    return replace(
        batch, ids=batch.ids.clone(), attention=batch.attention.clone(), response=batch.response.clone()
    )


def _checked(scores: NDArray[np.floating], wanted: int) -> Vector:
    found = np.asarray(scores, dtype=np.float32)
    if found.shape != (wanted,) or not np.isfinite(found).all():
        raise TrainingError(
            f"the judge gave scores of shape {found.shape}, {int((~np.isfinite(found)).sum())} of them no "
            f"number, wanted ({wanted},) of finite ones: look at the reward model before training goes on"
        )
    return found

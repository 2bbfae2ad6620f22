"""The loop of PPO for texts: write, score, work out advantages, update, move β; and again.

A learner is all that the next iteration depends on, so one that was written down and read back goes
on bit for bit (on one thread). Draws come from the seed and the iteration's number alone. Knows no files,
no screen, and not when to stop.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from churn_saver import shield
from churn_saver.config import PpoTextSettings
from churn_saver.domain.briefs import Brief
from churn_saver.errors import ConfigError, InputError
from churn_saver.message.language_model import LanguageModel, merged, with_adapters
from churn_saver.message.value_head import ValueHead
from churn_saver.rl.multipliers import BetaRule, Penalty, adapt_beta
from churn_saver.train.gold import judged
from churn_saver.train.moments import moments_in, moments_of
from churn_saver.train.text_rollouts import Score, collect, lesson_of
from churn_saver.train.text_updates import update

Arrays = dict[str, NDArray[np.generic]]
_MOMENT = "adam."


@dataclass(frozen=True, slots=True)
class TextPoint:
    """One iteration, as logged; defined in docs/metrics.md."""

    iteration: int
    drafts: int
    """Learned from so far."""
    reward: float
    """Score of the judge, its standard deviations, mean over drafts; without penalties."""
    kl: float
    """KL(policy ‖ start), nats per draft, estimated from the drafts."""
    smoothed_kl: float
    """What β answers to."""
    beta: float
    """In force in this iteration, chance to be preferred per nat."""
    gold: float
    """Score of the rules, `train.gold`."""
    pass_rate: float
    """Share of drafts that may be sent."""
    distinct_2: float
    """Of this iteration's drafts."""
    length: float
    """Tokens of a draft."""
    ended: float
    """Share of drafts that came to their end."""
    entropy: float
    """Of the words that each token was drawn from, nats."""
    clip_fraction: float
    policy_loss: float
    value_loss: float
    gradient_norm: float


class TextLearner:
    """A text policy in training."""

    def __init__(
        self,
        start: LanguageModel,
        briefs: Sequence[Brief],
        score: Score,
        rules: shield.Rules,
        settings: PpoTextSettings,
        seed: int,
    ) -> None:
        """Put fresh adapters on a copy of a model, which is what the policy must not stray far from.

        Args:
            start: The fine-tuned model; it stays as it is.
            briefs: To write for.
            score: The judge to learn from.
            rules: Of the shield, for the curves.
            settings: ppo_text.yaml.
            seed: Same seed, same policy.

        Raises:
            InputError: there is no brief.
            ConfigError: the adapters have dropout.
        """
        if not briefs:
            raise InputError("there is no brief to write for, wanted at least one")
        if settings.lora.dropout > 0.0:
            raise ConfigError(
                f"lora.dropout is {settings.lora.dropout} in ppo_text.yaml, wanted 0: what dropout "
                "changes would count as what the policy has learned"
            )
        torch.set_num_threads(settings.threads)
        self.briefs, self.settings, self.seed = tuple(briefs), settings, seed
        self._score, self._rules = score, rules
        self.policy = with_adapters(merged(start), settings.lora, seed)
        self.policy.network.train(False)
        self.head = ValueHead(_width(self.policy), seed).to(self.policy.network.device)
        self._adapters = {name: p for name, p in self.policy.network.named_parameters() if p.requires_grad}
        self._optimiser = torch.optim.Adam(
            [
                {"params": list(self._adapters.values()), "lr": settings.learning_rate},
                {"params": list(self.head.parameters()), "lr": settings.value_learning_rate},
            ],
            eps=1e-5,
        )
        kl = settings.kl
        self._rule = BetaRule(kl.target, kl.factor, kl.low, kl.high, kl.smoothing, kl.slack)
        self.penalty = Penalty(kl.start_beta)
        self.iteration = 0

    @property
    def finished(self) -> bool:
        """Whether all iterations of the settings are done."""
        return self.iteration >= self.settings.iterations

    def advance(self) -> TextPoint:
        """Go through one iteration."""
        settings, before = self.settings, self.penalty
        draws = np.random.default_rng([self.seed, self.iteration])
        n = settings.responses // settings.siblings
        rows = draws.choice(len(self.briefs), n, replace=n > len(self.briefs))
        asked = [self.briefs[row] for row in rows for _ in range(settings.siblings)]
        rollout = collect(self.policy, asked, self._score, settings, int(draws.integers(2**62)))
        lesson = lesson_of(rollout, self.head, before.beta, settings)
        order = torch.Generator().manual_seed(int(draws.integers(2**62)))
        self._slow_down()
        values_only = self.iteration < settings.values_first
        figures = update(
            self.policy.network, self.head, self._optimiser, lesson, settings, order, values_only
        )
        if not values_only:
            self.penalty = adapt_beta(before, rollout.kl, self._rule)
        self.iteration += 1
        gold = judged(asked, rollout.texts, self._rules)
        return TextPoint(
            self.iteration, self.iteration * settings.responses, float(rollout.score.mean()), rollout.kl,
            self.penalty.kl, before.beta, gold.score, gold.pass_rate, gold.distinct_2, rollout.length,
            float(rollout.ended.mean()), rollout.entropy, figures.clip_fraction, figures.policy_loss,
            figures.value_loss, figures.gradient_norm,
        )  # fmt: skip

    def _slow_down(self) -> None:
        """Let the rates fall in a straight line, so that the last iterations settle what the first found."""
        settings = self.settings
        left = max(1.0 - self.iteration / settings.iterations, settings.final_learning_rate)
        rates = settings.learning_rate, settings.value_learning_rate
        for group, rate in zip(self._optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * left

    def to_arrays(self) -> Arrays:
        """Give all that the next iteration depends on."""
        arrays: Arrays = {f"policy.{name}": _array(p) for name, p in self._adapters.items()}
        arrays |= {f"head.{name}": _array(p) for name, p in self.head.named_parameters()}
        arrays |= moments_of(self._optimiser, _MOMENT)
        arrays["iteration"] = np.array([self.iteration])
        arrays["penalty"] = np.array([self.penalty.beta, self.penalty.kl])
        return arrays

    def restore(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on where `to_arrays` was taken, with the same start, briefs, judge and settings."""
        learned = {f"policy.{name}": p for name, p in self._adapters.items()}
        learned |= {f"head.{name}": p for name, p in self.head.named_parameters()}
        with torch.no_grad():
            for name, parameter in learned.items():
                parameter.copy_(torch.from_numpy(arrays[name].copy()))
        groups = self._optimiser.state_dict()["param_groups"]
        self._optimiser.load_state_dict({"state": moments_in(arrays, _MOMENT), "param_groups": groups})
        self.iteration = int(arrays["iteration"][0])
        self.penalty = Penalty(*map(float, arrays["penalty"]))


def _width(lm: LanguageModel) -> int:
    """Say how many numbers a state has: what the head of words reads."""
    words: nn.Linear = lm.network.get_output_embeddings()  # type: ignore[no-untyped-call]
    return int(words.weight.shape[1])


def _array(tensor: torch.Tensor | nn.Parameter) -> NDArray[np.generic]:
    found: NDArray[np.generic] = tensor.numpy(force=True).copy()
    return found

"""Decisions learned from per CPU second: ours beside the peer, at its defaults and at ours.

Acting, advantages and gradient steps all count; one thread each. *Equal* is slots, decisions between two
updates, minibatch, epochs and layers of ppo.yaml for both. The peer acts in our environment of arrays there,
which is the best for it, and once more in as many scalar ones as there are slots, which is what its users
have. *Drawn* is ours without the expectation over what may follow, so with the work of the peer. *Small* is
the peer's own minibatch and epochs for both, and as many decisions between two updates. *Bound* is a
learner that does nothing but the layers' matrix products of acting and of the gradient steps: who keeps
batch, epochs and layers cannot be faster.
"""

import statistics
import time
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Protocol

import torch
from torch import nn

from benchmarks.ppo_ground import Ground, Report
from benchmarks.ppo_peer import Peer, PeerSetting
from benchmarks.ppo_race import SEED, Ours, OurSetting
from churn_saver.config import PpoSettings
from churn_saver.domain.progress import Progress
from churn_saver.policy.network import N_LOGITS, n_features

ROUNDS = 3
ROUND_SECONDS = 2.0
"""Least CPU time of one contender in a round."""
SMALL: dict[str, object] = {"slots": 32, "rollout_steps": 64, "minibatch": 64, "epochs": 10}
RATIOS: Mapping[str, tuple[str, str]] = {
    "sb3_ratio_defaults": ("ours", "sb3_defaults"),
    "sb3_ratio_equal": ("ours", "sb3_equal"),
    "sb3_ratio_equal_scalar": ("ours", "sb3_equal_scalar"),
    "sb3_ratio_equal_drawn": ("ours_drawn", "sb3_equal"),
    "sb3_ratio_equal_bound": ("products", "sb3_equal"),
    "sb3_ratio_small": ("ours_small", "sb3_small"),
}
"""Whose rate over whose."""


def rates(ground: Ground, progress: Progress) -> Report:
    """Let all learn in turns, after one iteration that does not count; give medians over the rounds."""
    contenders = _contenders(ground)
    for contender in contenders.values():
        contender.advance(0.0)
    rounds = []
    for done in range(ROUNDS):
        progress("speed", done, ROUNDS)
        rounds.append({name: _rate(one) for name, one in contenders.items()})
    report: Report = {}
    for key, (upper, lower) in RATIOS.items():
        ratios = [found[upper] / found[lower] for found in rounds]
        report[key] = statistics.median(ratios)
        report |= {f"{key}_least": min(ratios), f"{key}_most": max(ratios)}
    for name in contenders:
        report[f"{name}_decisions_per_cpu_second"] = statistics.median(found[name] for found in rounds)
    return report


class Learning(Protocol):
    """What can be asked to learn for a while."""

    decisions_each: int
    """Decisions learned from in one iteration."""

    def advance(self, gone: float) -> None:
        """Go through one iteration; `gone` is the share of its time that has passed."""


class Products:
    """Matrix products of policy and values: forwards for acting, forwards and backwards for each epoch."""

    def __init__(self, settings: PpoSettings) -> None:
        """Lay out the layers of two networks of the settings' widths."""
        self._settings = settings
        sizes = (n_features(settings.observation), *settings.hidden)
        outputs = (N_LOGITS, 3)
        self._networks = [
            nn.Sequential(*(nn.Linear(a, b, bias=False) for a, b in pairwise((*sizes, last))))
            for last in outputs
        ]
        self.decisions_each = settings.slots * settings.rollout_steps
        self._act = torch.randn(settings.slots, sizes[0])
        self._learn = torch.randn(settings.minibatch, sizes[0])

    def advance(self, gone: float) -> None:  # noqa: ARG002
        """Go through one iteration."""
        settings = self._settings
        with torch.no_grad():
            for _ in range(settings.rollout_steps):
                for network in self._networks:
                    network(self._act)
        for _ in range(settings.epochs * self.decisions_each // settings.minibatch):
            for network in self._networks:
                torch.autograd.backward(network(self._learn).sum())


def _contenders(ground: Ground) -> dict[str, Learning]:
    equal = _as_ours(ground.settings)
    small = _as_ours(ground.settings.changed(SMALL, "small portions"))
    return {
        "ours": Ours(ground, OurSetting("ppo.yaml"), SEED),
        "ours_drawn": Ours(ground, OurSetting("drawn", {"successors": "drawn"}), SEED),
        "ours_small": Ours(ground, OurSetting("small", SMALL), SEED),
        "products": Products(ground.settings),
        "sb3_defaults": Peer(ground, PeerSetting("defaults", layout="scalar"), SEED),
        "sb3_equal": Peer(ground, equal, SEED),
        "sb3_equal_scalar": Peer(ground, replace(equal, layout="scalar"), SEED),
        "sb3_small": Peer(ground, small, SEED),
    }


def _as_ours(settings: PpoSettings) -> PeerSetting:
    """Give the peer what ppo.yaml says of slots, decisions, minibatch, epochs and layers."""
    return PeerSetting(
        "as ppo.yaml", settings.slots, settings.rollout_steps, settings.minibatch, settings.epochs,
        hidden=settings.hidden,
    )  # fmt: skip


def _rate(contender: Learning) -> float:
    decisions, started = 0, time.process_time()
    while (spent := time.process_time() - started) < ROUND_SECONDS:
        contender.advance(0.0)
        decisions += contender.decisions_each
    return decisions / spent

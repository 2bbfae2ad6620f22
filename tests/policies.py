"""Small recipes, networks and what they see, for tests of the policy that learns."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from churn_saver.config import PpoSettings, parse
from churn_saver.policy.actor_critic import ActorCritic
from churn_saver.policy.network import INPUTS, Scaling
from churn_saver.policy.state import Matrix
from churn_saver.rl.losses import CLOSED_LOGIT

SCALING = Scaling(
    bill=64.0, hazard_factor=0.25, cooldown_days=7, contact_cap=2, horizon_days=90, low_price=0.25,
    high_price=4.0,
)  # fmt: skip
"""Of env.yaml's protection and caps, with a range of prices around 1."""
_PPO_YAML = Path(__file__).parents[1] / "ops" / "configs" / "ppo.yaml"
_RECIPE = parse(PpoSettings, _PPO_YAML.read_text(encoding="utf-8"), _PPO_YAML.name)


def ppo_settings(**changes: Any) -> PpoSettings:
    """Give ppo.yaml for a toy: nothing that fades, no clip of values, and the named settings."""
    toy: dict[str, Any] = {
        "slots": 64, "rollout_steps": 8, "iterations": 2, "epochs": 2, "minibatch": 128, "hidden": (8,),
        "value_clip": None, "value_coefficient": 0.5, "entropy_coefficient": 0.0,
    }  # fmt: skip
    return PpoSettings.model_validate(_RECIPE.model_dump() | toy | changes)


def actor_critic(
    observation: str = "full", seed: int = 0, hidden: tuple[int, ...] = (8,), shared_trunk: bool = False
) -> ActorCritic:
    """Make a network that learns, without touching anybody else's draws."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return ActorCritic(observation, hidden, shared_trunk)


def opinionated(module: ActorCritic, seed: int = 0, spread: float = 1.0) -> ActorCritic:
    """Give the heads weights as after long training: a fresh network finds everything alike."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in (*module.heads.parameters(), *module.values.parameters()):
            parameter.normal_(0.0, spread, generator=generator)
    return module


def indifferent(module: ActorCritic, logits: tuple[float, ...]) -> ActorCritic:
    """Make the policy answer alike whatever it sees. Shapes: 14 logits of contact, offer and delay."""
    with torch.no_grad():
        module.heads.weight.zero_()
        module.heads.bias.copy_(torch.tensor(logits).clamp_min(CLOSED_LOGIT))
    return module


def seen(m: int, seed: int = 0, observation: str = "full") -> Matrix:
    """Draw what a policy may see of m customers. Shapes: → (m, inputs)."""
    rng = np.random.default_rng(seed)
    days, fatigue, protection = rng.integers(0, 8, m), rng.integers(0, 3, m), rng.integers(0, 31, m)
    columns = [
        rng.uniform(0.001, 0.95, m), *np.sort(rng.random((4, m)), axis=0), rng.integers(0, 7, m) / 6, days,
        days < 7, fatigue, rng.uniform(10.0, 150.0, m), rng.integers(1, 91, m) / 90, protection,
        rng.integers(0, 30, m), rng.choice([-0.8, 0.0, 1.2, 2.4], m), np.exp(rng.uniform(-2.0, 2.0, m)),
    ]  # fmt: skip
    return np.stack(columns[: len(INPUTS[observation])], axis=1).astype(np.float32)

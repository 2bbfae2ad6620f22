"""A scored table of few customers, a campaign of ten days and quick settings, for tests of the recipes."""

from typing import Any

import numpy as np

from churn_saver.config import EnvSettings, PpoSettings
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.population import Population
from churn_saver.train.portfolios import ScoredTable, in_halves
from tests.policies import ppo_settings
from tests.tiny_campaigns import ENV as USUAL

ENV = USUAL.changed({"horizon_days": 10, "budget_per_customer": 3.0}, "a test")
"""Two contacts fit into it; without a limit the best policy would spend some seven and a half."""


def population(n: int = 24, seed: int = 0, env: EnvSettings = ENV) -> Population:
    """Draw n customers with bills of 10 to 120 and every kind of risk."""
    rng = np.random.default_rng(seed)
    return Population.of_scores(
        rng.uniform(0.02, 0.9, n),
        np.sort(rng.uniform(0, 1, (n, 4)), axis=1),
        rng.integers(1_000, 12_000, n),
        env,
    )


def table(n: int = 24, seed: int = 0, env: EnvSettings = ENV) -> ScoredTable:
    """Draw a table of n customers and cut it in two."""
    return in_halves(population(n, seed, env), env, f"{n} customers of a test")


def dynamics(n: int = 12, seed: int = 0, env: EnvSettings = ENV) -> Dynamics:
    """Give the campaign over n customers."""
    return Dynamics.of(population(n, seed, env), env)


def quick(**changes: Any) -> PpoSettings:
    """Give settings that learn for a moment: 16 slots, 8 steps, panels of 6 customers, one budget."""
    moment: dict[str, Any] = {
        "observation": "full", "slots": 16, "rollout_steps": 8, "minibatch": 64, "iterations": 4,
        "save_every": 2, "threads": 1, "budget_factors": (1.0,), "cloning_epochs": 2,
        "panels": {"certificate": 6, "held_out": 6},
        "ladder": {
            "seeds": 2, "seeds_elsewhere": 1, "iterations": 2, "cloned_iterations": 1,
            "cloned_values_first": 0, "cloned_learning_rate": 0.0005, "cloned_entropy": 0.0,
            "within_points": 2.0,
        },
    }  # fmt: skip
    return ppo_settings(**(moment | changes))

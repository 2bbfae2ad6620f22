"""Make the portfolio known to Gymnasium under the id `churn_saver/Retention-v0`.

Gymnasium has read no entry points of packages since 1.0, and importing does nothing here, so one call
comes first:

    from churn_saver.opening.gym import register

    register()
    env = gymnasium.make("churn_saver/Retention-v0")
    envs = gymnasium.make_vec("churn_saver/Retention-v0", num_envs=4096)

Both take `population`, `env` (the settings), `slot`, and the fields of `policy.terms.Terms`: `observation`,
`churn`, `reward`, `price`. Without settings, env.yaml is read where CONFIG_DIR says; without a population
one is drawn, always the same. `policy.env` documents actions, inputs, reward and costs.

Source: https://github.com/Farama-Foundation/Gymnasium/releases/tag/v1.0.0a1, Removing the plugin system.
"""

import os
from typing import TYPE_CHECKING, TypedDict, Unpack

import numpy as np

from churn_saver.config import EnvSettings, environment
from churn_saver.errors import ConfigError
from churn_saver.opening.settings import read_settings

if TYPE_CHECKING:
    from churn_saver.policy.dynamics import Dynamics
    from churn_saver.policy.env import RetentionEnv
    from churn_saver.policy.population import Population
    from churn_saver.policy.portfolio import Churn, Reward
    from churn_saver.policy.terms import Observation, Terms
    from churn_saver.policy.vector_env import RetentionVectorEnv

ENV_ID = "churn_saver/Retention-v0"
SYNTHETIC_CUSTOMERS = 256
SYNTHETIC_SEED = 20


class Paid(TypedDict, total=False):
    """Fields of `Terms` that are handed on as they come; what is left out has its default there."""

    churn: "Churn"
    reward: "Reward"
    price: float | None


def register() -> None:
    """Make the environment known to Gymnasium; a second call does nothing.

    Raises:
        ConfigError: Gymnasium or numba is not installed.
    """
    try:
        import gymnasium
        import numba  # noqa: F401, the simulator is compiled
    except ImportError as error:
        raise ConfigError(
            f"the environment needs gymnasium and numba: {error}. Install them: pip install 'churn-saver[rl]'"
        ) from error
    if ENV_ID not in gymnasium.registry:
        gymnasium.register(
            ENV_ID,
            entry_point="churn_saver.opening.gym:make_env",
            vector_entry_point="churn_saver.opening.gym:make_vector_env",
        )


def make_env(
    population: "Population | None" = None,
    env: EnvSettings | None = None,
    observation: "Observation | None" = None,
    slot: int = 0,
    **paid: Unpack[Paid],
) -> "RetentionEnv":
    """Make the scalar environment, as `gymnasium.make` asks for it.

    Raises:
        ConfigError: env.yaml is wanted and cannot be used.
        InputError: a wish that cannot be fulfilled, by name.
    """
    from churn_saver.policy.env import RetentionEnv

    return RetentionEnv(*_opened(population, env, observation, paid), slot)


def make_vector_env(
    num_envs: int,
    population: "Population | None" = None,
    env: EnvSettings | None = None,
    observation: "Observation | None" = None,
    slot: int = 0,
    **paid: Unpack[Paid],
) -> "RetentionVectorEnv":
    """Make the environment of many slots, as `gymnasium.make_vec` asks for it.

    Raises:
        ConfigError: env.yaml is wanted and cannot be used.
        InputError: a wish that cannot be fulfilled, by name.
    """
    from churn_saver.policy.vector_env import RetentionVectorEnv

    return RetentionVectorEnv(*_opened(population, env, observation, paid), num_envs, slot)


def synthetic_population(
    env: EnvSettings, n: int = SYNTHETIC_CUSTOMERS, seed: int = SYNTHETIC_SEED
) -> "Population":
    """Draw customers for whom there is no table: for trying things out, not for figures about a company.

    Bills of two kinds as a telephone company has them (line only, internet), 18 to 120; churn risks
    skewed to the right with a mean near .27; a liking of one's own for offers, which rises with the offer.
    """
    from churn_saver.policy.population import Population

    rng = np.random.default_rng(seed)
    bill = np.where(rng.random(n) < 0.22, rng.normal(2_100, 200, n), rng.normal(7_700, 2_000, n))
    risk = rng.beta(0.7, 1.9, n)
    liking = rng.normal(-1.8, 0.8, (n, 1)) + np.array([0.0, 0.5, 0.9, 1.2]) * rng.gamma(4, 0.25, (n, 1))
    return Population.of_scores(
        risk, 1.0 / (1.0 + np.exp(-liking)), np.clip(bill, 1_800, 12_000).astype(np.int64), env
    )


def _opened(
    population: "Population | None",
    env: EnvSettings | None,
    observation: "Observation | None",
    paid: Paid,
) -> "tuple[Dynamics, Terms]":
    from churn_saver.policy.dynamics import Dynamics
    from churn_saver.policy.terms import Terms

    settings = env or read_settings(environment(os.environ))[0]
    customers = synthetic_population(settings) if population is None else population
    return Dynamics.of(customers, settings), Terms(observation or settings.observation, **paid)

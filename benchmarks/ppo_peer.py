"""Stable-Baselines3's PPO on our environment: the peer of `ppo.py`.

It sees the 14 inputs of the observation `full` and gets what one reward can say of the constrained
problem: money less λ* times spend, churn as an event, discount 1 within the 90 days where a setting says
so. It knows no masks of actions, so a contact that is closed is made and not sent, as the environment has
it. Source: https://github.com/DLR-RM/stable-baselines3, `stable_baselines3/ppo/ppo.py`, 2.9.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv, VecNormalize
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvStepReturn

from benchmarks.ppo_ground import Ground
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.env import RetentionEnv
from churn_saver.policy.observing import observations
from churn_saver.policy.state import Decisions, Policy, States, open_choices
from churn_saver.policy.terms import Terms
from churn_saver.policy.vector_env import RetentionVectorEnv

Layout = Literal["scalar", "arrays"]
"""How the peer gets its slots: one environment each, as its users have it, or ours of many at once."""


@dataclass(frozen=True, slots=True)
class PeerSetting:
    """One way to run the peer; what is not named has its default there."""

    name: str
    slots: int = 1
    rollout_steps: int = 2048
    minibatch: int = 64
    epochs: int = 10
    learning_rate: float = 3e-4
    hidden: tuple[int, ...] | None = None
    """ReLU layers of policy and of values; None: 64-64 tanh."""
    gamma: float = 0.99
    normalised: bool = False
    """Observations and rewards through its `VecNormalize`."""
    entropy: float = 0.0
    anneals: bool = False
    """The learning rate falls evenly to 2 % over the time that it is given."""
    layout: Layout = "arrays"


class ArrayEnvs(VecEnv):
    """Our environment of many slots, laid out as the peer wants it; what it does not read is left out."""

    def __init__(self, envs: RetentionVectorEnv) -> None:
        """Wrap an environment."""
        self._envs = envs
        self._actions = np.zeros((envs.num_envs, 3), dtype=np.int64)
        self._nothing: list[dict[str, Any]] = [{} for _ in range(envs.num_envs)]
        super().__init__(envs.num_envs, envs.single_observation_space, envs.single_action_space)

    def reset(self) -> NDArray[np.float32]:
        """Begin in every slot, from the seed where one was given."""
        seen, _ = self._envs.reset(seed=self._seeds[0])
        self._reset_seeds()
        return seen

    def step_async(self, actions: NDArray[np.int64]) -> None:
        """Take the actions."""
        self._actions = actions

    def step_wait(self) -> VecEnvStepReturn:
        """Act."""
        seen, reward, ended, _, _ = self._envs.step(self._actions)
        return seen, reward.astype(np.float32), ended, self._nothing

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """Give an attribute, the same for every slot."""
        return [getattr(self._envs, attr_name) for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Refuse: nothing can be set."""
        raise NotImplementedError(attr_name)

    def env_method(
        self, method_name: str, *args: Any, indices: VecEnvIndices = None, **kwargs: Any
    ) -> list[Any]:
        """Refuse: slots have no methods of their own."""
        raise NotImplementedError(method_name)

    def env_is_wrapped(self, _wrapper: type, indices: VecEnvIndices = None) -> list[bool]:
        """Say that no slot is wrapped."""
        return [False for _ in self._get_indices(indices)]


class Peer:
    """The peer in training."""

    def __init__(self, ground: Ground, setting: PeerSetting, seed: int) -> None:
        """Make it, with its environments, on one thread."""
        torch.set_num_threads(1)
        self.decisions_each = setting.slots * setting.rollout_steps
        self._gone = 0.0
        envs: VecEnv = _slots(ground, setting)
        self._normal = VecNormalize(envs, gamma=setting.gamma) if setting.normalised else None
        network: dict[str, Any] = {}
        if setting.hidden is not None:
            layers = list(setting.hidden)
            network = {"net_arch": {"pi": layers, "vf": layers}, "activation_fn": torch.nn.ReLU}
        self._model = PPO(
            "MlpPolicy",
            self._normal or envs,
            learning_rate=self._rate(setting),
            n_steps=setting.rollout_steps,
            batch_size=setting.minibatch,
            n_epochs=setting.epochs,
            gamma=setting.gamma,
            ent_coef=setting.entropy,
            policy_kwargs=network,
            seed=seed,
            device="cpu",
        )

    def advance(self, gone: float) -> None:
        """Go through one iteration.

        Args:
            gone: Share of its time that has passed.
        """
        self._gone = gone
        self._model.learn(self.decisions_each, reset_num_timesteps=False)

    def rung(self, dynamics: Dynamics, contact_bias: float) -> Policy:
        """Let it decide for a campaign, greedily, with a shift of the contact's logit.

        A contact that caps or allowance close is not made, as in its environment.
        """
        scaled = self._normal.normalize_obs if self._normal is not None else np.asarray

        def decide(states: States) -> Decisions:
            seen = torch.as_tensor(scaled(observations(dynamics, states)), dtype=torch.float32)
            with torch.no_grad():
                policy = self._model.policy
                logits = policy.action_net(policy.mlp_extractor.forward_actor(seen))
            contact, offer, delay = (part.numpy() for part in torch.split(logits, [2, 4, 8], dim=1))
            chosen = offer.argmax(axis=1)
            may_contact, may_offer = open_choices(dynamics, states)
            sent = (contact[:, 1] - contact[:, 0] + contact_bias > 0.0) & may_contact
            sent &= may_offer[np.arange(len(chosen)), chosen]
            return Decisions.sure(sent, chosen, delay.argmax(axis=1))

        return decide

    def _rate(self, setting: PeerSetting) -> Any:
        if not setting.anneals:
            return setting.learning_rate
        return lambda _: setting.learning_rate * max(1.0 - self._gone, 0.02)


def _slots(ground: Ground, setting: PeerSetting) -> VecEnv:
    dynamics, terms = ground.learning, Terms(observation="full", price=ground.best.price)
    if setting.layout == "arrays":
        return ArrayEnvs(RetentionVectorEnv(dynamics, terms, setting.slots))
    return DummyVecEnv([partial(RetentionEnv, dynamics, terms, slot) for slot in range(setting.slots)])

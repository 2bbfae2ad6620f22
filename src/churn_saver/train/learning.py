"""The loop of PPO-Lagrangian: act, work out advantages, update, move the multipliers; and again.

A learner is all that the next iteration depends on, so one that was written down and read back goes
on bit for bit (on one thread). Knows no files, no screen and no exact optimum.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from churn_saver.config import EnvSettings, MultiplierSettings, PpoSettings
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.policy.actor_critic import ActorCritic, served
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.network import PolicyNetwork, Scaling
from churn_saver.policy.portfolio import Portfolio
from churn_saver.policy.ppo import lesson_of, update
from churn_saver.policy.rollouts import collect
from churn_saver.policy.successors import Outlook
from churn_saver.rl.multipliers import Gains, Multiplier, ascend, steer

Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One iteration, as logged; defined in docs/metrics.md."""

    iteration: int
    decisions: int
    """Learned from so far."""
    reward: float
    """Mean of completed episodes, currency units; a gain over never contacting where that is the reward."""
    spend: float
    """Mean of completed episodes, currency units."""
    over_cap: float
    """Mean of completed episodes, contacts."""
    price: float
    """λ of the budget."""
    cap_price: float
    """λ of the cap."""
    entropy: float
    kl: float
    clip_fraction: float
    policy_loss: float
    value_loss: float
    gradient_norm: float
    learning_rate: float


class Learner:
    """A policy in training."""

    def __init__(
        self, dynamics: Dynamics, env: EnvSettings, settings: PpoSettings, seed: int, start_price: float
    ) -> None:
        """Make a fresh policy and a portfolio for it to act in.

        Args:
            dynamics: The campaign over the customers that teach.
            env: Budget and tolerance.
            settings: ppo.yaml.
            seed: Same seed, same policy.
            start_price: λ to begin with; not read where the price is an input.
        """
        self.env, self.settings = env, settings
        self.priced = settings.observation == "full_price"
        torch.set_num_threads(settings.threads)
        self._generator = torch.Generator().manual_seed(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.module = ActorCritic(settings.observation, settings.hidden, settings.shared_trunk)
        self._optimiser = torch.optim.Adam(self.module.parameters(), lr=settings.learning_rate, eps=1e-5)
        prices = (settings.prices.low, settings.prices.high) if self.priced else (0.0, 0.0)
        self.portfolio = Portfolio(
            dynamics, settings.slots, seed, churn=settings.churn, reward=settings.reward, prices=prices
        )
        self._outlook = Outlook(dynamics) if settings.successors == "expected" else None
        self.scaling = Scaling(
            float(dynamics.bill_minor.mean()) / MINOR_PER_UNIT,
            env.hazard_factor,
            dynamics.cooldown_days,
            dynamics.contact_cap,
            dynamics.horizon_days,
            *prices,
        )
        self.price = Multiplier.warm(0.0 if self.priced else start_price)
        self.cap_price = Multiplier.warm(0.0)
        self.iteration = 0

    @property
    def finished(self) -> bool:
        """Whether all iterations of the settings are done."""
        return self.iteration >= self.settings.iterations

    def network(self) -> PolicyNetwork:
        """Copy the policy as it would serve now."""
        return served(self.module, self.scaling)

    def advance(self) -> CurvePoint:
        """Go through one iteration."""
        settings, left = self.settings, 1.0 - self.iteration / self.settings.iterations
        rate = settings.learning_rate * max(left, settings.final_learning_rate)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        rollout = collect(
            self.portfolio,
            self.module,
            self.scaling,
            settings.rollout_steps,
            self._generator,
            self._outlook,
        )
        lesson = lesson_of(rollout, settings.gae_lambda, (self.price.value, self.cap_price.value))
        entropy = settings.entropy_coefficient * left
        values_only = self.iteration < settings.values_first
        figures = update(
            self.module, self._optimiser, lesson, settings, entropy, self._generator, values_only
        )
        price, cap_price = self.price.value, self.cap_price.value
        reward, spend, over_cap = _means(rollout.ended)
        if not values_only:
            self._move_multipliers(spend, over_cap)
        self.iteration += 1
        return CurvePoint(
            self.iteration, self.iteration * settings.slots * settings.rollout_steps, reward, spend, over_cap,
            price, cap_price, figures.entropy, figures.kl, figures.clip_fraction, figures.policy_loss,
            figures.value_loss, figures.gradient_norm, rate,
        )  # fmt: skip

    def to_arrays(self) -> Arrays:
        """Give all that the next iteration depends on."""
        arrays: Arrays = {f"module.{name}": t.numpy().copy() for name, t in self.module.state_dict().items()}
        for number, state in self._optimiser.state_dict()["state"].items():
            arrays |= {f"adam.{number}.{name}": t.numpy().copy() for name, t in state.items()}
        arrays |= {f"slots.{n}": c.copy() for n, c in self.portfolio.slots._asdict().items()}
        arrays["generator"] = self._generator.get_state().numpy().copy()
        arrays["iteration"] = np.array([self.iteration])
        multipliers = (self.price, self.cap_price)
        arrays["multipliers"] = np.array([[one.value, one.integral] for one in multipliers])
        return arrays

    def restore(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on where `to_arrays` was taken, with the same settings and campaign."""
        self.module.load_state_dict(
            {name: torch.from_numpy(arrays[f"module.{name}"].copy()) for name in self.module.state_dict()}
        )
        moments: dict[int, dict[str, torch.Tensor]] = {}
        for key, array in arrays.items():
            if key.startswith("adam."):
                _, number, name = key.split(".")
                moments.setdefault(int(number), {})[name] = torch.from_numpy(array.copy())
        groups = self._optimiser.state_dict()["param_groups"]
        self._optimiser.load_state_dict({"state": moments, "param_groups": groups})
        for name, column in self.portfolio.slots._asdict().items():
            column[:] = arrays[f"slots.{name}"]
        self._generator.set_state(torch.from_numpy(arrays["generator"].copy()))
        self.iteration = int(arrays["iteration"][0])
        self.price, self.cap_price = (Multiplier(*map(float, row)) for row in arrays["multipliers"])

    def _move_multipliers(self, spend: float, over_cap: float) -> None:
        if self.priced or np.isnan(spend):
            return
        rule = self.settings.multiplier
        self.price = _moved(self.price, spend, self.env.budget_per_customer, rule)
        if self.env.over_cap_tolerance > 0.0:
            self.cap_price = _moved(self.cap_price, over_cap, self.env.over_cap_tolerance, rule)


def _moved(state: Multiplier, used: float, limit: float, rule: MultiplierSettings) -> Multiplier:
    if rule.rule == "plain":
        return Multiplier.warm(ascend(state.value, used, limit, rule.learning_rate))
    return steer(state, used, limit, Gains(rule.kp, rule.ki, rule.max_error))


def _means(ended: NDArray[np.float64]) -> tuple[float, float, float]:
    """Average over the episodes that ended; NaN where none did."""
    if ended.shape[1] == 0:
        return float("nan"), float("nan"), float("nan")
    reward, spend, over_cap = ended.mean(axis=1)
    return float(reward), float(spend), float(over_cap)

"""Prices that learn: multipliers of constraints, and the weight of a KL penalty.

Each rule is a plain function, state → new state, on plain floats: a resumed run goes on bit for bit.
A multiplier never moves by an optimiser's rule: Adam moves it by the learning rate whatever the error.
Knows nothing of what is limited, nor of networks.
"""

import math
from dataclasses import dataclass

from churn_saver.errors import InputError


@dataclass(frozen=True, slots=True)
class Gains:
    """How a PI controller answers to a relative error of 1: twice the limit was used."""

    kp: float
    """Added to λ while the error lasts, rewards per cost; damps."""
    ki: float
    """Added to the integral at every update, rewards per cost; 0 keeps λ at its start."""
    max_error: float = math.inf
    """Larger errors count as this: an untrained policy may use twenty times the limit."""
    ceiling: float = math.inf
    """λ and its integral never pass this, rewards per cost."""

    def __post_init__(self) -> None:
        """Refuse gains that push the wrong way."""
        _not_negative("kp", self.kp, "take 0 for a purely integral rule")
        _not_negative("ki", self.ki, "take 0 to keep the multiplier where it starts")
        for name, bound in (("max_error", self.max_error), ("ceiling", self.ceiling)):
            if not bound > 0.0:
                raise InputError(f"{name} is {bound}, wanted a number above 0: leave it out for no bound")


@dataclass(frozen=True, slots=True)
class Multiplier:
    """λ of one constraint, and what its controller remembers."""

    value: float
    """λ, rewards per cost, ≥ 0."""
    integral: float
    """λ without the answer to the last error, rewards per cost, ≥ 0."""

    def __post_init__(self) -> None:
        """Refuse a state that no update gives."""
        _not_negative("value", self.value, "start at 0, or at a known price")
        _not_negative("integral", self.integral, "start at 0, or at a known price")

    @classmethod
    def warm(cls, value: float) -> "Multiplier":
        """Start at a price, say the dual's; 0 starts cold.

        Raises:
            InputError: value is no finite number of 0 or more.
        """
        return cls(value, value)


def ascend(lam: float, used: float, limit: float, lr: float) -> float:
    """Move a multiplier by the plain rule: λ ← max(0, λ + lr·(used − limit)).

    Units: used and limit in one unit of cost; λ in rewards per cost; lr in rewards per cost squared.

    Args:
        lam: λ now.
        used: Expected cost under the policy.
        limit: What it may be.
        lr: Learning rate; 0 keeps λ.

    Raises:
        InputError: limit is not above 0, another number is negative, or one is NaN or infinite.

    Source: dual ascent; Stooke et al. 2020 (see `steer`), Algorithm 2 with an integral term alone.
    """
    _not_negative("lam", lam, "project it: max(0, lam)")
    _not_negative("lr", lr, "take 0 to keep the multiplier")
    _check_use(used, limit)
    return max(0.0, lam + lr * (used - limit))


def steer(state: Multiplier, used: float, limit: float, gains: Gains) -> Multiplier:
    """Move a multiplier by a PI controller on the relative error e = used/limit − 1.

    I ← I + ki·e within [0, ceiling]; λ ← I + kp·e within [0, ceiling]. The bounds on I are the
    anti-windup: a long time below the limit takes it to 0 and no further, so that λ answers to the
    next excess at once. At e = 0 nothing moves and λ = I.

    Units: used and limit in one unit of cost; the error has none, so gains hold for every limit.

    Args:
        state: Before the update.
        used: Expected cost under the policy, say per completed episode.
        limit: What it may be.
        gains: Of the controller.

    Raises:
        InputError: limit is not above 0, used is negative, or one of them is NaN or infinite.

    Source: Stooke, Achiam & Abbeel, Responsive Safety in Reinforcement Learning by PID Lagrangian
    Methods, ICML 2020, https://arxiv.org/abs/2007.03964, Algorithm 2 with K_D = 0 and the error made
    relative. ki stands inside the sum, so that a changed ki does not rescale the past, as in
    https://github.com/astooke/rlpyt/blob/2f2126ff387f14de1d963471b3357c6750f76461/rlpyt/projects/safe/cppo_pid.py
    (`optimize_agent`).
    """
    _check_use(used, limit)
    error = min(used / limit - 1.0, gains.max_error)
    integral = _within(state.integral + gains.ki * error, 0.0, gains.ceiling)
    return Multiplier(_within(integral + gains.kp * error, 0.0, gains.ceiling), integral)


def adapt_beta(
    beta: float, kl: float, target: float, *, gain: float, low: float, high: float, max_error: float = 0.2
) -> float:
    """Move the weight of a KL penalty so that the KL comes to its target.

    e = kl/target − 1 within ±max_error; β ← β·(1 + gain·e) within [low, high].

    Units: kl and target in nats, both per response or both per token.

    Args:
        beta: β now, above 0: from 0 no factor leads away.
        kl: Estimate under the current policy, smoothed or not; an estimate may be below 0.
        target: What it should be.
        gain: K_β of the paper, which takes 0.1; gain·max_error must stay below 1.
        low: Least β, above 0.
        high: Largest β.
        max_error: Larger errors count as this; the default is the paper's.

    Raises:
        InputError: a number is outside its range, or NaN.

    Source: Ziegler et al., Fine-Tuning Language Models from Human Preferences, 2019,
    https://arxiv.org/abs/1909.08593, section 2.2;
    https://github.com/openai/lm-human-preferences/blob/f774e89b9e3762a03b7f3953189861979bee1775/lm_human_preferences/train_policy.py
    (`AdaptiveKLController`, whose gain is episodes per update over a horizon). The range of β is ours.
    """
    _above_zero("beta", beta, "start at a small number, say 0.1")
    _above_zero("target", target, "for no penalty keep beta fixed and do not adapt it")
    if not math.isfinite(kl):
        raise InputError(
            f"kl is {kl}, wanted a finite number: the policy has diverged, lower its learning rate"
        )
    if not 0.0 < low <= high < math.inf:
        raise InputError(f"beta must stay within {low} and {high}, wanted 0 < low <= high")
    if not (gain >= 0.0 and max_error > 0.0 and gain * max_error < 1.0):
        raise InputError(
            f"gain is {gain} and max_error {max_error}, wanted a product below 1 and none negative: "
            "otherwise one update could turn beta's sign"
        )
    error = _within(kl / target - 1.0, -max_error, max_error)
    return _within(beta * (1.0 + gain * error), low, high)


def _check_use(used: float, limit: float) -> None:
    """Refuse a limit that nothing can be compared with, and a use that is none."""
    _above_zero("limit", limit, "what must not be used at all is closed by a mask")
    _not_negative("used", used, "costs are counted from 0; a NaN means that no episode was completed")


def _not_negative(name: str, value: float, fix: str) -> None:
    if not 0.0 <= value < math.inf:
        raise InputError(f"{name} is {value}, wanted a finite number of 0 or more: {fix}")


def _above_zero(name: str, value: float, fix: str) -> None:
    if not 0.0 < value < math.inf:
        raise InputError(f"{name} is {value}, wanted a finite number above 0: {fix}")


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)

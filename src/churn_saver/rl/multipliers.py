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


@dataclass(frozen=True, slots=True)
class BetaRule:
    """How the weight of a KL penalty answers to the KL."""

    target: float
    """Of the KL, nats."""
    factor: float
    """β is multiplied by it above the target, and divided by it well below; above 1."""
    low: float
    """Least β, above 0: from 0 no factor leads away."""
    high: float
    """Largest β."""
    smoothing: float = 0.0
    """Share of the last smoothed KL that the next one keeps, in [0, 1)."""
    slack: float = 0.5
    """Share of the target below which β is divided, in (0, 1): the nearer to 1, the nearer the KL comes."""

    def __post_init__(self) -> None:
        """Refuse a rule that stands still or runs away."""
        _above_zero("target", self.target, "for no penalty keep beta fixed and do not adapt it")
        if not 1.0 < self.factor < math.inf:
            raise InputError(f"factor is {self.factor}, wanted a finite number above 1, say 1.5")
        if not 0.0 < self.low <= self.high < math.inf:
            raise InputError(f"beta must stay within {self.low} and {self.high}, wanted 0 < low <= high")
        if not 0.0 <= self.smoothing < 1.0:
            raise InputError(f"smoothing is {self.smoothing}, wanted a share from 0 to below 1")
        if not 0.0 < self.slack < 1.0:
            raise InputError(f"slack is {self.slack}, wanted a share above 0 and below 1, say 0.5")


@dataclass(frozen=True, slots=True)
class Penalty:
    """The weight of a KL penalty, and what its rule remembers."""

    beta: float
    """Its weight, rewards per nat, above 0."""
    kl: float = 0.0
    """Smoothed, nats; 0 at the start, where policy and reference are one."""

    def __post_init__(self) -> None:
        """Refuse a state that no update gives."""
        _above_zero("beta", self.beta, "start at a small number, say 0.1")


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


def adapt_beta(state: Penalty, kl: float, rule: BetaRule) -> Penalty:
    """Move the weight of a KL penalty so that the KL comes below its target, and not far below it.

    K ← smoothing·K + (1 − smoothing)·kl; then β·factor where K > target, β/factor where
    K < slack·target, and β as it is in between; always within [low, high].

    Units: kl and target in nats, both per response or both per token.

    Args:
        state: Before the update.
        kl: Estimate under the policy that has just acted; an estimate may be below 0.
        rule: How β answers.

    Raises:
        InputError: kl is NaN or infinite.

    Source: Schulman et al., Proximal Policy Optimization Algorithms, 2017,
    https://arxiv.org/abs/1707.06347, section 4, whose factor is 2 and whose range is target/1.5 to
    target·1.5. Smoothing and bounds are ours: one estimate is a mean over few responses.
    """
    if not math.isfinite(kl):
        raise InputError(
            f"kl is {kl}, wanted a finite number: the policy has diverged, lower its learning rate"
        )
    smoothed = rule.smoothing * state.kl + (1.0 - rule.smoothing) * kl
    beta = state.beta
    if smoothed > rule.target:
        beta *= rule.factor
    elif smoothed < rule.slack * rule.target:
        beta /= rule.factor
    return Penalty(_within(beta, rule.low, rule.high), smoothed)


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

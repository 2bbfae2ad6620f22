"""Policies as training leaves them, drawn at random, for tests of what is kept of them."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from churn_saver.config import EnvSettings
from churn_saver.domain.campaign import Caps
from churn_saver.policy.certificate import Certificate, Certified, ServedPolicy, assumptions_digest
from churn_saver.policy.network import INPUTS, N_LOGITS, PolicyNetwork, Scaling, n_features
from churn_saver.policy.state import Matrix

CAPS = Caps(per_7_days=1, per_30_days=2, per_period=2, cooldown_days=7, allowance_units=6)
SCALING = Scaling(
    bill=64.76, hazard_factor=0.25, cooldown_days=7, contact_cap=2, horizon_days=90, low_price=0.1,
    high_price=30.0,
)  # fmt: skip
"""Of a policy for env.yaml's campaign and prices from 0.1 to 30."""


def certified(budget: float, price: float, feasible: bool = True) -> Certified:
    """Certify a budget at a price, the rest made up."""
    return Certified(budget, price, 0.99 * budget, 96.5, 2.25, feasible)


def certificate(*rows: Certified) -> Certificate:
    """Certify these rows; without any, 2.00, 8.00 and 32.00 per customer at λ of 7, 3 and 1."""
    known = (certified(200.0, 7.0), certified(800.0, 3.0), certified(3_200.0, 1.0))
    return Certificate(rows or known, CAPS, "ab" * 32)


def network(observation: str = "full", seed: int = 0) -> PolicyNetwork:
    """Draw a network of two narrow hidden layers whose weights 32 bits hold."""
    rng = np.random.default_rng(seed)
    sizes = list(pairwise((n_features(observation), 5, 4, N_LOGITS)))
    return PolicyNetwork(
        observation,
        SCALING,
        tuple(rng.normal(size=size).astype(np.float32).astype(np.float64) for size in sizes),
        tuple(rng.normal(size=size[1]).astype(np.float32).astype(np.float64) for size in sizes),
        0.1,
    )


def served(observation: str = "full", seed: int = 0) -> ServedPolicy:
    """Draw a policy with all that vouches for it."""
    provenance = {"seed": seed, "iterations": 3, "population": {"customers": 256}, "code": "0.1.0"}
    return ServedPolicy(network(observation, seed), certificate(), provenance)


def eager(policy: ServedPolicy) -> ServedPolicy:
    """Make a policy want every contact that it may have."""
    return replace(policy, network=replace(policy.network, contact_bias=1e6))


def under(policy: ServedPolicy, env: EnvSettings) -> ServedPolicy:
    """Say that a policy was trained and measured under these assumptions."""
    return replace(policy, certificate=replace(policy.certificate, assumptions=assumptions_digest(env)))


def seen(observation: str, n: int, seed: int = 0) -> Matrix:
    """Draw n observations in the ranges that customers have."""
    rng = np.random.default_rng(seed)
    x = rng.random((n, len(INPUTS[observation])))
    high = np.array([1, 1, 1, 1, 1, 1, 7, 1, 3, 120, 1, 30, 29, 2.4, 40.0])
    columns: Matrix = (x * high[: x.shape[1]] + 1e-3).astype(np.float32)
    return columns

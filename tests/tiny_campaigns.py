"""Campaigns of few days and two levels, and policies drawn at random, for tests of exact numbers."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from churn_saver.config import EnvSettings, parse
from churn_saver.policy.dynamics import N_DELAYS, Dynamics
from churn_saver.policy.population import Population
from churn_saver.policy.state import Decisions, Policy, States

ENV_YAML = Path(__file__).parents[1] / "ops" / "configs" / "env.yaml"
ENV = parse(EnvSettings, ENV_YAML.read_text(encoding="utf-8"), ENV_YAML.name)


def population(n: int, seed: int = 0, env: EnvSettings = ENV) -> Population:
    """Draw n customers with every kind of risk."""
    rng = np.random.default_rng(seed)
    return Population.of_scores(
        rng.uniform(0.02, 0.9, n),
        np.sort(rng.uniform(0, 1, (n, 4)), axis=1),
        rng.integers(1_000, 12_000, n),
        env,
    )


def campaign(n: int = 3, seed: int = 0, **changes: Any) -> Dynamics:
    """Give a campaign over n customers, env.yaml but for the named settings; caps by their own names."""
    caps = {
        name: changes.pop(name)
        for name in ("per_period", "cooldown_days", "allowance_units") & changes.keys()
    }
    env = ENV.model_copy(update={**changes, "caps": ENV.caps.model_copy(update=caps)})
    return Dynamics.of(population(n, seed, env), env)


def tiny(seed: int = 0, n: int = 2, horizon_days: int = 7, **changes: Any) -> Dynamics:
    """Give a campaign of two levels, a period of 3 days, a cooldown of 2 and a cap of 1.

    Contacts annoy one in ten and more, protection may outlast a step, and 4 units are few.
    """
    moves = np.random.default_rng(seed).dirichlet(np.ones(2), 2)
    dynamics = campaign(
        n, seed, **{
            "horizon_days": horizon_days, "levels": {"usual": 0.0, "ticket": 1.5},
            "transitions": tuple(map(tuple, moves.tolist())), "protected_days": (1, 2, 4, 11),
            "annoyance": 0.1, "terminal_months": 0.5, "cooldown_days": 2, "per_period": 1,
            "allowance_units": 4, **changes,
        }
    )  # fmt: skip
    most = 1 + 2 // max(dynamics.cooldown_days, 1)
    return replace(dynamics, period_days=3, max_fatigue=most, contact_cap=min(dynamics.contact_cap, most))


def one_level(n: int = 1, horizon_days: int = 2, **changes: Any) -> Dynamics:
    """Give a campaign whose numbers can be worked by hand.

    One level; 81 % survive a day, 90 % while protected; 100 a day, 6000 at the end. An accepted offer
    protects for 1, 2, 3, 4 days, everybody accepts with .5, a contact costs 100 and annoys one in ten
    however many there were. The bill is 30.00, a decision costs .05, the cooldown is one day.
    """
    env = ENV.model_copy(
        update={
            "horizon_days": horizon_days, "levels": {"usual": 0.0}, "transitions": ((1.0,),),
            "hazard_factor": 0.5, "terminal_months": 2.0, "contact_cost": 1.0, "decision_cost": 0.05,
            "protected_days": (1, 2, 3, 4),
            "caps": ENV.caps.model_copy(update={"cooldown_days": 1, **changes}),
        }
    )  # fmt: skip
    usual = np.full(n, np.log((1 - 0.81**30) / 0.81**30))
    dynamics = Dynamics.of(Population(usual, np.full((n, 4), 0.5), np.full(n, 3_000)), env)
    contacts = np.ones(dynamics.max_fatigue + 1)
    return replace(dynamics, stays=0.9 * contacts, rested=contacts)


def random_policy(dynamics: Dynamics, seed: int, *, above_cap: bool = True) -> Policy:
    """Draw a distribution for every state, the same one whenever it is asked; what is closed has 0."""

    def policy(states: States) -> Decisions:
        cells = (states.customer, states.day, states.level, states.protection)
        draws = _hashed((*cells, states.wait, states.fatigue, states.units), 1 + 4 + N_DELAYS, seed)
        contact = (states.wait == 0) & (above_cap | (states.fatigue < dynamics.contact_cap))
        offer = draws[:, 1:5] * (dynamics.offer_units <= states.units[:, None])
        delay = draws[:, 5:] ** 3
        return Decisions(
            np.where(contact, draws[:, 0], 0.0),
            offer / offer.sum(axis=1, keepdims=True),
            delay / delay.sum(axis=1, keepdims=True),
        )

    return policy


def _hashed(columns: tuple[NDArray[np.int64], ...], width: int, seed: int) -> NDArray[np.float64]:
    """Hash columns of whole numbers to numbers inside (0, 1), (m, width): a row alone has the same bits."""
    odd = np.random.default_rng(seed).integers(0, 2**62, (len(columns), width), dtype=np.uint64) * 2 + 1
    mixed = np.zeros((len(columns[0]), width), dtype=np.uint64)
    for column, factors in zip(columns, odd, strict=True):
        mixed = (mixed + column[:, None].astype(np.uint64) + 1) * factors
        mixed ^= mixed >> np.uint64(31)
    share: NDArray[np.float64] = (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return 1e-6 + (1.0 - 2e-6) * share

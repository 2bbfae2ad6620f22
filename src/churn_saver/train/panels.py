"""Panels: a few hundred customers that stand for a table, one panel to calibrate and one to judge.

Drawn at random they would spend up to a tenth more or less than the table at the same price, and a
budget met on one panel would be broken on the next by chance alone. So a panel takes one customer of
each stretch along the order of stakes, and swaps within stretches until the exact policy spends on
the panel what it spends on the table, at several prices. No policy that is judged has a say in it.
Source: Deville & Tillé, Efficient balanced sampling: the cube method, Biometrika 91 (2004), for the idea.
"""

from dataclasses import dataclass

import numpy as np

from churn_saver.config import EnvSettings, PpoSettings
from churn_saver.errors import InputError
from churn_saver.policy.dynamics import Dynamics, Floats, Ints
from churn_saver.policy.optimum import best_plans
from churn_saver.policy.population import Population
from churn_saver.train.portfolios import ScoredTable

BALANCED_AT = (0.0, 1.0, 2.0, 3.5, 5.0, 7.0, 9.0, 11.0)
"""Prices at which a panel spends what the table does."""
_CANDIDATES = 4
"""Customers of each stretch that may stand for it."""
_NEAR = 2e-4
"""Largest deviation that is left, as a share of the spend."""
_PASSES = 40


@dataclass(frozen=True, slots=True)
class Panels:
    """Customers who calibrate, and customers who judge."""

    certificate: Dynamics
    held_out: Dynamics

    @classmethod
    def of(cls, table: ScoredTable, env: EnvSettings, settings: PpoSettings, seed: int = 0) -> "Panels":
        """Take both panels, one from each half.

        Args:
            table: Both halves.
            env: The campaign.
            settings: Sizes of the panels.
            seed: Another seed, other customers.

        Raises:
            InputError: a half has fewer customers than its panel wants.
        """
        require_room(table, settings)
        halves = (table.learning, table.held_out)
        sizes = (settings.panels.certificate, settings.panels.held_out)
        stretches = [_stretches(half, size, env) for half, size in zip(halves, sizes, strict=True)]
        spends = [_spends(few, env) for few in stretches]
        table_spends = np.mean([spend.mean(axis=0) for spend in spends], axis=0)
        rng = np.random.default_rng(seed)
        panels = [
            few.take(balanced(spend.reshape(size, -1, len(BALANCED_AT)), table_spends, rng))
            for few, spend, size in zip(stretches, spends, sizes, strict=True)
        ]
        return cls(*(Dynamics.of(panel, env) for panel in panels))


def require_room(table: ScoredTable, settings: PpoSettings) -> None:
    """Refuse a table that is too small for its panels, before any work is done with it.

    Raises:
        InputError: a half has fewer customers than its panel wants.
    """
    for half, name in ((table.learning, "certificate"), (table.held_out, "held_out")):
        wanted = getattr(settings.panels, name)
        if wanted > len(half):
            raise InputError(
                f"panels.{name} of ppo.yaml is {wanted}, and half of the table has {len(half)} customers: "
                "use a larger table, or smaller panels"
            )


def balanced(spends: Floats, wanted: Floats, rng: np.random.Generator) -> Ints:
    """Pick one of each stretch so that the means come near what is wanted.

    Begins at random and takes the best of each stretch in turn until every mean is near enough.

    Args:
        spends: Of each candidate at each price, (stretches, candidates, prices).
        wanted: Means over the table, (prices,).
        rng: Of the beginning and of the order.

    Returns:
        Row of each pick among all candidates in order, (stretches,).
    """
    n, k, _ = spends.shape
    shares = spends / (n * np.where(wanted > 0.0, wanted, 1.0))
    aim = (wanted > 0.0).astype(np.float64)
    pick: Ints = np.array(rng.integers(0, k, size=(n,)), dtype=np.int64)
    apart = shares[np.arange(n), pick].sum(axis=0) - aim
    for stretch in np.tile(rng.permutation(n), _PASSES):
        if np.abs(apart).max() <= _NEAR:
            break
        options = apart - shares[stretch, pick[stretch]] + shares[stretch]
        pick[stretch] = np.abs(options).max(axis=1).argmin()
        apart = options[pick[stretch]]
    rows: Ints = np.arange(n) * k + pick
    return rows


def _stretches(half: Population, wanted: int, env: EnvSettings) -> Population:
    """Take some customers of each stretch, in the order of stakes."""
    return half.spread(wanted * max(1, min(_CANDIDATES, len(half) // wanted)), env)


def _spends(population: Population, env: EnvSettings) -> Floats:
    """Give what the exact policy spends on each customer, (n, prices), minor units."""
    dynamics = Dynamics.of(population, env)
    return np.stack([best_plans(dynamics, price).spend for price in BALANCED_AT], axis=1)

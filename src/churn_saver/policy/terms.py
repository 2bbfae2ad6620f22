"""What the scalar and the array environment share: what is shown, what is paid, what an action may be.

`env` documents actions, inputs, reward and costs. Knows nothing of episodes ending or of how
Gymnasium lays out its answers.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from churn_saver.domain.action import N_OFFERS
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.errors import InputError
from churn_saver.policy.dynamics import N_DELAYS, Dynamics
from churn_saver.policy.portfolio import Churn, Portfolio, Reward, Step
from churn_saver.policy.state import FULL, NINE, Floats, Ints

Observation = Literal["full", "nine"]
HEADS = {"contact": 2, "offer": N_OFFERS, "delay": N_DELAYS}
"""Parts of an action, and how many values each has."""

Columns = dict[str, NDArray[np.bool_] | Floats]
Info = dict[str, object]


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a campaign is shown and paid to a learner."""

    observation: Observation = "full"
    churn: Churn = "sampled"
    reward: Reward = "money"
    price: float | None = None
    """λ ≥ 0: the reward is lowered by λ · spend; None: spend stays apart from it."""

    def __post_init__(self) -> None:
        """Refuse what is not one of the choices."""
        chosen = {"observation": Observation, "churn": Churn, "reward": Reward}
        for name, kind in chosen.items():
            if getattr(self, name) not in get_args(kind):
                wanted = " or ".join(map(repr, get_args(kind)))
                raise InputError(f"{name} of the environment is {getattr(self, name)!r}, wanted {wanted}")
        if self.price is not None and not 0.0 <= self.price < np.inf:
            raise InputError(f"price of the environment is {self.price}, wanted λ ≥ 0, or None")

    @property
    def width(self) -> int:
        """Count the inputs."""
        return len(FULL if self.observation == "full" else NINE)

    def portfolio(self, dynamics: Dynamics, n: int, first_slot: int) -> Portfolio:
        """Make the slots; they want a `restart` with the caller's seed."""
        if first_slot < 0:
            raise InputError(f"slot of the environment is {first_slot}, wanted 0 or more")
        return Portfolio(dynamics, n, 0, churn=self.churn, reward=self.reward, first_slot=first_slot)

    def rewards(self, step: Step) -> Floats:
        """Give what the learner is paid, currency units, (n,)."""
        return (step.reward - (self.price or 0.0) * step.spend) / MINOR_PER_UNIT


def observation_space(dynamics: Dynamics, terms: Terms) -> "spaces.Box[np.float32]":
    """Bound what can be seen in a campaign.

    An input that cannot vary in it gets a width of 1 all the same: Gymnasium warns of boxes without.
    """
    low = np.zeros(len(FULL))
    high = np.ones(len(FULL))
    limits = {
        "days_since_contact": dynamics.cooldown_days,
        "fatigue_count": dynamics.max_fatigue,
        "value": dynamics.bill_minor.max() / MINOR_PER_UNIT,
        "protection_left": dynamics.max_protection,
        "day_in_period": dynamics.period_days - 1,
        "risk_shift": dynamics.shifts.max(),
    }
    for name, limit in limits.items():
        high[FULL.index(name)] = limit
    low[FULL.index("risk_shift")] = dynamics.shifts.min()
    high = np.maximum(high, low + 1.0)
    return spaces.Box(low[: terms.width].astype(np.float32), high[: terms.width].astype(np.float32))


def begin_episodes(
    portfolio: Portfolio,
    seed: int | None,
    options: dict[str, object] | None,
    rng: np.random.Generator | None,
) -> None:
    """Begin in every slot: the first episode of the seed, else of one drawn, else the next episode.

    Args:
        portfolio: The slots.
        seed: As the caller of `reset` gave it.
        options: As the caller of `reset` gave them.
        rng: Draws a seed where none is given; None: the slots have begun before.

    Raises:
        InputError: an option is given; there are none.
    """
    if options:
        raise InputError(f"reset was given options {sorted(options)}, wanted none: the environment has none")
    if seed is None and rng is None:
        portfolio.renew(np.arange(len(portfolio)))
    else:
        drawn = rng.integers(2**63) if seed is None and rng is not None else seed
        portfolio.restart(int(drawn or 0))


def split_actions(actions: NDArray[np.generic], n: int) -> tuple[Ints, Ints, Ints]:
    """Check n actions and give contacts, offers and delays. Shapes: (n, 3) → three times (n,).

    Raises:
        InputError: another shape, no whole numbers, or a value out of range; names slot and part.
    """
    if actions.shape != (n, len(HEADS)) or actions.dtype.kind not in "iub":
        raise InputError(
            f"actions have shape {actions.shape} and type {actions.dtype}, wanted {(n, len(HEADS))} whole "
            f"numbers: {', '.join(HEADS)}"
        )
    columns = np.ascontiguousarray(actions.T, dtype=np.int64)
    for (name, size), column in zip(HEADS.items(), columns, strict=True):
        if column.min() < 0 or column.max() >= size:
            slot = int(np.flatnonzero((column < 0) | (column >= size))[0])
            raise InputError(f"{name} is {column[slot]} in slot {slot}, wanted 0 to {size - 1}")
    return columns[0], columns[1], columns[2]


def brought(step: Step) -> Columns:
    """Give what a step adds to `info`, each (n,)."""
    return {
        "spend": step.spend / MINOR_PER_UNIT,
        "over_cap": step.over_cap,
        "contacted": step.contacted,
        "discount": step.discount,
    }


def looks(portfolio: Portfolio) -> Columns:
    """Give what `info` says of the state that slots are in, (n,) and (n, 4)."""
    contact, offers = portfolio.open_choices()
    return {"allowed_contact": contact, "allowed_offers": offers}

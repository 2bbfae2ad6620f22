"""The simulator: many customers at once, each with draws of its own.

Because a draw belongs to its customer, episode and day, both potential outcomes of a contact can be
looked at, and a portfolio of one is a slot of a larger one. Knows nothing of policies.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.errors import InputError
from churn_saver.policy.dynamics import Dynamics, never_contacted
from churn_saver.policy.observing import write_observations
from churn_saver.policy.simulating import Numbers, Slots, act, begin
from churn_saver.policy.state import FULL, Floats, Ints, Matrix

Churn = Literal["sampled", "expected"]
"""Leaving as an event, or as a weight: survival then is the discount of the transition, and a step's
money is an expectation. Same optimum, far less noise."""
Reward = Literal["money", "gain"]
"""Currency as it comes in, or its expectation over that of never contacting again: the advantage of the
step under 'never'. The two differ by a potential (the value of never contacting), so the best policy is
the same. Source: Ng, Harada & Russell, Policy invariance under reward transformations, ICML 1999."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of n customers brought; money in minor units."""

    reward: Floats
    """(n,)."""
    spend: Floats
    """Contact and accepted offer, (n,)."""
    over_cap: Floats
    """Contacts above the cap, (n,)."""
    contacted: NDArray[np.bool_]
    """A contact was sent, (n,)."""
    discount: Floats
    """Chance to survive to the next decision, (n,); 0 where the episode ended."""
    ended: NDArray[np.bool_]
    """The horizon was reached or, with sampled churn, the customer left, (n,)."""
    episode_reward: Floats
    """Reward of the whole episode where it ended, (n,)."""
    episode_spend: Floats
    """Spend of the whole episode where it ended, (n,)."""
    episode_over_cap: Floats
    """Contacts above the cap in the whole episode where it ended, (n,)."""


class Portfolio:
    """n slots of simulated customers that act together; the arrays of `slots` change in place."""

    def __init__(
        self,
        dynamics: Dynamics,
        n: int,
        seed: int,
        *,
        churn: Churn = "expected",
        reward: Reward = "money",
        prices: tuple[float, float] = (0.0, 0.0),
        first_slot: int = 0,
    ) -> None:
        """Make the slots and start an episode in each.

        Args:
            dynamics: The campaign.
            n: Slots.
            seed: Same seed, same draws.
            churn: Event or weight.
            reward: Money, or gain over never contacting.
            prices: Least and largest λ, drawn evenly in log(1 + λ) for each episode; equal: that λ.
            first_slot: Number of the first slot: a portfolio of one is that slot of a larger one.

        Raises:
            InputError: no slots, prices that are no range, or a seed that is no number of 64 bits.
        """
        low, high = prices
        if n < 1 or not 0.0 <= low <= high < np.inf:
            raise InputError(
                f"a portfolio of {n} slots at prices {prices}, wanted 1 or more and 0 <= low <= high"
            )
        self.dynamics = dynamics
        self.slots = Slots.empty(n)
        self._numbers = np.arange(first_slot, first_slot + n)
        self._sampled = churn == "sampled"
        self._prices = prices
        self._world = Numbers.of(dynamics)
        self._bill = dynamics.bill_minor / MINOR_PER_UNIT
        # Values of never contacting again, read only where the reward is a gain.
        self._never = (
            never_contacted(dynamics).astype(np.float32)
            if reward == "gain"
            else np.zeros((0, 0, 0, 0), dtype=np.float32)
        )
        self.restart(seed)

    def __len__(self) -> int:
        """Count the slots."""
        return len(self._numbers)

    def restart(self, seed: int) -> None:
        """Start over in every slot, as a portfolio made with this seed does.

        Raises:
            InputError: no number of 64 bits.
        """
        if not 0 <= seed < 2**64:
            raise InputError(f"the seed of a portfolio is {seed}, wanted 0 to 2^64 − 1")
        self._seed = np.uint64(seed)
        self.slots.episode[:] = 0
        self._begin(np.arange(len(self)))

    def renew(self, rows: Ints) -> None:
        """Leave the episodes of the slots at `rows`, over or not, and start the next ones there."""
        if len(rows):
            self.slots.episode[rows] += 1
            self._begin(rows)

    def observe(self) -> Matrix:
        """Show every slot to a policy. Shapes: → (n, 14), columns as `state.FULL`."""
        d, s = self.dynamics, self.slots
        out = np.empty((len(self), len(FULL)), dtype=np.float32)
        write_observations(
            s.customer, s.day, s.level, s.protection, s.wait, s.fatigue, s.units,
            d.survival, d.accept, self._bill, d.shifts,
            d.horizon_days, d.period_days, d.cooldown_days, d.allowance_units, out,
        )  # fmt: skip
        return out

    def open_choices(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Say which contacts and which offers the caps leave open. Shapes: → (n,), (n, 4)."""
        d, s = self.dynamics, self.slots
        return (s.wait == 0) & (s.fatigue < d.contact_cap), d.offer_units[None, :] <= s.units[:, None]

    def step(self, contact: Ints, offer: Ints, delay: Ints, *, renews: bool = True) -> Step:
        """Act in every slot, and start the next episode where one ended.

        Without `renews` an episode that ended can still be looked at; call `renew` for it after that.

        A contact in the cooldown, or with an offer that the customer's allowance does not cover, is not
        sent. One above the cap is sent and counted.

        Shapes: each (n,): 0 or 1, 0..3, 0..7.
        """
        n = len(self)
        money = np.zeros((7, n))
        contacted, ended = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
        act(
            contact, offer, delay, self.slots, self._world, self._sampled, self._never, money,
            contacted, ended,
        )  # fmt: skip
        if renews:
            self.renew(np.flatnonzero(ended))
        return Step(money[0], money[1], money[2], contacted, money[3], ended, money[4], money[5], money[6])

    def _begin(self, rows: Ints) -> None:
        d, (low, high) = self.dynamics, self._prices
        begin(
            rows,
            self._numbers,
            self._seed,
            d.start[None],
            len(d),
            d.allowance_units,
            low,
            high,
            self.slots,
        )

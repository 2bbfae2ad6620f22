"""The exact single-price policy: in every state the best answer at a price, looked up in a table.

The rung 'exact' of the ladder. The recursion writes one number per customer and state, so the table
grows with the customers; a large portfolio is answered a chunk of customers at a time. Knows nothing
of budgets: the price has been found by whoever asks.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import InputError
from churn_saver.policy.dynamics import N_DELAYS, Dynamics, Ints
from churn_saver.policy.optimum.blocks import LANES, Answers, solve_blocks
from churn_saver.policy.optimum.pricing import model_of
from churn_saver.policy.state import Decisions, States

MOST_BYTES = 2**31
"""Largest table made: some 4,500 customers under the shipped settings."""
CHUNK = 256
"""Customers whose table is held at a time where states of many are asked for."""
_BYTE = (1 << N_DELAYS) - 1
_LOWEST = np.array([(bits & -bits).bit_length() - 1 for bits in range(1 << N_DELAYS)])
"""Place of the lowest bit that is set."""


@dataclass(frozen=True, slots=True)
class ExactPolicy:
    """What the best plan at a price does in any state that its customers can be in; a `state.Policy`."""

    answers: Answers
    """As `solve_blocks` writes them; 0: nobody can be there."""
    n_customers: int

    @classmethod
    def of(cls, dynamics: Dynamics, price: float, over_cap_price: float | None = None) -> "ExactPolicy":
        """Make the table of all customers.

        Args:
            dynamics: The campaign.
            price: λ, reward that one minor unit of spend must bring beyond itself.
            over_cap_price: μ, reward that one contact above the cap must bring; None: the cap is a mask.

        Raises:
            InputError: as in `best_plans`, or the table would be larger than `MOST_BYTES`.
        """
        model = model_of(dynamics, price, over_cap_price, n_channels=1)
        n_blocks, n_levels, width = model.survival.shape
        shape = (n_blocks, dynamics.horizon_days, *model.reach.shape[2:], n_levels, width)
        size = int(np.prod(shape)) * np.dtype(np.uint16).itemsize
        if size > MOST_BYTES:
            raise InputError(
                f"the exact policy of {len(dynamics)} customers is a table of {size:,} bytes, wanted at most "
                f"{MOST_BYTES:,}: take a panel with Population.spread, or use greedy_actions"
            )
        answers = np.zeros(shape, dtype=np.uint16)
        solve_blocks(model, answers)
        return cls(answers, len(dynamics))

    def __call__(self, states: States) -> Decisions:
        """Answer in each state; in the cooldown idle, with the best delay that does not end inside it.

        Raises:
            InputError: a state that no policy can bring its customer to.
        """
        contact, offer, delay = self.look_up(states)
        return Decisions.sure(contact, offer, delay)

    def look_up(self, states: States) -> tuple[NDArray[np.bool_], Ints, Ints]:
        """Give contact, offer (0 without contact) and delay of each state, (m,) each."""
        block, lane = np.divmod(states.customer, LANES)
        place = (
            block, states.day, states.fatigue, states.units, states.level, states.protection * LANES + lane
        )  # fmt: skip
        inside = (states.customer >= 0) & (states.customer < self.n_customers)
        for index, size in zip(place, self.answers.shape, strict=True):
            inside &= (index >= 0) & (index < size)
        bits = self.answers[tuple(np.where(inside, index, 0) for index in place)].astype(np.int64)
        lost = np.flatnonzero(~inside | (bits == 0))
        if len(lost):
            names = ("customer", "day", "level", "protection", "wait", "fatigue", "units")
            at = ", ".join(f"{name} {getattr(states, name)[lost[0]]}" for name in names)
            raise InputError(
                f"no policy brings a customer of this campaign to state {lost[0]} ({at}; {len(lost)} such "
                "states): ask with the Dynamics that the policy was made for"
            )
        contact = (states.wait == 0) & (bits > _BYTE)
        offer, delay = np.divmod(np.where(contact, (bits >> N_DELAYS) - 1, 0), N_DELAYS)
        least = np.maximum(states.wait - 1, 0)
        idle = least + _LOWEST[(bits & _BYTE) >> least]
        return contact, offer, np.where(contact, delay, idle)


def greedy_actions(dynamics: Dynamics, price: float, states: States) -> Decisions:
    """Answer in states of any number of customers, with the caps as a mask, in bounded memory.

    Raises:
        InputError: as in `ExactPolicy`.
    """
    m = len(states)
    contact, offer, delay = (
        np.zeros(m, dtype=np.bool_),
        np.zeros(m, dtype=np.int64),
        np.zeros(m, dtype=np.int64),
    )
    for first in range(0, len(dynamics), CHUNK):
        rows = np.flatnonzero((states.customer >= first) & (states.customer < first + CHUNK))
        if len(rows):
            some = States(
                states.customer[rows] - first, states.day[rows], states.level[rows], states.protection[rows],
                states.wait[rows], states.fatigue[rows], states.units[rows],
            )  # fmt: skip
            policy = ExactPolicy.of(_part(dynamics, slice(first, first + CHUNK)), price)
            contact[rows], offer[rows], delay[rows] = policy.look_up(some)
    return Decisions.sure(contact, offer, delay)


def _part(dynamics: Dynamics, rows: slice) -> Dynamics:
    return replace(
        dynamics,
        survival=dynamics.survival[:, rows],
        bill_minor=dynamics.bill_minor[rows],
        daily_margin_minor=dynamics.daily_margin_minor[rows],
        terminal_minor=dynamics.terminal_minor[rows],
        accept=dynamics.accept[rows],
        offer_cost_minor=dynamics.offer_cost_minor[rows],
    )

"""Carry the distribution over the states of customers from one day of decisions to the next ones.

The probabilities lie in dense arrays, one for each day on which somebody may still arrive, and only
rows that were written to are looked at again. Knows nothing of policies, only of what they answered.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import N_OFFERS
from churn_saver.policy.compiled import compiled
from churn_saver.policy.dynamics import N_DELAYS, Dynamics, Floats, Ints
from churn_saver.policy.passage import Passage
from churn_saver.policy.state import Decisions, States

REWARD, SPEND, OVER_CAP, CONTACTS, DECISIONS, SURVIVAL, DROPPED = range(7)
"""Columns of what is counted for each customer."""
N_COUNTED = 7
_DAYS = 1 + N_DELAYS
"""Days held at once: the one decided on and those that a delay can reach."""

Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ring:
    """Distributions of a chunk of customers on nine days, day t in place t mod 9."""

    mass: Floats
    """Probability of being there, (9, customers, units, fatigue, wait, protection, level)."""
    written: Marks
    """Rows that may hold anything but 0, (9, customers, units, fatigue, wait)."""

    @classmethod
    def sized(cls, dynamics: Dynamics, most_bytes: int) -> "Ring":
        """Make room for as many customers as the memory lets, but at least one."""
        row = (dynamics.allowance_units + 1, dynamics.max_fatigue + 1, dynamics.cooldown_days + 1)
        cell = (dynamics.max_protection + 1, dynamics.n_levels)
        each = _DAYS * int(np.prod(row + cell)) * np.dtype(np.float64).itemsize
        customers = max(1, min(len(dynamics), most_bytes // each))
        return cls(np.zeros((_DAYS, customers, *row, *cell)), np.zeros((_DAYS, customers, *row), dtype=bool))

    def __len__(self) -> int:
        """Count the customers that it has room for."""
        return int(self.mass.shape[1])

    def begin(self, customers: int, start: Floats) -> None:
        """Put the first so many customers at day 0: nothing done yet, the whole allowance left."""
        self.mass[0, :customers, -1, 0, 0, 0] = start
        self.written[0, :customers, -1, 0, 0] = True

    def take(self, day: int, first: int) -> tuple[States, Floats]:
        """Take out who decides on a day and leave nothing there.

        Args:
            day: Of the decisions.
            first: Row in the population of the first customer.

        Returns:
            The states and their probabilities, (m,), in order of the customers.
        """
        place = day % _DAYS
        m = _count(self.mass[place], self.written[place])
        cells, mass = np.empty((6, m), dtype=np.int64), np.empty(m)
        _take(self.mass[place], self.written[place], cells, mass)
        customer, units, fatigue, wait, protection, level = cells
        days = np.full(m, day)
        return States(customer + first, days, level, protection, wait, fatigue, units), mass

    def spread(
        self, dynamics: Dynamics, passage: Passage, first: int, states: States, mass: Floats,
        decisions: Decisions, counted: Floats,
    ) -> None:  # fmt: skip
        """Count what the decisions do in states of one day and carry on who survives.

        Args:
            dynamics: The campaign.
            passage: Its steps between decisions.
            first: Row in the population of the first customer.
            states: Of one day.
            mass: Their probabilities, (m,).
            decisions: Checked: nothing closed has any probability.
            counted: Added to, (n, 7).
        """
        _spread(
            states.customer, states.day, states.level, states.protection, states.wait, states.fatigue,
            states.units, mass, decisions.contact, decisions.offer, decisions.delay,
            first, _Numbers.of(dynamics, passage), self.mass, self.written, counted,
        )  # fmt: skip


class _Numbers(NamedTuple):
    """What the loops read of `Dynamics` and `Passage`, in a form that can be compiled."""

    arrive: Floats
    earned: Floats
    accept: Floats
    offer_cost_minor: Floats
    terminal_minor: Floats
    rested: Floats
    stays: Floats
    protected_days: Ints
    offer_units: Ints
    contact_cost_minor: float
    decision_cost_minor: float
    horizon_days: int
    period_days: int
    cooldown_days: int
    contact_cap: int

    @classmethod
    def of(cls, dynamics: Dynamics, passage: Passage) -> "_Numbers":
        """Take the fields of the same names."""
        return cls(passage.arrive, passage.earned, *(getattr(dynamics, name) for name in cls._fields[2:]))


@compiled
def _count(mass: Floats, written: Marks) -> int:
    customers, units, fatigue, wait, protection, levels = mass.shape
    found = 0
    for c in range(customers):
        for u in range(units):
            for f in range(fatigue):
                for w in range(wait):
                    if written[c, u, f, w]:
                        for p in range(protection):
                            for s in range(levels):
                                if mass[c, u, f, w, p, s] > 0.0:
                                    found += 1
    return found


@compiled
def _take(mass: Floats, written: Marks, cells: Ints, out: Floats) -> None:
    customers, units, fatigue, wait, protection, levels = mass.shape
    i = 0
    for c in range(customers):
        for u in range(units):
            for f in range(fatigue):
                for w in range(wait):
                    if written[c, u, f, w]:
                        written[c, u, f, w] = False
                        for p in range(protection):
                            for s in range(levels):
                                if mass[c, u, f, w, p, s] > 0.0:
                                    out[i] = mass[c, u, f, w, p, s]
                                    mass[c, u, f, w, p, s] = 0.0
                                    cells[0, i], cells[1, i], cells[2, i] = c, u, f
                                    cells[3, i], cells[4, i], cells[5, i] = w, p, s
                                    i += 1


@compiled
def _spread(
    customer: Ints, day: Ints, level: Ints, protection: Ints, wait: Ints, fatigue: Ints, units: Ints,
    mass: Floats, contact: Floats, offer: Floats, delay: Floats,
    first: int, n: _Numbers, ring: Floats, written: Marks, counted: Floats,
) -> None:  # fmt: skip
    """Count and carry on m states; see `Ring.spread`."""
    for i in range(len(mass)):
        c, t, s, p, f, u = customer[i], day[i], level[i], protection[i], fatigue[i], units[i]
        counted[c, DECISIONS] += mass[i]
        counted[c, REWARD] -= mass[i] * n.decision_cost_minor
        left = mass[i] * (1.0 - contact[i])
        _pass(left, t, s, p, wait[i], f, u, delay[i], c, first, n, ring, written, counted)
        contacted = mass[i] * contact[i]
        if contacted <= 0.0:
            continue
        counted[c, CONTACTS] += contacted
        counted[c, SPEND] += contacted * n.contact_cost_minor
        counted[c, REWARD] -= contacted * n.contact_cost_minor
        if f >= n.contact_cap:
            counted[c, OVER_CAP] += contacted
        refused, w = 0.0, n.cooldown_days
        for k in range(N_OFFERS):
            made = contacted * n.stays[f] * offer[i, k]
            accepted = made * n.accept[c, k] * n.rested[f]
            refused += made - accepted
            counted[c, SPEND] += accepted * n.offer_cost_minor[c, k]
            counted[c, REWARD] -= accepted * n.offer_cost_minor[c, k]
            inside, rest = max(p, n.protected_days[k]), u - n.offer_units[k]
            _pass(accepted, t, s, inside, w, f + 1, rest, delay[i], c, first, n, ring, written, counted)
        _pass(refused, t, s, p, w, f + 1, u, delay[i], c, first, n, ring, written, counted)


@compiled
def _pass(
    mass: float, day: int, level: int, protection: int, wait: int, fatigue: int, units: int, delay: Floats,
    customer: int, first: int, n: _Numbers, ring: Floats, written: Marks, counted: Floats,
) -> None:  # fmt: skip
    """Let probability `mass` of one customer pass the days to its next decision, or to the end."""
    if mass <= 0.0:
        return
    inside = min(protection, N_DELAYS)
    for d in range(N_DELAYS):
        part = mass * delay[d]
        if part <= 0.0:
            continue
        days = min(1 + d, n.horizon_days - day)
        next_day = day + days
        counted[customer, REWARD] += part * n.earned[customer, inside, days - 1, level]
        reach = n.arrive[customer, inside, days - 1, level]
        if next_day == n.horizon_days:
            there = part * reach.sum()
            counted[customer, SURVIVAL] += there
            counted[customer, REWARD] += there * n.terminal_minor[customer]
            continue
        f = fatigue if next_day // n.period_days == day // n.period_days else 0
        row = (next_day % _DAYS, customer - first, units, f, max(wait - days, 0))
        written[row] = True
        to = ring[row][max(protection - days, 0)]
        for s in range(len(reach)):
            to[s] += part * reach[s]

"""Every state that a decision can lead to, with its chance: the model is known, so nothing need be drawn.

With them a temporal difference is taken in expectation over what may happen next, instead of over
the one thing that did: same mean, a fraction of the noise. Knows nothing of values.
Source: van Seijen et al., A Theoretical and Empirical Analysis of Expected Sarsa, ADPRL 2009, for the
idea of replacing a drawn successor by its expectation.
"""

from dataclasses import dataclass

import numpy as np

from churn_saver.policy.compiled import compiled
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.passage import Passage
from churn_saver.policy.simulating import Numbers, Slots
from churn_saver.policy.state import Floats, Ints, States

_COLUMNS = 8
"""Slot, then the columns of `States`."""


@dataclass(frozen=True, slots=True)
class Successors:
    """m states that n decisions may lead to."""

    slot: Ints
    """Slot that may come there, (m,)."""
    chance: Floats
    """Of coming there alive, (m,)."""
    states: States


class Outlook:
    """Looks ahead from the slots of a portfolio; made once for a campaign."""

    def __init__(self, dynamics: Dynamics) -> None:
        """Work out the passages between decisions, (n, 9, 8, L, L)."""
        self._numbers = Numbers.of(dynamics)
        self._arrive = Passage.of(dynamics).arrive

    def after(self, slots: Slots, contact: Ints, offer: Ints, delay: Ints) -> Successors:
        """Give where the decisions may lead before the horizon; at the horizon nothing follows.

        Only decisions that are open: a contact that the simulator would not send is no contact here.

        Shapes: decisions (n,) each.
        """
        most = 2 * len(contact) * self._arrive.shape[-1]
        rows, chance = np.empty((_COLUMNS, most), dtype=np.int64), np.empty(most)
        found = _look_ahead(contact, offer, delay, slots, self._numbers, self._arrive, rows, chance)
        return Successors(rows[0, :found], chance[:found], States(*rows[1:, :found]))


@compiled
def _look_ahead(
    contact: Ints, offer: Ints, delay: Ints, s: Slots, d: Numbers, arrive: Floats, rows: Ints, chance: Floats
) -> int:
    """Fill `rows`, (8, m), and `chance`, (m,); → how many."""
    found, n_levels, longest = 0, arrive.shape[-1], arrive.shape[1] - 1
    for i in range(len(contact)):
        days = min(1 + delay[i], d.horizon_days - s.day[i])
        day = s.day[i] + days
        if day == d.horizon_days:
            continue
        c, k, f = s.customer[i], offer[i], s.fatigue[i]
        sent = contact[i] == 1 and s.wait[i] == 0 and d.offer_units[k] <= s.units[i]
        accepts = d.accept[c, k] * d.rested[f] if sent else 0.0
        for accepted in range(2 if sent else 1):
            protection, units, weight = s.protection[i], s.units[i], 1.0
            if sent:
                weight = d.stays[f] * (accepts if accepted == 1 else 1.0 - accepts)
            if accepted == 1:
                protection, units = max(protection, d.protected_days[k]), units - d.offer_units[k]
            inside = min(protection, longest)
            for level in range(n_levels):
                there = weight * arrive[c, inside, days - 1, s.level[i], level]
                if there > 0.0:
                    rows[0, found], rows[1, found], rows[2, found], rows[3, found] = i, c, day, level
                    rows[4, found] = max(protection - days, 0)
                    rows[5, found] = max((d.cooldown_days if sent else s.wait[i]) - days, 0)
                    crossed = day // d.period_days > s.day[i] // d.period_days
                    rows[6, found] = 0 if crossed else f + (1 if sent else 0)
                    rows[7, found] = units
                    chance[found] = there
                    found += 1
    return found

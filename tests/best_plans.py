"""The best a customer can do, by plain recursion over every state and every action, for small campaigns."""

from collections.abc import Iterator
from typing import Any

from churn_saver.policy.dynamics import N_DELAYS, Dynamics
from tests.tiny_campaigns import tiny

State = tuple[int, int, int, int, int, int]
"""Day, level, protection, wait, fatigue, units."""
Choice = tuple[int | None, int]
"""Offer, None without contact, and delay."""


def lively(seed: int = 0, **changes: Any) -> Dynamics:
    """Give a tiny campaign in which most customers are worth a contact, some more than one in a period."""
    return tiny(seed, **{"annoyance": 0.001, "terminal_months": 6.0, **changes})


class Recursion:
    """Bellman's equation for one customer at prices, word for word; it shares nothing but the numbers.

    Looks inside the cooldown are tried too: the compiled recursion leaves them out.
    """

    def __init__(
        self, dynamics: Dynamics, customer: int, price: float, over_cap_price: float | None = None
    ) -> None:
        """Take one customer of a campaign; without a price above the cap the cap is a mask."""
        self.d, self.c, self.price, self.over_price = dynamics, customer, price, over_cap_price
        self.known: dict[object, float] = {}

    def value(self) -> float:
        """Give the most that can be had from the start."""
        d = self.d
        return float(
            sum(d.start[s] * self.decide((0, s, 0, 0, 0, d.allowance_units)) for s in range(d.n_levels))
        )

    def decide(self, state: State) -> float:
        """Give the most that can be had from a decision on."""
        if state not in self.known:
            self.known[state] = max(self.worth(state, choice) for choice in self.choices(state))
        return self.known[state]

    def choices(self, state: State) -> Iterator[Choice]:
        """Give what is open."""
        _, _, _, wait, fatigue, units = state
        most = self.d.contact_cap if self.over_price is None else self.d.max_fatigue
        for delay in range(N_DELAYS):
            yield None, delay
            if wait == 0 and fatigue < most:
                for k in range(4):
                    if self.d.offer_units[k] <= units:
                        yield k, delay

    def worth(self, state: State, choice: Choice) -> float:
        """Give what one choice is worth, the best afterwards."""
        d, c, (k, delay) = self.d, self.c, choice
        day, level, protection, _, fatigue, units = state
        if k is None:
            return self.live(1 + delay, state) - d.decision_cost_minor
        accepted = d.accept[c, k] * d.rested[fatigue]
        shielded = max(protection, int(d.protected_days[k]))
        taken = self.live(
            1 + delay, (day, level, shielded, d.cooldown_days, fatigue + 1, units - int(d.offer_units[k]))
        )
        refused = self.live(1 + delay, (day, level, protection, d.cooldown_days, fatigue + 1, units))
        paid = (1.0 + self.price) * d.offer_cost_minor[c, k]
        kept = d.stays[fatigue] * (accepted * (taken - paid) + (1.0 - accepted) * refused)
        over = (self.over_price or 0.0) if fatigue >= d.contact_cap else 0.0
        return float(kept - (1.0 + self.price) * d.contact_cost_minor - over - d.decision_cost_minor)

    def live(self, days: int, state: State) -> float:
        """Give what is to be had when nothing is decided for so many days."""
        d, c = self.d, self.c
        day, level, protection, wait, fatigue, units = state
        if day == d.horizon_days:
            return float(d.terminal_minor[c])
        if days == 0:
            return self.decide(state)
        if (days, state) not in self.known:
            fatigue = 0 if (day + 1) % d.period_days == 0 else fatigue
            ahead = sum(
                d.transitions[level, to]
                * self.live(days - 1, (day + 1, to, max(protection - 1, 0), max(wait - 1, 0), fatigue, units))
                for to in range(d.n_levels)
            )
            survives = d.survival[int(protection > 0), c, level]
            self.known[days, state] = float(survives * (d.daily_margin_minor[c] + ahead))
        return self.known[days, state]

"""The campaign as numbers: how customers move, what is earned and what is paid, day by day.

Simulator, optimum and evaluation read the same arrays, so they cannot disagree about the model. The
convention of a day is `reward`'s: a contact comes first, then the customer survives the day or not,
a survivor earns margin / 30, then the level moves. After the last day a survivor is worth
`terminal_months` margins.

A customer's state is (day, level, protection, wait, fatigue, units):

    day         0..H, days since the start of the campaign
    level       0..L−1, in rising order of shift
    protection  0..30, protected days left; an accepted offer sets it to the larger of old and new
    wait        0..cooldown, days until the next contact is open
    fatigue     0..cap (or more where the cap is a constraint), contacts in the fixed 30-day period
    units       0..allowance, units of 5 % of a bill left to this customer

Knows nothing of policies. Source: ops/configs/env.yaml, which are assumptions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.config import EnvSettings
from churn_saver.domain.action import OFFER_PERCENTS, OFFER_UNITS
from churn_saver.domain.campaign import PERIOD_DAYS
from churn_saver.domain.money import MINOR_PER_UNIT, discount_minor
from churn_saver.policy.levels import RISK_DAYS, RiskLevels
from churn_saver.policy.population import Population

MAX_DELAY_DAYS = 7
N_DELAYS = 1 + MAX_DELAY_DAYS
"""A delay d = 0..7: decide again after 1 + d days."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Dynamics:
    """All numbers of one campaign over one population; money in minor units."""

    horizon_days: int
    period_days: int
    cooldown_days: int
    contact_cap: int
    """Contacts per period that are open to a policy whose cap is a mask."""
    max_fatigue: int
    """Most contacts that the cooldown lets into one period: the size of the fatigue axis, less 1."""
    allowance_units: int
    transitions: Floats
    """Daily probabilities from level (row) to level, (L, L)."""
    start: Floats
    """Distribution of the level on day 0, (L,)."""
    shifts: Floats
    """Logit shift of each level, (L,)."""
    survival: Floats
    """Chance to survive a day, by protected (0, 1), customer and level, (2, n, L)."""
    bill_minor: Floats
    """Monthly bill, (n,)."""
    daily_margin_minor: Floats
    """Earned by a survivor of a day, (n,)."""
    terminal_minor: Floats
    """Worth of a survivor of the last day, (n,)."""
    accept: Floats
    """Chance to accept each offer when rested, (n, 4)."""
    offer_cost_minor: Floats
    """Cost of each accepted offer, (n, 4)."""
    contact_cost_minor: float
    decision_cost_minor: float
    """A look at a customer; lowers the reward, takes nothing of the budget."""
    rested: Floats
    """Factor on acceptance by contacts already made in the period, (F + 1,)."""
    stays: Floats
    """Chance that a contact does not end it all, by contacts already made, (F + 1,)."""
    protected_days: Ints
    """Days that an accepted offer protects, (4,)."""
    offer_units: Ints
    """Units of the customer's allowance that an accepted offer takes, (4,)."""

    @classmethod
    def of(cls, population: Population, env: EnvSettings) -> "Dynamics":
        """Work out the numbers of a population under env.yaml."""
        levels = RiskLevels.of(env)
        hazards = levels.daily_hazards(population.usual_logit).T  # (n, L)
        margin: Floats = env.margin_share * population.bill_minor.astype(np.float64)
        # One contact on each of the days 0, cooldown, 2·cooldown, …; without cooldown one a day.
        max_fatigue = 1 + (PERIOD_DAYS - 1) // max(env.caps.cooldown_days, 1)
        contacts = np.arange(max_fatigue + 1)
        return cls(
            horizon_days=env.horizon_days,
            period_days=PERIOD_DAYS,
            cooldown_days=env.caps.cooldown_days,
            contact_cap=min(env.caps.per_period, max_fatigue),
            max_fatigue=max_fatigue,
            allowance_units=env.caps.allowance_units,
            transitions=np.array(levels.transitions),
            start=levels.stationary(),
            shifts=np.array(levels.shifts),
            survival=np.exp(-np.stack([hazards, env.hazard_factor * hazards])),
            bill_minor=population.bill_minor.astype(np.float64),
            daily_margin_minor=margin / RISK_DAYS,
            terminal_minor=env.terminal_months * margin,
            accept=np.ascontiguousarray(population.accept),
            offer_cost_minor=np.stack(
                [discount_minor(percent, population.bill_minor) for percent in OFFER_PERCENTS], axis=1
            ).astype(np.float64),
            contact_cost_minor=float(env.contact_cost_minor),
            decision_cost_minor=env.decision_cost * MINOR_PER_UNIT,
            rested=np.maximum(0.0, 1.0 - env.fatigue_effect * contacts),
            stays=1.0 - np.minimum(1.0, env.annoyance * (1.0 + contacts) ** 2),
            protected_days=np.array(env.protected_days, dtype=np.int64),
            offer_units=np.array(OFFER_UNITS, dtype=np.int64),
        )

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.daily_margin_minor)

    @property
    def n_levels(self) -> int:
        """Count the levels."""
        return len(self.start)

    @property
    def max_protection(self) -> int:
        """Most protected days that can be left."""
        return int(self.protected_days.max())


def never_contacted(dynamics: Dynamics) -> Floats:
    """Value of never contacting again from each state, without decision costs.

    It depends on customer, day, level and protection alone. Shapes: → (n, H + 1, P + 1, L), minor units.

        U_H = terminal;  U_t(p) = survival(p) · (margin / 30 + T · U_{t+1}(p − 1))
    """
    n, size = len(dynamics), dynamics.n_levels
    horizon, longest = dynamics.horizon_days, dynamics.max_protection
    values = np.empty((n, horizon + 1, longest + 1, size))
    values[:, horizon] = dynamics.terminal_minor[:, None, None]
    earned = dynamics.daily_margin_minor[:, None, None]
    for day in range(horizon - 1, -1, -1):
        ahead = values[:, day + 1] @ dynamics.transitions.T  # (n, P + 1, L)
        values[:, day, 0] = dynamics.survival[0] * (earned + ahead[:, :1])[:, 0]
        values[:, day, 1:] = dynamics.survival[1][:, None, :] * (earned + ahead[:, :-1])
    return values

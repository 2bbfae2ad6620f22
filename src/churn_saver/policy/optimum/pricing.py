"""Best plan of each customer at given prices: a backward dynamic programme, exact to rounding.

At a price λ of budget the customers decouple: each maximises its own reward − λ · spend (and, where
the cap is a constraint, − μ · contacts above it). The maximum is the customer's part of the
Lagrangian bound, and the maximising plan is the next column of the master programme.

Knows nothing of budgets and of other customers.
"""

from dataclasses import dataclass

import numpy as np

from churn_saver.errors import InputError
from churn_saver.policy.dynamics import N_DELAYS, Dynamics, Floats
from churn_saver.policy.optimum.blocks import GROUP, LANES, Answers, Model, solve_blocks
from churn_saver.policy.optimum.reach import reachable


@dataclass(frozen=True, slots=True)
class Plans:
    """The best plan of each customer at one price, in expectation over the campaign, minor units."""

    reward: Floats
    """Margins and terminal worth less spend and looks, (n,)."""
    spend: Floats
    """Contact costs and accepted offers, (n,)."""
    over_cap: Floats
    """Contacts above the cap, (n,); zeros where the cap is a mask."""


def best_plans(dynamics: Dynamics, price: float, over_cap_price: float | None = None) -> Plans:
    """Give each customer's best plan at the prices.

    Of plans that are worth the same it takes idle before contact, the cheaper offer, the longer delay.

    Args:
        dynamics: The campaign.
        price: λ, reward that one minor unit of spend must bring beyond itself.
        over_cap_price: μ, reward that one contact above the cap must bring; None: the cap is a mask.

    Raises:
        InputError: a price below 0 or not a number, or a cooldown beyond the longest delay.
    """
    n, n_channels = len(dynamics), 2 if over_cap_price is None else 3
    found = solve_blocks(model_of(dynamics, price, over_cap_price, n_channels), no_answers())
    value, spend, *over = found.reshape(n_channels, -1)[:, :n]
    over_cap = over[0] if over else np.zeros(n)
    return Plans(value + price * spend + (over_cap_price or 0.0) * over_cap, spend, over_cap)


def best_values(dynamics: Dynamics, price: float, over_cap_price: float | None = None) -> Floats:
    """Give each customer's largest reward − λ · spend − μ · contacts above the cap, (n,), minor units.

    Arguments and errors as in `best_plans`, in half its time.
    """
    found: Floats = solve_blocks(model_of(dynamics, price, over_cap_price, 1), no_answers())
    return found.ravel()[: len(dynamics)]


def model_of(dynamics: Dynamics, price: float, over_cap_price: float | None, n_channels: int) -> Model:
    """Check the prices and lay the campaign out for the recursion.

    After a contact only looks at the end of its cooldown or later are considered. An earlier look
    cannot act. Drop it and look when contact opens: whoever draws what it would have shown from what
    is known by then can go on as before at no more looks, and no draw beats the best sure answer.

    Raises:
        InputError: as in `best_plans`.
    """
    _check(dynamics, price, over_cap_price)
    n, n_levels = len(dynamics), dynamics.n_levels
    top = dynamics.contact_cap if over_cap_price is None else dynamics.max_fatigue
    transitions = np.zeros((n_levels, max(GROUP, n_levels)))
    transitions[:, :n_levels] = dynamics.transitions
    rows = np.minimum(np.arange(-(-n // LANES) * LANES), n - 1)  # the last block is filled up
    shielded = np.repeat(_lanes(dynamics.survival[1, rows])[:, :, None], 1 + dynamics.max_protection, axis=2)
    shielded[:, :, 0] = _lanes(dynamics.survival[0, rows])
    survival = shielded.reshape(*shielded.shape[:2], -1)
    margin = np.tile(_lanes(dynamics.daily_margin_minor[rows]), 1 + dynamics.max_protection)
    accepts = dynamics.rested[: top + 1, None] * dynamics.accept[rows][:, None]  # (rows, fatigue, 4)
    stays = dynamics.stays[: top + 1, None]
    spent = dynamics.contact_cost_minor + stays * accepts * dynamics.offer_cost_minor[rows][:, None]
    over = np.zeros_like(spent)
    over[:, dynamics.contact_cap :] = 1.0
    paid = np.stack([(1.0 + price) * spent + (over_cap_price or 0.0) * over, spent, over])[:n_channels]
    return Model(
        dynamics.horizon_days, dynamics.period_days, max(dynamics.cooldown_days, 1),
        dynamics.decision_cost_minor, reachable(dynamics, 1 + top), dynamics.protected_days,
        dynamics.offer_units, dynamics.start, transitions, survival,
        np.stack([survival * margin[:, None], np.zeros_like(survival)]),
        _lanes(dynamics.terminal_minor[rows]), _lanes(stays * accepts), _lanes(stays * (1.0 - accepts)),
        np.stack([_lanes(channel) for channel in paid]),
    )  # fmt: skip


def no_answers() -> Answers:
    """Ask `solve_blocks` for values alone."""
    return np.empty((0, 0, 0, 0, 0, 0), dtype=np.uint16)


def _lanes(column: Floats) -> Floats:
    """Put customers last, a block at a time: (n, …) → (blocks, …, lanes)."""
    return np.ascontiguousarray(np.moveaxis(column.reshape(-1, LANES, *column.shape[1:]), 1, -1))


def _check(dynamics: Dynamics, price: float, over_cap_price: float | None) -> None:
    for name, value in (("price", price), ("over_cap_price", over_cap_price or 0.0)):
        if not (np.isfinite(value) and value >= 0.0):
            raise InputError(f"{name} is {value}, wanted a finite number of 0 or more")
    if not 0 <= dynamics.cooldown_days <= N_DELAYS:
        raise InputError(
            f"cooldown_days is {dynamics.cooldown_days}, wanted at most {N_DELAYS}: no delay reaches its "
            "end; lower caps.cooldown_days in env.yaml"
        )

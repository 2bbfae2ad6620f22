"""Customers who were made up here: columns of one law, and logs whose effects are known."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.evidence.logged import Logged

Floats: TypeAlias = NDArray[np.float64]

ARMS = 5
"""No contact, and a contact with 0, 5, 10 and 15 % off."""
FEATURES = 5
_REACH = np.array([0.0, 0.02, 0.05, 0.08, 0.1])
"""Mean effect of each arm on retention where a contact does no harm."""
_ANNOYANCE = 0.06


@dataclass(frozen=True, slots=True)
class Known:
    """A log, and what nobody else knows of it."""

    log: Logged
    effect: Floats
    """Of each arm against no contact, (n, 5)."""
    mean: Floats
    """Chance to stay under each arm, (n, 5)."""
    propensity: Floats
    """Of every arm, (n, 5)."""


def retention_log(rows: int, rng: np.random.Generator, targeted: bool = False) -> Known:
    """Draw one decision for each customer.

    Chance to stay falls with feature 0. A contact helps the more feature 1 is above its middle, more with a
    larger offer, and a quarter of the customers, by feature 2, are driven away by any contact. Feature 3 says
    nothing; feature 4 is missing for every third customer and says nothing either.

    Args:
        rows: Customers.
        rng: Draws everything.
        targeted: Arms are drawn by feature 0, between 1/20 and 1/2 each; else all alike.
    """
    x = rng.random((rows, FEATURES))
    base = 0.75 - 0.35 * x[:, 0]
    effect = 2 * x[:, 1:2] * _REACH - _ANNOYANCE * (x[:, 2:3] < 0.25) * (_REACH > 0)
    mean = base[:, None] + effect
    propensity = np.full((rows, ARMS), 1 / ARMS)
    if targeted:
        odds = np.exp(1.5 * (x[:, :1] - 0.5) * np.arange(-2, 3))
        propensity = 0.05 + 0.75 * odds / odds.sum(axis=1, keepdims=True)
    arm = (rng.random((rows, 1)) > np.cumsum(propensity, axis=1)[:, :-1]).sum(axis=1)
    here = np.arange(rows)
    stays = (rng.random(rows) < mean[here, arm]).astype(np.float64)
    x[:, 4][::3] = np.nan
    log = Logged.checked(
        unit=here, arm=arm, propensity=propensity[here, arm], allowed=np.ones((rows, ARMS), dtype=np.bool_),
        reward=stays, features=x.astype(np.float32),
    )  # fmt: skip
    return Known(log, effect, mean, propensity)


def customer_columns(rows: int, rng: np.random.Generator) -> pl.DataFrame:
    """Draw columns that depend on each other, as those of customers do."""
    likes = rng.normal(0, 1, rows)
    bill = 50 + 20 * likes + rng.normal(0, 10, rows)
    tenure = rng.integers(0, 73, rows).astype(np.float64)
    return pl.DataFrame(
        {
            "bill": np.where(rng.random(rows) < 0.1, np.nan, bill),
            "tenure": tenure,
            "total": bill * tenure,
            "senior": (rng.random(rows) < 0.16).astype(np.int64),
            "plan": np.where(likes + rng.normal(0, 1, rows) > 0, "fiber", "dsl"),
            "city": [f"city {one}" for one in np.minimum(rng.geometric(0.05, rows), 60)],
            "partner": rng.random(rows) < 0.5,
            "churn_score": 1 / (1 + np.exp(-likes)),
        }
    )  # fmt: skip

"""The trained decision policy as it serves: NumPy alone, a few matrix products.

Two hidden layers of ReLU, then one logit for each answer: contact (no, yes), offer, delay. It acts
greedily: what is certified is what is served. Products are summed in 64 bits and logits rounded to 32,
so that a row gets the same answer alone and among a million, in whatever order a library sums. Knows
nothing of training, files or budgets.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import N_OFFERS
from churn_saver.domain.campaign import PERIOD_DAYS
from churn_saver.errors import InputError
from churn_saver.policy.dynamics import N_DELAYS
from churn_saver.policy.levels import MIN_RISK, RISK_DAYS
from churn_saver.policy.state import FULL, NINE, PRICE, Floats, Ints, Matrix

N_LOGITS = 2 + N_OFFERS + N_DELAYS
CONTACT, OFFER, DELAY = slice(0, 2), slice(2, 2 + N_OFFERS), slice(2 + N_OFFERS, N_LOGITS)
"""Where each head's logits stand."""
INPUTS: dict[str, tuple[str, ...]] = {"nine": NINE, "full": FULL, "full_price": (*FULL, PRICE)}
"""The observations that a policy can be made for, by name."""
_CHUNK_ROWS = 8_192

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scaling:
    """What turns an observation into numbers of about one."""

    bill: float
    """Mean bill of the customers that the policy learned from, currency units."""
    hazard_factor: float
    """As env.yaml: takes the protection out of the risk again."""
    cooldown_days: int
    """As env.yaml."""
    contact_cap: int
    """Contacts per fixed 30-day period, as env.yaml."""
    horizon_days: int
    """As env.yaml."""
    low_price: float = 0.0
    """Least λ that the policy has met; below it, and above the other, it answers as there."""
    high_price: float = 0.0


@dataclass(frozen=True, slots=True)
class PolicyNetwork:
    """Weights, and how to act on them."""

    observation: str
    """Name in `INPUTS`."""
    scaling: Scaling
    weights: Sequence[Floats]
    """One matrix a layer, (inputs, outputs)."""
    biases: Sequence[Floats]
    """One vector a layer, (outputs,)."""
    contact_bias: float = 0.0
    """Added to the logit of a contact: the scalar that is calibrated to a budget."""

    def __post_init__(self) -> None:
        """Refuse layers that do not fit together, what is no number, and a price without a range."""
        if self.observation not in INPUTS:
            raise InputError(f"observation is {self.observation!r}, wanted one of {', '.join(INPUTS)}")
        sizes = [w.shape for w in self.weights]
        chained = [n_features(self.observation), *(b.size for b in self.biases)]
        fits = sizes == list(pairwise(chained)) and all(b.ndim == 1 for b in self.biases)
        if not fits or chained[-1] != N_LOGITS:
            raise InputError(
                f"the policy's layers have shapes {sizes}, wanted a chain from {chained[0]} features to "
                f"{N_LOGITS} logits and a bias for each: this checkpoint is of another observation or "
                "version; train it again"
            )
        numbers = (*self.weights, *self.biases, self.contact_bias)
        if not all(np.isfinite(np.asarray(array, dtype=np.float64)).all() for array in numbers):
            raise InputError("the policy's weights hold NaN or inf: train it again (make train-ppo)")
        low, high = self.scaling.low_price, self.scaling.high_price
        if INPUTS[self.observation][-1] == PRICE and not 0.0 <= low < high < np.inf:
            raise InputError(
                f"the policy sees a price from {low} to {high}, wanted 0 <= low_price < high_price: "
                "take the range that it was trained for"
            )

    def logits(self, observation: Matrix) -> Matrix:
        """Give every head's logits, without the contact bias. Shapes: (m, inputs) → (m, 14).

        Raises:
            InputError: another number of columns than the observation has.
        """
        wanted = len(INPUTS[self.observation])
        if observation.ndim != 2 or observation.shape[1] != wanted:
            raise InputError(
                f"the observations have shape {observation.shape}, wanted (rows, {wanted}): "
                f"this policy sees {self.observation!r}"
            )
        out = np.empty((len(observation), N_LOGITS), dtype=np.float32)
        for first in range(0, len(observation), _CHUNK_ROWS):
            rows = slice(first, first + _CHUNK_ROWS)
            x = features(observation[rows], self.observation, self.scaling)
            for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
                x = x @ weight + bias
                if layer < len(self.weights) - 1:
                    np.maximum(x, 0.0, out=x)
            out[rows] = x
        return out

    def act(self, observation: Matrix, open_contact: Bools, open_offers: Bools) -> tuple[Bools, Ints, Ints]:
        """Take the likeliest answer of each head; the lower one on a tie.

        Args:
            observation: (m, inputs), columns as `INPUTS[self.observation]`.
            open_contact: Whether a contact may be made, (m,).
            open_offers: Which offers may be made, (m, 4); a contact needs one.

        Returns:
            Contact, (m,), offer 0..3, (m,), and delay 0..7, (m,).

        Raises:
            InputError: as `logits`, or what is seen are numbers and a logit is none.
        """
        logits = self.logits(observation)
        if not np.isfinite(logits[np.isfinite(observation).all(axis=1)]).all():
            raise InputError(
                "the policy's logits hold NaN or inf: its weights are too large to be added up. Train it "
                "again: make train-ppo"
            )
        leans = logits[:, 1] - logits[:, 0] + np.float32(self.contact_bias) > 0.0
        offers = np.where(open_offers, logits[:, OFFER], -np.inf)
        contact = leans & open_contact & open_offers.any(axis=1)
        return contact, offers.argmax(axis=1), logits[:, DELAY].argmax(axis=1)


def n_features(observation: str) -> int:
    """Count the columns that `features` gives for an observation."""
    seen = np.full((1, len(INPUTS[observation])), 0.5, dtype=np.float32)
    return len(features(seen, observation, Scaling(1.0, 1.0, 1, 1, 1, 0.0, 1.0))[0])


def features(observation: Matrix, name: str, scaling: Scaling, kind: type[np.generic] = np.float64) -> Floats:
    """Turn what is seen into what a network learns well from. Shapes: (m, inputs) → (m, features).

    Probabilities also as log-odds, the bill as itself, its logarithm and its inverse (a contact costs
    the same whatever the bill), the risk also without protection and at the usual level, and the days
    until a contact is open again one by one: the best delay ends exactly there. `kind` float32 is for
    training, where speed counts for more than the last digits.
    """
    x: Floats = np.ascontiguousarray(observation.T, dtype=kind)
    accept, fatigue = x[1:5], x[8]
    nine = [_logit(x[0]) / 2, *_logit(accept) / 2, *accept, x[5], x[6] / 7, x[7], fatigue]
    closed = np.where(x[7] > 0.0, scaling.cooldown_days - x[6], 0.0)
    if name == "nine":
        return np.stack([*nine, *_one_hot(closed, kind)], axis=1)
    bill, time_left, protection, shift = x[9] / scaling.bill, x[10], x[11], x[13]
    inside = np.minimum(protection, RISK_DAYS)
    # 30 days of the bare hazard, less what protection takes off, are the risk that is seen.
    weighted_days = np.maximum(scaling.hazard_factor * inside + (RISK_DAYS - inside), 1.0)
    month = -np.log1p(-np.minimum(x[0], 1.0 - MIN_RISK)) * RISK_DAYS / weighted_days
    # Log-odds of 1 − e^−month; the risk itself would lose its digits in 32 bits when near 1.
    clipped = np.clip(month, -math.log1p(-MIN_RISK), -math.log(MIN_RISK))
    bare, days_left = clipped + np.log(-np.expm1(-clipped)), time_left * scaling.horizon_days
    closed = np.maximum(closed, np.where(fatigue >= scaling.contact_cap, PERIOD_DAYS - x[12], 0.0))
    full = [
        *nine, *_one_hot(closed, kind), bare / 2, (bare - shift) / 2, np.exp(-month),
        np.exp(-month * days_left / RISK_DAYS), np.log(bill), bill, 1.0 / (3.0 * bill), time_left,
        np.minimum(days_left / N_DELAYS, 1.0), protection / 30, x[12] / 30, shift,
    ]  # fmt: skip
    if name == "full_price":
        price = np.clip(x[14], scaling.low_price, scaling.high_price)
        full += [np.log1p(price), 1.0 / (1.0 + price), price / 10]
    return np.stack(full, axis=1)


def _one_hot(days: Floats, kind: type[np.generic]) -> Floats:
    """Tell 0, 1, .. 7 days and 8 or more apart. Shapes: (m,) → (9, m)."""
    capped = np.clip(np.rint(days), 0, N_DELAYS)
    told: Floats = (capped[None, :] == np.arange(1 + N_DELAYS)[:, None]).astype(kind)
    return told


def _logit(p: Floats) -> Floats:
    inside = np.clip(p, MIN_RISK, 1.0 - MIN_RISK)
    odds: Floats = np.log(inside) - np.log1p(-inside)
    return odds

"""The two predictors as they serve: customers in, calibrated probabilities out.

Frozen and free of state, so threads may share them. A row scores to the same bits alone and among
a million; large questions are asked in pieces, so memory stays bounded. Knows nothing of files or
of how the models were fitted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from churn_saver.domain.action import N_OFFERS, OFFER_PERCENTS
from churn_saver.domain.customer import Customers
from churn_saver.errors import ArtifactError, InputError
from churn_saver.tabular.boosting import Floats, Matrix, Trees
from churn_saver.tabular.calibration import Calibration, strictly
from churn_saver.tabular.features import encode, fields_of, names_of

CHUNK_ROWS = 65_536
"""Customers scored at once: bounds memory, changes no result."""
CHURN_RISK = "churn_risk"
OFFER_PCT = "offer_pct"
"""First two columns of the acceptance model, in this order."""


@dataclass(frozen=True, slots=True)
class RiskModel:
    """P(churn within 30 days)."""

    trees: Trees
    calibration: Calibration

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of x."""
        return self.trees.names

    @property
    def fields(self) -> tuple[str, ...]:
        """Customer fields behind the columns."""
        return fields_of(self.trees.names)

    def probability(self, customers: Customers) -> Floats:
        """Give each customer's chance to leave within 30 days. Shapes: (n,) → (n,), inside (0, 1)."""
        out = np.empty(len(customers))
        for rows in _pieces(len(customers)):
            x = encode(customers, self.names, rows)
            out[rows] = self.calibration.apply(self.trees.raw(x))
        return out


@dataclass(frozen=True, slots=True)
class AcceptModel:
    """P(accept | offer) for each rung of the ladder."""

    trees: Trees
    calibration: Calibration
    tie_break: float
    """Log-odds per whole per cent that order offers the trees see no difference between; 0: none."""

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of x: churn_risk, offer_pct, then customer fields."""
        return self.trees.names

    @property
    def fields(self) -> tuple[str, ...]:
        """Customer fields behind the columns after the first two."""
        return fields_of(self.names[2:])

    def probabilities(self, customers: Customers, churn_risk: Floats) -> Floats:
        """Give each customer's chance to accept each offer.

        Strictly increasing along the ladder wherever `tie_break` is above 0.

        Shapes: (n,), (n,) → (n, 4).

        Raises:
            InputError: as many risks as customers were wanted.
        """
        if len(churn_risk) != len(customers):
            raise InputError(f"{len(churn_risk)} churn risks for {len(customers)} customers, wanted one each")
        out = np.empty((len(customers), N_OFFERS))
        for rows in _pieces(len(customers)):
            x = encode(customers, self.names[2:], rows)
            raw = self.trees.raw(ladder_rows(churn_risk[rows], x))
            lift = ladder_lift(len(x), self.tie_break)
            out[rows] = strictly(self.calibration, raw, lift).reshape(-1, N_OFFERS)
        return out


@dataclass(frozen=True, slots=True)
class Predictors:
    """Both predictors, as one trained folder holds them."""

    risk: RiskModel
    accept: AcceptModel
    version: str
    """First 16 hex digits of the manifest's SHA-256."""
    provenance: Mapping[str, object] = field(default_factory=dict)
    """What the manifest says of each model: source, rows, hashes, assumptions."""


def accept_columns(churn_risk: Floats, offer_pct: Floats, x: Matrix) -> Matrix:
    """Join the acceptance model's own columns to x. Shapes: (n,), (n,), (n, d) → (n, 2 + d)."""
    out = np.empty((len(x), 2 + x.shape[1]), dtype=np.float32)
    out[:, 0], out[:, 1], out[:, 2:] = churn_risk, offer_pct, x
    return out


def ladder_rows(churn_risk: Floats, x: Matrix) -> Matrix:
    """Repeat each customer once an offer, offers running fastest. Shapes: (n,), (n, d) → (4n, 2 + d)."""
    offers = np.tile(np.array(OFFER_PERCENTS, dtype=np.float64), len(x))
    return accept_columns(np.repeat(churn_risk, N_OFFERS), offers, np.repeat(x, N_OFFERS, axis=0))


def ladder_lift(n: int, tie_break: float) -> Floats | None:
    """Give what orders the offers of n customers, (4n,), or None where nothing does."""
    return np.tile(np.array(OFFER_PERCENTS) * tie_break, n) if tie_break > 0 else None


def logged_of(ladder: Floats, offer_pct: Floats) -> Floats:
    """Give the probability at the offer that was made. Shapes: (n, 4), (n,) of the ladder → (n,)."""
    return ladder[np.arange(len(ladder)), np.searchsorted(OFFER_PERCENTS, offer_pct)]


def accept_names(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Name the acceptance model's columns for a table with these fields."""
    return (CHURN_RISK, OFFER_PCT, *names_of(fields))


def check_accept_names(names: tuple[str, ...]) -> None:
    """Refuse columns that do not start with the acceptance model's own two.

    Raises:
        ArtifactError: they start otherwise.
    """
    if names[:2] != (CHURN_RISK, OFFER_PCT):
        raise ArtifactError(
            f"accept model starts with columns {list(names[:2])}, wanted [{CHURN_RISK!r}, {OFFER_PCT!r}]: "
            f"train again with `make train-risk`"
        )


def _pieces(n: int) -> list[slice]:
    return [slice(start, min(start + CHUNK_ROWS, n)) for start in range(0, n, CHUNK_ROWS)]

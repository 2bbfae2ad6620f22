"""Small, plain instances for tests: only what a test says differs from them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from churn_saver.config import EnvSettings, ServeSettings, parse
from churn_saver.domain.action import N_CHOICES
from churn_saver.domain.campaign import Campaign, Caps
from churn_saver.domain.customer import ContactHistory, Customers
from churn_saver.domain.proposal import Proposals, Versions
from churn_saver.journey import Rules, Situation
from churn_saver.tabular.predictors import AcceptModel, Predictors, RiskModel

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""Noon in New York."""


def campaign(**changes: Any) -> Campaign:
    """Give a campaign of 5,000.00 with a day behind it, no holdout and no exploration."""
    plain: dict[str, Any] = {
        "campaign_id": "spring",
        "starts_at": NOON - timedelta(days=1),
        "horizon_days": 90,
        "limit_minor": 500_000,
        "customers": 1_000,
        "currency": "USD",
        "price": 0.0,
        "holdout_share": 0.0,
        "exploration_share": 0.0,
        "caps": Caps(1, 2, 2, 7, 6),
        "salt": "salt",
    }
    return Campaign(**(plain | changes))


def customers(n: int = 1, **changes: Any) -> Customers:
    """Give n customers named Sam with a bill of 89.99 on a monthly contract for 12 months."""
    plain: dict[str, Any] = {
        "ids": [f"C{i:05d}" for i in range(n)],
        "names": ["Sam"] * n,
        "bill_minor": np.full(n, 8_999),
        "fields": {
            "tenure_months": np.full(n, 12, dtype=np.float32),
            "monthly_spend": np.full(n, 89.99, dtype=np.float32),
            "contract_type": np.zeros(n, dtype=np.float32),
        },
        "churn_risk": np.full(n, np.nan),
        "contacts_last_7d": np.full(n, np.nan),
        "days_since_last_contact": np.full(n, np.nan),
        "time_zones": [None] * n,
        "countries": [None] * n,
        "channels": [None] * n,
        "opted_in": [None] * n,
    }
    return Customers(**(plain | changes))


def proposals(n: int = 2, **changes: Any) -> Proposals:
    """Give n proposals: even rows are contacted with 10 % of 89.99, odd rows are not worth it."""
    contacted = np.arange(n) % 2 == 0
    plain: dict[str, Any] = {
        "customer_ids": [f"C{i:05d}" for i in range(n)],
        "choice": np.where(contacted, 3, 0).astype(np.int8),
        "intended": np.where(contacted, 3, 0).astype(np.int8),
        "reasons": np.where(contacted, 0, 2048),
        "excluded": np.zeros((n, N_CHOICES), dtype=np.int64),
        "probability": np.ones(n),
        "arm_probability": np.ones(n),
        "message_probability": np.where(contacted, 0.25, np.nan),
        "churn_risk": np.full(n, 0.4),
        "accept_prob": np.full(n, 0.3),
        "expected_value": np.where(contacted, 2_500.5, 0.0),
        "retention_prob": np.full(n, 0.6),
        "uncontacted_prob": np.full(n, 0.6),
        "needs_minor": np.where(contacted, 1_000, 0),
        "contact_minor": np.where(contacted, 100, 0),
        "names": ["Sam"] * n,
        "texts": ["Hello Sam" if c else None for c in contacted],
        "violations": [() if c else ("wrong_number",) for c in contacted],
        "message_sources": ["template" if c else "none" for c in contacted],
        "message_entries": [None] * n,
        "send_at": [NOON if c else None for c in contacted],
        "time_zones": [None] * n,
        "countries": [None] * n,
        "channels": ["email" if c else None for c in contacted],
        "valid_until": [(NOON + timedelta(days=14)).date() if c else None for c in contacted],
        "expires_on": [(NOON + timedelta(days=16)).date() if c else None for c in contacted],
        "delay_days": np.zeros(n, dtype=np.int8),
        "features": ['{"tenure_months": 12.0}'] * n,
        "decision_numbers": np.zeros(n, dtype=np.int64),
        "decided_at": NOON,
        "price": 0.5,
        "versions": Versions("knapsack", "0123456789abcdef", "1"),
    }
    return Proposals(**(plain | changes))


@dataclass(frozen=True)
class FixedRisk:
    """A risk model that says what it is told."""

    risk: float
    feature_names: tuple[str, ...] = ("tenure_months",)

    def probability(self, customers: Customers) -> NDArray[np.float64]:
        """Give everybody the same risk."""
        return np.full(len(customers), self.risk)


@dataclass(frozen=True)
class FixedAccept:
    """An acceptance model that says what it is told."""

    ladder: tuple[float, float, float, float]

    def probabilities(self, customers: Customers, churn_risk: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give everybody the same four probabilities, shape (n, 4)."""
        return np.tile(self.ladder, (len(customers), 1))


def predictors(
    risk: float = 0.6, ladder: tuple[float, float, float, float] = (0.1, 0.25, 0.5, 0.55)
) -> Predictors:
    """Give predictors that are not trained but told."""
    return Predictors(cast(RiskModel, FixedRisk(risk)), cast(AcceptModel, FixedAccept(ladder)), "told")


def rules(**serve_changes: Any) -> Rules:
    """Give the rules of ops/configs, with changes to serve.yaml."""
    env, serve = _settings()
    return Rules.of(env, serve.model_copy(update={"policy": "knapsack"} | serve_changes))


@cache
def _settings() -> tuple[EnvSettings, ServeSettings]:
    folder = Path(__file__).parents[1] / "ops" / "configs"
    env = parse(EnvSettings, (folder / "env.yaml").read_text(), "env.yaml")
    return env, parse(ServeSettings, (folder / "serve.yaml").read_text(), "serve.yaml")


def situation(n: int = 1, free_minor: int = 500_000, **changes: Any) -> Situation:
    """Give n customers never seen before, at noon, in the plain campaign."""
    plain: dict[str, Any] = {
        "history": ContactHistory.unseen(n),
        "campaign": campaign(),
        "free_minor": free_minor,
        "now": NOON,
    }
    return Situation(**(plain | changes))

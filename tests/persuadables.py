"""Portfolios in which the effect of every contact is known, logs drawn from them, and what plans truly bring.

In the one world who accepts is not who is moved: long-standing customers take discounts and would stay
anyway, while those with open complaints stay because somebody wrote at all. In the other all is as env.yaml
assumes: an accepted offer protects, and nothing else does.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, TypeAlias, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.adapters.log_files import LogFile
from churn_saver.domain.action import N_CHOICES
from churn_saver.domain.customer import Customers
from churn_saver.evidence.logged import Logged
from churn_saver.evidence.outcome_model import RECIPE as OUTCOME_RECIPE
from churn_saver.evidence.uplift import RECIPE
from churn_saver.journey import Appraisal, appraise
from churn_saver.journey.learned import stakes
from churn_saver.tabular.predictors import AcceptModel, Predictors, RiskModel
from churn_saver.train.effects_log import of_file
from churn_saver.train.uplift import TrainedEffects, learn_effects
from tests.builders import FixedRisk, campaign, customers, rules, situation

Floats: TypeAlias = NDArray[np.float64]
World: TypeAlias = Literal["persuadables", "assumed"]

RULES = rules()
DAYS = 30
ARMS = ("none", "0", "5", "10", "15")
FIELDS = ("tenure_months", "monthly_spend", "support_tickets")
_ACCEPTED = np.array([0.05, 0.15, 0.3, 0.4])
_MOVED = np.array([0.0, 0.1, 0.11, 0.12, 0.125])
_BOTHERED = np.array([0.0, -0.01, -0.01, -0.01, -0.01])
_COMPLAINS = 3
QUICK = (replace(RECIPE, folds=3, trees=8), replace(OUTCOME_RECIPE, trees=8))
"""Recipes that learn in no time."""


@dataclass(frozen=True)
class _Told:
    """An acceptance model that says what is true of its customers, in their order."""

    accept: Floats

    def probabilities(self, customers: Customers, churn_risk: Floats) -> Floats:
        """Give it. Shapes: (n,), (n,) → (n, 4)."""
        return self.accept


@dataclass(frozen=True, slots=True)
class Portfolio:
    """n customers, never seen before, and what is true of them."""

    appraisal: Appraisal
    """By predictors that are right about risk and acceptance."""
    effect: Floats
    """Of each choice on the chance to be a customer after `DAYS`, (n, 5)."""

    def true_gain(self) -> Floats:
        """Give what each choice brings, expected: margin kept less what is spent, minor units, (n, 5)."""
        found = self.appraisal
        assert found.values is not None
        contact = RULES.env.contact_cost_minor
        cost = contact + found.values.accept_effective * (found.costs_minor[:, 1:] - contact)
        kept = self.effect * stakes(found, DAYS, RULES.env)[:, None]
        return np.column_stack([np.zeros(len(kept)), kept[:, 1:] - cost])

    def truly(self, choice: NDArray[np.int8]) -> float:
        """Give what a plan brings, expected, a customer, minor units."""
        return float(self.true_gain()[np.arange(len(choice)), choice].mean())


def portfolio(n: int, rng: np.random.Generator, world: World = "persuadables") -> Portfolio:
    """Draw customers."""
    tenure, spend = rng.integers(0, 73, n), np.round(rng.uniform(30, 110, n), 2)
    tickets = rng.integers(0, 6, n)
    risk = rng.beta(2, 6, n) * 0.8 + 0.05
    accept = _ACCEPTED * (0.3 + 1.2 * tenure[:, None] / 72)
    told = (tenure, spend, tickets)
    table = customers(
        n, names=[None] * n, bill_minor=np.rint(100 * spend).astype(np.int64), churn_risk=risk,
        fields={name: column.astype(np.float32) for name, column in zip(FIELDS, told, strict=True)},
    )  # fmt: skip
    models = Predictors(cast(RiskModel, FixedRisk(0.5)), cast(AcceptModel, _Told(accept)), "told")
    known = situation(n, free_minor=10**12, campaign=campaign(limit_minor=10**12))
    found = appraise(table, known, models, RULES)
    assert found.values is not None
    effect = found.values.retention - found.values.retention[:, :1]
    if world == "persuadables":
        effect = np.where(tickets[:, None] >= _COMPLAINS, _MOVED, _BOTHERED)
    return Portfolio(found, np.clip(effect, risk[:, None] - 1, risk[:, None]))


def logged(drawn: Portfolio, rng: np.random.Generator) -> LogFile:
    """Draw one decision for each customer, all arms alike, and who stays; as a file is read."""
    n = len(drawn.effect)
    arm = rng.integers(0, N_CHOICES, n)
    stays = 1 - drawn.appraisal.churn_risk + drawn.effect[np.arange(n), arm]
    fields = drawn.appraisal.customers.fields
    features = np.column_stack([*(fields[name] for name in FIELDS), drawn.appraisal.churn_risk])
    log = Logged.checked(
        unit=np.arange(n), arm=arm, propensity=np.full(n, 1 / N_CHOICES),
        allowed=np.ones((n, N_CHOICES), dtype=np.bool_), reward=(rng.random(n) < stays).astype(np.float64),
        features=features.astype(np.float32),
    )  # fmt: skip
    return LogFile(log, ARMS, (*FIELDS, "churn_risk"), None, ())


def log_table(file: LogFile) -> pl.DataFrame:
    """Write a log as the documented table."""
    log = file.log
    columns: dict[str, object] = {
        "customer_id": [f"C{unit:05d}" for unit in log.unit.tolist()],
        "arm": [file.arms[arm] for arm in log.arm.tolist()],
        "propensity": log.propensity,
        "reward": log.reward,
    }
    return pl.DataFrame(columns | {name: log.features[:, i] for i, name in enumerate(file.features)})


@cache
def learned(rows: int = 3_000, seed: int = 1) -> TrainedEffects:
    """Learn from a small log, once."""
    rng = np.random.default_rng(seed)
    file = logged(portfolio(rows, rng), rng)
    return learn_effects(of_file(file), {"name": "log.csv"}, DAYS, 20, RULES.env, silent, QUICK)


def silent(what: str, done: int, total: int) -> None:
    """Show nothing."""

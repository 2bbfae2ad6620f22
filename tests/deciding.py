"""An engine on an empty ledger, and tables to decide for."""

from pathlib import Path

import numpy as np

from churn_saver.adapters import plans
from churn_saver.decide import Engine
from churn_saver.decide.planning import plan
from churn_saver.domain.customer import Customers
from churn_saver.store import Store, open_store
from tests.builders import NOON, campaign, customers, predictors, rules
from tests.ledgers import new_ledger

RULES = rules()


def silent(what: str, done: int, total: int) -> None:
    """Show nothing."""


def varied(n: int, seed: int = 0) -> Customers:
    """Give n customers of varied bill and risk."""
    rng = np.random.default_rng(seed)
    return customers(
        n, bill_minor=rng.integers(1_000, 12_000, n), churn_risk=rng.beta(2, 5, n), names=[None] * n
    )


def opened(where: Path | str, **changes: object) -> Engine:
    """Give an engine with an empty ledger, a file in a folder or what a URL names, and one campaign."""
    store = open_store(where if isinstance(where, str) else new_ledger(where / "ledger.db"))
    store.campaigns.open(campaign(**changes))
    return Engine(store, predictors(), RULES)


def planned(table: Customers, engine: Engine, folder: Path) -> plans.PlanIndex:
    """Plan a table at noon."""
    return plan(table, engine, folder, NOON, silent, "0" * 64)


def reserved(store: Store) -> int:
    """Add up the reservations themselves, and check them against the running totals."""
    return store.verify("spring", NOON).reserved_minor

"""Fixed outputs: the same input gives the same bytes, here, tomorrow and on another machine."""

import hashlib
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from churn_saver.adapters import artifacts, plans
from churn_saver.data import demo
from churn_saver.data.customers import to_customers
from churn_saver.data.tables import CUSTOMERS, read
from churn_saver.decide import Engine
from churn_saver.decide.table import plan
from churn_saver.opening import defaults_folder
from churn_saver.store import open_store
from tests.builders import NOON, campaign, rules

DEMO = {
    "churn_table": "96cf6d9b16bbca29",
    "accept_table": "b09855685d54ae55",
    "customers_table": "e4b360a9406a4fa9",
}


def planned(folder: Path) -> tuple[plans.PlanIndex, list[str | None]]:
    """Plan 400 demo customers with the shipped predictors."""
    frame = demo.customers_table(np.random.default_rng(7), 400)
    table = to_customers(read(demo.csv_bytes(frame), "c.csv", CUSTOMERS).require(False))
    with open_store(f"sqlite:///{folder / 'ledger.db'}") as store:
        store.campaigns.open(campaign(limit_minor=30_000, holdout_share=0.05))
        engine = Engine(store, artifacts.load(defaults_folder()), rules())
        index = plan(table, engine, folder / "plan", NOON + timedelta(hours=1), lambda *_: None, "0" * 64)
    return index, [text for part in index.parts for text in plans.read_part(folder / "plan", part).texts]


@pytest.mark.parametrize("name", sorted(DEMO))
def test_demo_tables_are_fixed(name: str) -> None:
    """Documented figures of the demo hold only while its bytes do."""
    raw = demo.csv_bytes(getattr(demo, name)(np.random.default_rng(42)))

    assert hashlib.sha256(raw).hexdigest()[:16] == DEMO[name]


def test_the_same_table_gives_the_same_plan(tmp_path: Path) -> None:
    """Plan id, price and every text: made twice, equal."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = planned(tmp_path / "a"), planned(tmp_path / "b")

    assert first == second
    assert first[0].contacts > 10

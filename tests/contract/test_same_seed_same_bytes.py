"""Fixed outputs: the same input gives the same bytes, in another process too."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from churn_saver.data import demo

ROOT = Path(__file__).parents[2]
PLAN = """
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np

from churn_saver.adapters import artifacts, plans
from churn_saver.data import demo
from churn_saver.data.customers import to_customers
from churn_saver.data.tables import CUSTOMERS, read
from churn_saver.decide import Engine
from churn_saver.decide.planning import plan
from churn_saver.opening import defaults_folder
from churn_saver.store import open_store
from tests.builders import NOON, campaign, rules

folder = Path(sys.argv[1])
frame = demo.customers_table(np.random.default_rng(7), 400)
table = to_customers(read(demo.csv_bytes(frame), "c.csv", CUSTOMERS).require(False))
with open_store(f"sqlite:///{folder / 'ledger.db'}") as store:
    store.campaigns.open(campaign(limit_minor=30_000, holdout_share=0.05))
    engine = Engine(store, artifacts.load(defaults_folder()), rules())
    index = plan(table, engine, folder / "plan", NOON + timedelta(hours=1), lambda *_: None, "0" * 64)
print(index.plan_id, index.price, index.contacts)
"""


@pytest.mark.parametrize("table", [demo.churn_table, demo.accept_table, demo.customers_table])
def test_a_seed_gives_the_same_table(table: object) -> None:
    """Twice the same bytes; another seed, other bytes."""
    assert callable(table)
    first, second, other = (
        hashlib.sha256(demo.csv_bytes(table(np.random.default_rng(seed), 300))).hexdigest()
        for seed in (42, 42, 43)
    )

    assert first == second != other


def test_a_table_gives_the_same_plan_in_another_process(tmp_path: Path) -> None:
    """Plan id (the hash of every proposal and text), price and contacts, with nothing warm."""
    said = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        command = [sys.executable, "-c", PLAN, str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        said.append(done.stdout)

    assert said[0] == said[1]
    assert int(said[0].split()[-1]) > 10

"""A batch that is killed goes on where it stopped: nothing acknowledged is lost, nothing is done twice."""

import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import polars as pl

from churn_saver.adapters.plans import read_index
from churn_saver.data import demo
from churn_saver.store import open_store

COMMAND = [sys.executable, "-c", "from churn_saver.cli import main; main()"]
ROWS = 60_000
DEADLINE_SECONDS = 120


def settled_rows(folder: Path) -> int:
    """Count what the ledger holds of the plan, from outside the process that writes it."""
    if not (folder / "out" / "plan" / "plan.json").is_file():
        return 0
    plan_id = read_index(folder / "out" / "plan").plan_id
    with open_store(f"sqlite:///{folder / 'var' / 'churn_saver.db'}") as store:
        return sum(len(batch["decision_id"]) for batch in store.records(key_prefix=f"{plan_id}:"))


def test_a_killed_batch_goes_on_where_it_stopped(workplace: Path) -> None:
    """SIGKILL after the first recorded part; the same command again records the rest, each row once."""
    frame = demo.customers_table(np.random.default_rng(3), ROWS)
    (workplace / "c.csv").write_bytes(demo.csv_bytes(frame))
    subprocess.run([*COMMAND, "campaign", "open", "--id", "k", "--limit", "20000"], check=True, cwd=workplace)
    decide = [*COMMAND, "decide", "c.csv", "--out", "out"]

    running = subprocess.Popen(decide, cwd=workplace, stdout=subprocess.DEVNULL)
    until = time.monotonic() + DEADLINE_SECONDS
    while not (before := settled_rows(workplace)) and time.monotonic() < until:
        with suppress(subprocess.TimeoutExpired):
            running.wait(timeout=0.005)
            break
    running.send_signal(signal.SIGKILL)
    running.wait()
    subprocess.run(decide, cwd=workplace, check=True, stdout=subprocess.DEVNULL)

    done = pl.read_parquet(workplace / "out" / "decisions.parquet")
    assert 0 < before < ROWS
    assert done["customer_id"].to_list() == frame["customer_id"].to_list()
    assert done["decision_id"].n_unique() == ROWS
    with open_store(f"sqlite:///{workplace / 'var' / 'churn_saver.db'}") as store:
        totals = store.verify("k", store.campaigns.get("k").starts_at)
    assert totals.reserved_minor == done["reserved_minor"].sum() <= 2_000_000

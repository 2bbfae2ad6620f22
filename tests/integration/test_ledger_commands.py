"""The restore drill: backed up while a process writes, the process killed, the ledger lost, restored."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from churn_saver.cli import app
from churn_saver.errors import LedgerError
from churn_saver.store import open_store, sqlite_url
from tests.builders import NOON, campaign
from tests.unit.store.batches import offers

WRITER = """
from churn_saver.store import open_store
from tests.builders import NOON
from tests.unit.store.batches import offers

with open_store("sqlite:///var/churn_saver.db") as store:
    for number in range(1_000_000):
        store.settle("spring", offers([f"W{number}"], needs=1, contact=1), NOON)
        print(number, flush=True)
"""
ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> str:
    """Run a command that must succeed and give what it printed, as one line."""
    result = CliRunner().invoke(app, ["ledger", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def head_of(told: str) -> tuple[int, str]:
    """Read rows and head of the campaign 'spring' from what a command printed."""
    found = re.search(r"spring: ([\d,]+) rows, head ([0-9a-f]{64})", told)
    assert found, told
    return int(found[1].replace(",", "")), found[2]


def test_a_ledger_comes_back_as_it_was_backed_up(workplace: Path) -> None:
    """Its head is the one that was printed at the backup, and what was settled before it is all there."""
    ledger = workplace / "var" / "churn_saver.db"
    with open_store(sqlite_url(ledger)) as store:
        store.campaigns.open(campaign())
    writer = subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{WRITER}"],
        cwd=workplace,
        stdout=subprocess.PIPE,
    )
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(5)]
    backed_up = run("backup", "backup.db")
    writer.stdout.readline()
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    for path in ledger.parent.iterdir():
        path.unlink()

    restored = run("restore", "backup.db")
    verified = run("verify", "spring")
    with open_store(sqlite_url(ledger), create=False) as store:
        settled = sum(len(batch["decision_id"]) for batch in store.records(campaign_id="spring"))
        check = store.verify_chain("spring")

    assert head_of(backed_up) == head_of(restored) == head_of(verified) == (check.rows, check.head)
    assert settled == check.rows - 1 >= len(acknowledged)
    assert "all contacts are stopped" in restored


def test_verifying_names_what_is_amiss(workplace: Path) -> None:
    """All chains hold until somebody edits an amount; then the command fails and says where."""
    with open_store("sqlite:///var/churn_saver.db") as store:
        store.campaigns.open(campaign())
        store.settle("spring", offers(["A"]), NOON)
    held = run("verify")
    subprocess.run(
        [sys.executable, "-c", "import sqlite3; c = sqlite3.connect('var/churn_saver.db'); "
         "c.execute('UPDATE reservations SET offer_minor = 1'); c.commit()"],
        check=True,
    )  # fmt: skip

    assert "of no campaign: 3 rows" in held
    assert "chains and money hold" in held
    with pytest.raises(LedgerError, match=r"campaign 'spring'"):
        run("verify")

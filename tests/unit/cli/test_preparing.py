"""Demo tables on disk: ours are written again, others are left alone."""

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from churn_saver.cli import app
from churn_saver.cli.preparing import prepare
from churn_saver.data.tables import ACCEPT_TRAIN, CHURN_TRAIN, CUSTOMERS, PAIRS, read
from churn_saver.train.datasets import MARKER

FILES = ("accept_train.csv", "churn_train.csv", "customers.csv", "rlhf_pairs.jsonl")


def test_the_documented_tables_are_made_and_read_without_a_fault(tmp_path: Path) -> None:
    """Each has its documented columns, and the marker names each with its hash."""
    prepare(tmp_path, seed=42)

    raw = {name: (tmp_path / name).read_bytes() for name in FILES}
    marker = json.loads((tmp_path / MARKER).read_text())
    assert marker == {name: hashlib.sha256(content).hexdigest() for name, content in raw.items()}
    assert raw["churn_train.csv"].startswith(
        b"customer_id,tenure_months,monthly_spend,support_tickets,contract_type,churned"
    )
    assert raw["accept_train.csv"].startswith(b"customer_id,offer_pct,churn_risk,tenure_months,accepted")
    for name, table in (
        ("churn_train", CHURN_TRAIN),
        ("accept_train", ACCEPT_TRAIN),
        ("customers", CUSTOMERS),
    ):
        assert read(raw[f"{name}.csv"], f"{name}.csv", table).faults == ()
    assert read(raw["rlhf_pairs.jsonl"], "rlhf_pairs.jsonl", PAIRS).faults == ()


def test_a_table_of_ones_own_is_never_touched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither one that was there before, nor a demo table that was changed since."""
    (tmp_path / "churn_train.csv").write_text("mine")
    prepare(tmp_path, seed=42)
    (tmp_path / "accept_train.csv").write_text("changed")

    prepare(tmp_path, seed=42)

    assert (tmp_path / "churn_train.csv").read_text() == "mine"
    assert (tmp_path / "accept_train.csv").read_text() == "changed"
    assert capsys.readouterr().out.count("left as it is") == 3


@pytest.mark.parametrize("damaged", ["{", "[]"])
def test_a_damaged_marker_vouches_for_nothing(tmp_path: Path, damaged: str) -> None:
    """Every table that is there then counts as one's own."""
    prepare(tmp_path, seed=1)
    before = (tmp_path / "customers.csv").read_bytes()
    (tmp_path / MARKER).write_text(damaged)

    prepare(tmp_path, seed=2)

    assert (tmp_path / "customers.csv").read_bytes() == before


def test_another_seed_replaces_the_demo(tmp_path: Path) -> None:
    """What is the demo's own may change."""
    prepare(tmp_path, seed=1)
    first = (tmp_path / "customers.csv").read_bytes()

    prepare(tmp_path, seed=2)

    assert (tmp_path / "customers.csv").read_bytes() != first


def test_a_seed_below_nought_is_refused_by_name(tmp_path: Path) -> None:
    """Before a table is written."""
    result = CliRunner().invoke(app, ["prepare-data", "--folder", str(tmp_path / "data"), "--seed", "-1"])

    assert result.exit_code == 2
    assert "--seed" in result.output
    assert not (tmp_path / "data").exists()

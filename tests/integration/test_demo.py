"""The whole journey from a table and a budget, as a user runs it."""

import os
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from churn_saver.adapters.decisions_file import CSV_COLUMNS
from churn_saver.cli import app
from churn_saver.errors import InputError, TableError
from churn_saver.store import open_store

CSV = """customer_id,months_active,monthly_spend,contract,name
A1,3,89.99,Month-to-month,Sam
A2,50,20.00,Two year,
A3,1,110.50,Month-to-month,O'Brien
"""


def run(*arguments: str) -> str:
    """Run a command that must succeed and give what it printed."""
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_demo_decides_for_everybody_within_the_budget(workplace: Path) -> None:
    """One row a customer, the documented columns, spend by the ledger's own sum, a page, a table."""
    output = run("demo", "--budget", "500", "--out", "run")

    frame = pl.read_csv(workplace / "run" / "decisions.csv", infer_schema_length=None)
    customers = pl.read_csv(workplace / "data" / "customers.csv", infer_schema_length=None)
    assert tuple(frame.columns) == CSV_COLUMNS
    assert frame["customer_id"].to_list() == customers["customer_id"].to_list()
    assert int(frame["reserved_minor"].sum()) <= 50_000
    with open_store(f"sqlite:///{workplace / 'run' / 'ledger.db'}") as store:
        campaign = store.campaigns.get("demo")
        totals = store.verify("demo", campaign.starts_at)
    assert totals.reserved_minor == frame["reserved_minor"].sum()
    assert totals.limit_minor == 50_000
    contacted = frame.filter("contact")
    assert len(contacted) > 10
    assert contacted["message"].null_count() == 0
    assert frame.filter(~pl.col("contact"))["message"].null_count() == len(frame) - len(contacted)
    assert "0 violations" in output
    page = (workplace / "run" / "report.html").read_text()
    assert f"{len(contacted):,} of {len(frame):,}" in page
    assert not re.search(r'(src|href)="https?://', page)


def test_a_table_of_ones_own_under_other_names(workplace: Path) -> None:
    """--map names the column; the second run in the same folder goes on and changes nothing."""
    (workplace / "mine.csv").write_text(CSV)
    arguments = ("demo", "--customers", "mine.csv", "--out", "run", "--map", "tenure_months=months_active")
    run(*arguments)
    first = (workplace / "run" / "decisions.csv").read_bytes()

    output = run(*arguments)

    assert "going on with the plan" in output
    assert (workplace / "run" / "decisions.csv").read_bytes() == first
    with pytest.raises(InputError, match=r"holds a run with a budget of 5,000.00, not 9.00"):
        run(*arguments, "--budget", "9")


def test_some_labels_are_learned_from_and_the_rest_is_predicted(workplace: Path) -> None:
    """Two of three rows say who left; everybody is scored, in a folder with an odd name."""
    rng = np.random.default_rng(5)
    tenure = rng.integers(1, 60, 900)
    left = (rng.random(900) < 0.7 - tenure / 90).astype(int).astype(str)
    left[::3] = ""
    rows = "".join(f"K{i},{tenure[i]},{20 + i % 90},{left[i]},x\n" for i in range(900))
    (workplace / "mine.csv").write_text("customer_id,tenure,monthly_spend,churned,[/red]\n" + rows)

    output = run("demo", "--customers", "mine.csv", "--out", "a?b#[/x]")

    raw = (workplace / "a?b#[/x]" / "decisions.csv").read_bytes()
    frame = pl.read_csv(raw, infer_schema_length=None)
    assert "training on mine.csv (company), 600 rows" in output
    assert "columns not used: [/red]" in output
    assert frame["churn_risk"].null_count() == 0
    assert (workplace / "a?b#[/x]" / "ledger.db").is_file()
    (workplace / "other.csv").write_text(CSV.replace("months_active", "tenure"))
    before = (workplace / "a?b#[/x]" / "models" / "MANIFEST.json").read_bytes()
    with pytest.raises(InputError, match="holds a run for another table"):
        run("demo", "--customers", "other.csv", "--out", "a?b#[/x]")
    assert (workplace / "a?b#[/x]" / "models" / "MANIFEST.json").read_bytes() == before


def test_labels_that_teach_nothing_are_said_and_set_aside(workplace: Path) -> None:
    """40 customers whose leaving is a coin's: scored by the demo's model, on screen and in the report."""
    rows = "".join(f"K{i},{i},{20 + i},{i % 2}\n" for i in range(40))
    (workplace / "mine.csv").write_text("customer_id,tenure,monthly_spend,churned\n" + rows)

    output = run("demo", "--customers", "mine.csv", "--out", "run", "--budget", "0")

    assert "too little can be learned" in output
    assert "oo little can be learned" in (workplace / "run" / "report.html").read_text()
    frame = pl.read_csv(workplace / "run" / "decisions.csv", infer_schema_length=None)
    assert len(frame) == 40
    assert set(frame["reason"].unique()) <= {"budget", "holdout"}


def test_bad_rows_stop_the_run_or_are_set_aside(workplace: Path) -> None:
    """File, line, column, value and what was wanted; with --skip-bad-rows they go to rejects.csv."""
    (workplace / "mine.csv").write_text(CSV.replace("months_active", "tenure") + "A4,-2,many,Weekly,\n")
    arguments = ("demo", "--customers", "mine.csv", "--out", "run")
    with pytest.raises(TableError, match=r"mine.csv:5: column 'monthly_spend' is 'many', wanted") as caught:
        run(*arguments)
    assert len(caught.value.faults) == 3
    assert "Every bad row stands in run/rejects.csv" in str(caught.value)
    assert (workplace / "run" / "rejects.csv").is_file()

    output = run(*arguments, "--skip-bad-rows")

    assert "1 bad row left out" in output
    rejects = pl.read_csv(workplace / "run" / "rejects.csv")
    assert rejects["customer_id"].to_list() == ["A4"]
    assert pl.read_csv(workplace / "run" / "decisions.csv").height == 3


def test_a_missing_column_is_named_with_what_was_found(workplace: Path) -> None:
    """The message lists the columns and how to map one."""
    (workplace / "mine.csv").write_text(CSV)

    with pytest.raises(TableError, match=r"(?s)tenure_months.*months_active.*--map"):
        run("demo", "--customers", "mine.csv", "--out", "run")


TELCO = Path(os.environ.get("CHURN_SAVER_TEST_DATA", "")) / "ibm_telco" / "Telco-Customer-Churn.csv"


@pytest.mark.skipif(not TELCO.is_file(), reason="set CHURN_SAVER_TEST_DATA to a folder with ibm_telco/")
def test_the_real_telco_table_is_decided_out_of_fold(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All 7,032 billable customers, at most 5,000.00 by the ledger's own sum, every message checked."""
    monkeypatch.setenv("CONFIG_DIR", str(Path(__file__).parents[2] / "ops" / "configs"))

    output = run("demo", "--customers", str(TELCO), "--budget", "5000", "--out", "run")

    frame = pl.read_parquet(workplace / "run" / "decisions.parquet")
    with open_store(f"sqlite:///{workplace / 'run' / 'ledger.db'}") as store:
        totals = store.verify("demo", store.campaigns.get("demo").starts_at)
    assert len(frame) == 7_032
    assert totals.reserved_minor == frame["reserved_minor"].sum() <= 500_000
    assert "11 customers never billed, left out" in output
    assert "scored out-of-fold" in output
    assert "0 violations" in output
    assert frame["contact"].sum() > 500

"""The other commands: campaigns, plans and commits, training, and how errors are told."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from churn_saver.adapters import artifacts
from churn_saver.cli import app
from churn_saver.errors import ArtifactError, CampaignError, InputError
from churn_saver.store import open_store

TABLE = "customer_id,tenure_months,monthly_spend,contract_type\n" + "".join(
    f"C{i:03d},{1 + i % 24},{20 + i},Month-to-month\n" for i in range(60)
)


def run(*arguments: str) -> str:
    """Run a command that must succeed and give what it printed."""
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_campaigns_open_close_and_list(workplace: Path) -> None:
    """A campaign has its limit, a secret salt of its own, and an end."""
    opened = run("campaign", "open", "--id", "spring", "--limit", "1000", "--customers", "1234")
    assert "opened spring: 1,000.00 USD for 1,234 customers" in " ".join(opened.split())
    assert "open" in run("campaign", "list")
    assert "1,234" in run("campaign", "list")
    assert "closed spring" in run("campaign", "close", "spring")
    assert "closed" in run("campaign", "list")

    with open_store("sqlite:///var/churn_saver.db") as store:
        assert len(store.campaigns.get("spring").salt) == 32
    assert "released day by day" in " ".join(
        run("campaign", "open", "--id", "slow", "--limit", "9", "--paced").split()
    )
    with open_store("sqlite:///var/churn_saver.db") as store:
        assert (store.campaigns.get("slow").is_paced, store.campaigns.get("spring").is_paced) == (True, False)
    with pytest.raises(CampaignError, match="exists already"):
        run("campaign", "open", "--id", "spring", "--limit", "5")
    for bad in ("", "a b", "x" * 65, "a\n"):
        with pytest.raises(InputError, match="--id is"):
            run("campaign", "open", "--id", bad, "--limit", "5")
    with pytest.raises(InputError, match="--limit is '5k'"):
        run("campaign", "open", "--id", "summer", "--limit", "5k")


def test_a_plan_is_shown_compared_and_committed(workplace: Path) -> None:
    """--plan reserves nothing and says how it differs from the last; --commit does it, once."""
    (workplace / "t.csv").write_text(TABLE)
    run("campaign", "open", "--id", "spring", "--limit", "100", "--customers", "60")

    assert "no earlier plan" in run("decide", "t.csv", "--plan", "--out", "p1")
    with open_store("sqlite:///var/churn_saver.db") as store:
        store.campaigns.set_limit("spring", 5_000, store.campaigns.get("spring").starts_at)
    output = run("decide", "t.csv", "--plan", "--out", "p2")
    assert "no longer" in output
    assert "reserve -" in output
    assert " 0.00 " in run("campaign", "list")

    run("decide", "--commit", "p2", "--out", "done")
    frame = pl.read_parquet(workplace / "done" / "decisions.parquet")
    again = run("decide", "--commit", "p2", "--out", "again")

    assert len(frame) == 60
    assert 0 < frame["reserved_minor"].sum() <= 5_000
    assert pl.read_parquet(workplace / "again" / "decisions.parquet").equals(frame)
    assert "60 decisions" in again
    assert "60 customers are not due" in run("decide", "t.csv", "--plan", "--out", "p3")


def test_deciding_needs_a_table_or_a_plan(workplace: Path) -> None:
    """Neither or both is a usage error; a folder that holds another table's plan is refused."""
    assert CliRunner().invoke(app, ["decide"]).exit_code == 2
    assert CliRunner().invoke(app, ["decide", "t.csv", "--commit", "p"]).exit_code == 2

    (workplace / "t.csv").write_text(TABLE)
    run("decide", "t.csv", "--out", "run")
    (workplace / "u.csv").write_text(TABLE.replace("C000", "D000"))

    with pytest.raises(InputError, match=r"holds a plan made from another table"):
        run("decide", "u.csv", "--out", "run")
    (workplace / "u.csv").write_text(TABLE)
    run("campaign", "close", "default")
    run("campaign", "open", "--id", "next", "--limit", "100")
    with pytest.raises(InputError, match=r"made from another table, campaign, model or setting"):
        run("decide", "t.csv", "--out", "run")
    with pytest.raises(InputError, match="wanted canonical=theirs"):
        run("decide", "t.csv", "--map", "tenure")
    with pytest.raises(InputError, match="holds no plan"):
        run("decide", "--commit", "nowhere")


def test_mapping_files_and_empty_tables(workplace: Path) -> None:
    """A file of name: theirs lines works like --map; a table without rows is an error."""
    (workplace / "t.csv").write_text(TABLE.replace("tenure_months", "months"))
    (workplace / "map.yaml").write_text("tenure_months: months\n")
    (workplace / "list.yaml").write_text("- months\n")
    (workplace / "broken.yaml").write_text("a: [")
    labelled = [f"{line},{'churned' if i == 0 else 0}" for i, line in enumerate(TABLE.splitlines())]
    (workplace / "labelled.csv").write_text("\n".join(labelled))
    (workplace / "empty.csv").write_text(TABLE.split("\n")[0] + "\n")

    assert "60" in run("decide", "t.csv", "--mapping", "map.yaml", "--out", "run")
    assert "'churned'" in run("decide", "labelled.csv", "--plan", "--out", "p")
    with pytest.raises(InputError, match=r"broken\.yaml is not YAML"):
        run("decide", "t.csv", "--mapping", "broken.yaml")
    with pytest.raises(InputError, match="is no list of"):
        run("decide", "t.csv", "--mapping", "list.yaml")
    with pytest.raises(InputError, match="holds no customer"):
        run("decide", "empty.csv")


def test_demo_tables_never_replace_ones_own(workplace: Path) -> None:
    """A changed table is kept and said so; the others are written again, byte for byte."""
    run("prepare-data")
    before = (workplace / "data" / "churn_train.csv").read_bytes()
    (workplace / "data" / "customers.csv").write_text(TABLE)

    output = run("prepare-data")

    assert "not the demo's, left as it is" in output
    assert (workplace / "data" / "customers.csv").read_text() == TABLE
    assert (workplace / "data" / "churn_train.csv").read_bytes() == before


def test_training_writes_artefacts_that_load_and_serve(workplace: Path) -> None:
    """Both models, a page, and one model alone beside the other."""
    run("prepare-data")

    output = run("train-risk", "--out", "models")

    assert "training on churn_train.csv (demo)" in output
    assert (workplace / "models" / "report.html").is_file()
    both = artifacts.load(workplace / "models")
    run("train-risk", "--only", "accept", "--out", "models")
    assert artifacts.load(workplace / "models").version == both.version
    with pytest.raises(InputError, match="--only is 'all'"):
        run("train-risk", "--only", "all")


def test_a_damaged_artefact_is_named_with_the_command_that_makes_it(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MODEL_DIR is what was asked for, so a batch does not go on without it."""
    (workplace / "t.csv").write_text(TABLE)
    monkeypatch.setenv("MODEL_DIR", "nowhere")

    with pytest.raises(ArtifactError, match=r"(?s)nowhere.*train-risk"):
        run("decide", "t.csv")


def test_the_kill_switch_decides_by_the_propensity_rule(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FORCE_BASELINE needs no artefact, is said, and stands in every row."""
    (workplace / "t.csv").write_text(TABLE)
    monkeypatch.setenv("FORCE_BASELINE", "true")
    monkeypatch.setenv("MODEL_DIR", "nowhere")

    output = run("decide", "t.csv", "--out", "run")

    frame = pl.read_csv(workplace / "run" / "decisions.csv", infer_schema_length=None)
    assert "force_baseline" in output
    assert frame["policy"].unique().to_list() == ["propensity_rule"]
    assert frame["contact"].any()
    assert frame["churn_risk"].null_count() == len(frame)


def test_an_error_is_one_message_and_exit_code_one(workplace: Path) -> None:
    """No traceback: what is wrong and what to do, on standard error."""
    done = subprocess.run(
        [sys.executable, "-c", "from churn_saver.cli import main; main()", "decide", "missing.csv"],
        capture_output=True,
        text=True,
        cwd=workplace,
        check=False,
    )

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("churn-saver: missing.csv cannot be read")

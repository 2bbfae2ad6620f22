"""`churn-saver evaluate` as a person runs it."""

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from churn_saver.cli import app
from churn_saver.decide import Engine, decide_now
from churn_saver.domain.outcome import OutcomeKind
from churn_saver.errors import CampaignError, InputError, SupportError
from churn_saver.store import open_store
from tests.builders import NOON, campaign, predictors, rules
from tests.deciding import varied
from tests.ledgers import new_ledger

EXAMPLE = Path(__file__).parents[3] / "docs" / "evidence" / "example_log.csv"
THEN = NOON.replace(year=2020)
"""Long ago, so that what came of decisions is known."""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///ledger.db")


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["evaluate", *arguments])


def test_a_log_is_judged_and_the_page_is_written() -> None:
    """Table on the screen, JSON and page in the folder."""
    found = run("--log", str(EXAMPLE), "--policy", "uniform", "--against", "logged", "--out", "out")

    assert found.exit_code == 0, found.output
    assert "log example_log.csv: 14 decisions of 13 customers" in " ".join(found.output.split())
    assert "doubly robust" in found.output
    report = json.loads(Path("out/evaluation.json").read_text())
    assert (report["policy"], report["against"], report["rows"]) == ("uniform", "logged", 14)
    assert "<h1>uniform would have earned" in Path("out/evaluation.html").read_text()


def test_json_is_all_that_is_printed() -> None:
    """Whoever reads it is a program."""
    found = run(
        "--log", str(EXAMPLE), "--policy", "arm:none", "--campaign", "spring", "--clip", "1.2", "--json"
    )
    report = json.loads(found.output)

    assert (report["policy"], report["clip"]) == ("arm:none", 1.2)
    # Nine rows of no contact: 1/.8 for seven, cut to 1.2, 1/.9 for one and 1 for one, of which three left.
    assert report["value"]["estimates"]["ips"]["value"] == pytest.approx((4 * 1.2 + 1 / 0.9 + 1) / 14)


def test_names_of_others_are_mapped() -> None:
    """By --column, and --features says what was known."""
    Path("trial.csv").write_text("a,p,y,x,z\n" + "".join(f"{i % 2},0.5,{i},{i},{i}\n" for i in range(8)))
    found = run(
        "--log", "trial.csv", "--policy", "arm:1", "--column", "arm=a", "--column", "reward=y", "--column",
        "propensity=p", "--features", "x", "--json",
    )  # fmt: skip
    report = json.loads(found.output)

    assert report["value"]["estimates"]["ips"]["value"] == pytest.approx(2 * (1 + 3 + 5 + 7) / 8)
    assert report["reward"] == "y"
    assert report["notes"][-1] == "columns not used: z"


def test_a_pair_that_is_none_is_refused() -> None:
    """With an example."""
    found = run("--log", str(EXAMPLE), "--policy", "uniform", "--column", "arm")

    assert isinstance(found.exception, InputError)
    assert "--column is 'arm', wanted NAME=YOURS, such as arm=treatment" in str(found.exception)


def books(exploration_share: float) -> None:
    """Decide for customers, of whom every third leaves."""
    with open_store(new_ledger(Path("ledger.db"))) as store:
        shares = {"exploration_share": exploration_share, "holdout_share": 0.1}
        store.campaigns.open(campaign(starts_at=THEN, **shares))
        engine, table = Engine(store, predictors(), rules()), varied(60)
        for row in range(60):
            made = decide_now(table.take(np.array([row])), engine, THEN)
            kind, days = (OutcomeKind.RETAINED, 40) if row % 3 else (OutcomeKind.CHURNED, 10)
            at = THEN + timedelta(days=days)
            store.record_outcome(made.decision_id, kind, at, at)


def test_the_books_are_judged() -> None:
    """The holdout is left out and counted; who explored can be compared with always no contact."""
    books(exploration_share=0.5)
    found = run("--log", "campaign:spring", "--policy", "arm:none", "--against", "logged", "--json")
    report = json.loads(found.output)

    assert report["left_out"][0]["why"] == "of the holdout, who show nothing of the arms"
    assert report["rows"] + report["left_out"][0]["decisions"] == 60
    assert report["log"] == "campaign:spring"
    assert 0 < report["value_against"]["estimates"]["dr"]["value"] < 1


def test_books_that_never_explored_show_nothing_of_another_policy() -> None:
    """The arm and the rows are named."""
    books(exploration_share=0.0)
    found = run("--log", "campaign:spring", "--policy", "arm:15")

    assert isinstance(found.exception, SupportError)
    assert "arm:15 wants another arm in" in str(found.exception)
    assert "4 is 15" in str(found.exception)


def test_what_is_meant_for_files_is_refused_of_books() -> None:
    """And a campaign that there is not."""
    new_ledger(Path("ledger.db"))
    for_files = run("--log", "campaign:spring", "--policy", "logged", "--features", "age")
    absent = run("--log", "campaign:spring", "--policy", "logged")

    assert isinstance(for_files.exception, InputError)
    assert "--column, --features and --campaign are for files" in str(for_files.exception)
    assert isinstance(absent.exception, CampaignError)

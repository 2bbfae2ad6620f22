"""`churn-saver export` as a person runs it, and the way back into training."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from churn_saver.cli import app
from churn_saver.domain.action import Reason
from churn_saver.domain.outcome import OutcomeKind
from churn_saver.errors import CampaignError, InputError
from churn_saver.store import open_store, sqlite_url
from tests.builders import NOON, campaign
from tests.ledgers import new_ledger
from tests.taught_books import taught_campaign, tiny_tabular
from tests.unit.store.batches import DAY, offers, silence

LEDGER = Path("ledger.db")
LATER = (NOON + 60 * DAY).isoformat()


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, on a wide screen."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url(LEDGER))
    monkeypatch.setenv("COLUMNS", "300")


def run(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(app, list(arguments))


def said(result: Result) -> str:
    """Give what a command printed that went well."""
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def write_books() -> None:
    """Decide about five: one stayed, one left, one is pending, one erased, one was held out and stayed."""
    whole = '{"tenure_months": 12.0, "monthly_spend": 50.0, "contract_type": 0.0, "bill_minor": 5000}'
    with open_store(new_ledger(LEDGER)) as store:
        store.campaigns.open(campaign())
        made = offers(["A", "B", "C", "D"], features=[whole] * 4, probability=np.full(4, 0.25))
        a, b, _, d = store.settle("spring", made, NOON).decision_ids
        held: dict[str, Any] = {"reasons": np.array([int(Reason.HOLDOUT)]), "features": [whole]}
        held["intended"] = np.array([3], dtype=np.int8)
        (e,) = store.settle("spring", silence(["E"], **held), NOON).decision_ids
        store.record_outcome(a, OutcomeKind.ACCEPTED, NOON + DAY, NOON + DAY)
        for one in (a, d, e):
            store.record_outcome(one, OutcomeKind.RETAINED, NOON + 30 * DAY, NOON + 30 * DAY)
        store.record_outcome(b, OutcomeKind.CHURNED, NOON + DAY, NOON + 30 * DAY)
        store.erase("D", NOON + 31 * DAY)


def test_who_left_is_written_and_who_is_not_in_it_is_told() -> None:
    """By default the holdout's customer alone; with --all the contacted ones too."""
    write_books()

    plain = said(run("export", "churn", "spring", "--out", "one.csv", "--now", LATER))
    everyone = said(run("export", "churn", "spring", "--out", "all.parquet", "--now", LATER, "--all"))

    assert plain.splitlines() == [
        "wrote 1 customer to one.csv",
        "left out 1: of customers who were erased",
        "left out 1: pending: nobody has said whether they stayed 30 days",
        "left out 2: contacted within 30 days; --all takes them",
    ]
    assert pl.read_csv("one.csv")["customer_id"].to_list() == ["E"]
    assert pl.read_parquet("all.parquet").select("customer_id", "churned", "contacted").rows() == [
        ("A", 0, 1), ("B", 1, 1), ("E", 0, 0),
    ]  # fmt: skip
    assert "note 2 of 3 customers were contacted" in everyone


def test_past_offers_are_written() -> None:
    """Who accepted, and who let the last day pass; who was erased is counted."""
    write_books()

    told = said(run("export", "accept", "spring", "--out", "a.csv", "--now", LATER))

    frame = pl.read_csv("a.csv")
    assert frame.select("customer_id", "offer_pct", "accepted", "propensity").rows() == [
        ("A", 10, 1, 0.25), ("B", 10, 0, 0.25), ("C", 10, 0, 0.25),
    ]  # fmt: skip
    assert "left out 1: of customers who were erased\n" in told


def test_the_log_is_written_with_either_reward() -> None:
    """1 and 0; or 50.00 for 30 days kept less the 9.00 of the offer, and a day of it less nothing."""
    write_books()

    said(run("export", "log", "spring", "--out", "kept.csv", "--now", LATER))
    said(run("export", "log", "spring", "--out", "margin.csv", "--now", LATER, "--reward", "margin"))

    assert pl.read_csv("kept.csv")["reward"].to_list() == [1.0, 0.0]
    assert pl.read_csv("margin.csv")["reward"].to_list() == pytest.approx([41.0, 50 / 30])


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        (["churn", "winter", "--out", "t.csv"], CampaignError, "there is no campaign 'winter'"),
        (
            ["accept", "spring", "--out", "t.csv", "--now", "soon"],
            InputError,
            "--now is 'soon', wanted an ISO time",
        ),
        (
            ["log", "spring", "--out", "t.csv", "--reward", "fame"],
            InputError,
            "--reward is 'fame', wanted one of",
        ),
        (["churn", "spring", "--out", "t.xlsx"], InputError, "wanted a name in .parquet or .jsonl or .csv"),
        (["churn", "spring", "--out", "ledger.db"], InputError, "ledger.db is there already. Name another"),
        (
            ["accept", "spring", "--out", "t.csv", "--now", "2026-03-03"],
            InputError,
            "an answer may still come",
        ),
    ],
)
def test_what_cannot_be_written_is_refused(arguments: list[str], error: type[Exception], match: str) -> None:
    """In one line, and nothing is written."""
    write_books()

    result = run("export", *arguments)

    assert isinstance(result.exception, error)
    assert match in str(result.exception)
    assert not list(Path().glob("t.*"))


def test_what_was_learned_in_a_campaign_is_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Books → two tables → train-risk, which weighs offers by their chances and says where rows are from."""
    taught_campaign(LEDGER)
    monkeypatch.setenv("CONFIG_DIR", str(tiny_tabular(Path("configs"))))

    said(run("export", "churn", "spring", "--out", "data/churn_train.csv"))
    said(run("export", "accept", "spring", "--out", "data/accept_train.csv"))
    told = said(run("train-risk", "--data", "data", "--out", "models"))

    day = "logged 2026-03-02 to 2026-03-02"
    assert f"training on churn_train.csv (company), 300 rows; {day}, propensity 0.5 to 0.5" in told
    assert f"training on accept_train.csv (company), 300 rows; {day}, propensity 0.25 to 0.25" in told
    report = json.loads(Path("models/report.json").read_text(encoding="utf-8"))
    ladders = {model["name"]: model["ladder"] for model in report["models"]}
    assert ladders["accept"]["causal"] == "inverse-propensity weighted"
    assert {model["name"]: model["source"]["logged"] for model in report["models"]}["risk"].startswith(day)

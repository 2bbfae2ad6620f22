"""`churn-saver explain` as a person runs it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from churn_saver.cli import app
from churn_saver.config import environment
from churn_saver.decide import Engine, decide_now
from churn_saver.errors import DecisionAbsent, Erased
from churn_saver.opening import open_predictors
from churn_saver.store import open_store
from tests.builders import NOON, campaign, customers, rules
from tests.ledgers import new_ledger

LEDGER = "sqlite:///ledger.db"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", LEDGER)
    monkeypatch.setenv("BANK_DIR", "nowhere")


def decided(trained: bool, **changes: object) -> str:
    """Decide, by the propensity rule or with the shipped predictors; gives the name."""
    predictors = open_predictors(environment({}))[0] if trained else None
    with open_store(new_ledger(Path("ledger.db"))) as store:
        store.campaigns.open(campaign(**changes))
        return decide_now(customers(), Engine(store, predictors, rules()), NOON).decision_id


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["explain", *arguments])


def test_the_first_line_says_why() -> None:
    """Then what would have changed it, choices and probabilities."""
    name = decided(trained=False)
    found = run(name)
    words = " ".join(found.output.split())

    assert found.exit_code == 0, found.output
    assert words.startswith("Contacted with 10 % off: as the policy 'Risk threshold' decides.")
    assert "probability of the intended action 1, of the customer's arm 1" in words
    assert (
        "With contract type one year in place of month-to-month: no contact would have been decided" in words
    )


def test_scores_are_shown_with_their_inputs() -> None:
    """Of the shipped predictors, at a price that nothing is worth."""
    found = run(decided(trained=True, price=1_000.0))
    words = " ".join(found.output.split())

    assert found.exit_code == 0, found.output
    assert words.startswith("Not contacted: the best that was open,")
    assert "before calibration" in words
    assert "all others" in words
    assert "not known to the models: payment_method" in words


def test_as_json_it_is_what_the_service_answers() -> None:
    """One object, and nothing else."""
    found = run(decided(trained=False), "--json")
    why = json.loads(found.output)

    assert (why["done"], why["difference"], why["scores"]) == (3, "none", [])
    assert [one["offer_percentage"] for one in why["choices"]] == [None, 0, 5, 10, 15]


def test_what_is_not_there_or_erased_is_said() -> None:
    """By an error of its own."""
    name = decided(trained=False)
    with open_store(LEDGER) as store:
        store.erase("C00000", NOON)

    assert isinstance(run(name).exception, Erased)
    assert isinstance(run("0" * 32).exception, DecisionAbsent)

"""`churn-saver replay` as a person runs it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from churn_saver.cli import app
from churn_saver.decide import Engine, decide_now
from churn_saver.errors import ArtifactError, DecisionAbsent, Erased
from churn_saver.store import open_store
from tests.builders import NOON, campaign, customers, predictors, rules
from tests.ledgers import new_ledger

LEDGER = "sqlite:///ledger.db"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", LEDGER)


def decided(trained: bool) -> str:
    """Decide by the propensity rule, or with predictors that are nowhere on disk; gives the name."""
    with open_store(new_ledger(Path("ledger.db"))) as store:
        store.campaigns.open(campaign())
        engine = Engine(store, predictors() if trained else None, rules())
        return decide_now(customers(), engine, NOON).decision_id


def run(name: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["replay", name])


def test_a_decision_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any artefact, since none had a part in it; the kill switch of now does not matter."""
    monkeypatch.setenv("BANK_DIR", "nowhere")
    name = decided(trained=False)
    monkeypatch.setenv("FORCE_BASELINE", "true")
    found = run(name)

    assert found.exit_code == 0, found.output
    assert f"decision {name}, made again, is the same to the bit" in " ".join(found.output.split())
    assert "policy propensity_rule, predictors none" in " ".join(found.output.split())


def test_what_is_missing_is_named() -> None:
    """The hash that it was made with, and where to put what has it."""
    found = run(decided(trained=True))

    assert isinstance(found.exception, ArtifactError)
    assert "predictors told (here " in str(found.exception)
    assert "MODEL_DIR" in str(found.exception)


def test_what_is_not_there_or_erased_is_said() -> None:
    """By an error of its own."""
    name = decided(trained=False)
    with open_store(LEDGER) as store:
        store.erase("C00000", NOON)

    assert isinstance(run(name).exception, Erased)
    assert isinstance(run("0" * 32).exception, DecisionAbsent)

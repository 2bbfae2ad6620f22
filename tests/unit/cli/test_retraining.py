"""`churn-saver retrain`: from the books to a version that nobody decides by yet."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from churn_saver.cli import app
from churn_saver.domain.versions import Roles
from churn_saver.store import open_store, sqlite_url
from tests.taught_books import taught_campaign, tiny_tabular

LEDGER = Path("ledger.db")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, on a wide screen."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url(LEDGER))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("CONFIG_DIR", str(tiny_tabular(Path("configs"))))


def run(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(app, list(arguments))


def test_what_a_campaign_taught_becomes_a_version_without_a_role() -> None:
    """Tables, artefacts and version stand there; trained again it is the same version."""
    taught_campaign(LEDGER)

    first = run("retrain", "spring", "--policy", "knapsack", "--note", "spring's lessons")
    again = run("retrain", "spring", "--policy", "knapsack")

    assert first.exit_code == 0, first.output
    with open_store(sqlite_url(LEDGER)) as store:
        (found,) = store.registry.list()
        assert (found.note, found.version.rung) == ("spring's lessons", "knapsack")
        assert store.control().roles == Roles()
    assert (Path("models/versions") / found.version.digest).is_dir()
    assert f"promote {found.version.digest[:12]} --to challenger" in first.output
    assert f"is there already: {found.version.digest[:12]}" in again.output
    assert "training on churn_train.csv (company), 300 rows" in first.output


def test_a_campaign_that_is_not_there_is_refused() -> None:
    """Nothing is written."""
    taught_campaign(LEDGER)

    found = run("retrain", "autumn")

    assert found.exit_code == 1
    assert "autumn" in str(found.exception)
    assert not Path("models").exists()

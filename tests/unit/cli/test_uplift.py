"""`train-uplift`, as a person runs it."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from churn_saver.adapters.uplift import load
from churn_saver.cli import app
from churn_saver.errors import CampaignError, ChurnSaverError, InputError, SupportError
from churn_saver.store import open_store
from tests.builders import campaign
from tests.persuadables import log_table, logged, portfolio


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "UPLIFT_DIR"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["train-uplift", *arguments])


def table(rows: int = 1_200) -> pl.DataFrame:
    """Give a log as its file has it."""
    rng = np.random.default_rng(3)
    return log_table(logged(portfolio(rows, rng), rng))


def test_a_log_becomes_effects_and_a_page() -> None:
    """Under models/uplift, with a version; another name of the reward is mapped."""
    table().rename({"reward": "stayed"}).write_csv("log.csv")

    result = run("--log", "log.csv", "--column", "reward=stayed", "--days", "60")
    said = " ".join(result.output.split())
    effects = load(Path("models/uplift"))

    assert result.exit_code == 0, result.output
    assert "learning from log.csv, 1,200 decisions" in said
    assert f"effects models/uplift version {effects.version}" in said
    assert effects.days == 60
    assert "Qini" in said
    assert "60 days after the decision" in Path("models/uplift/report.html").read_text()


def test_the_same_log_makes_the_same_effects() -> None:
    """To the version, wherever they are written; CSV or Parquet is the same log but for its name."""
    table().write_csv("log.csv")

    for out in ("one", "two"):
        assert run("--log", "log.csv", "--out", out).exit_code == 0

    assert load(Path("one")).version == load(Path("two")).version


def test_a_campaign_of_our_books_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that there is not is refused, and one that has decided nothing, with the reason."""
    monkeypatch.setenv("DATABASE_URL", "sqlite:///ledger.db")
    with open_store("sqlite:///ledger.db") as store:
        store.campaigns.open(campaign())

    with pytest.raises(CampaignError, match=r"autumn"):
        raise run("--log", "campaign:autumn").exception or AssertionError("it went through")
    with pytest.raises(InputError, match=r"campaign 'spring' has no decision that counts"):
        raise run("--log", "campaign:spring").exception or AssertionError("it went through")


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (("--log", "none.csv"), InputError, r"none\.csv cannot be read"),
        (("--log", "log.csv", "--column", "reward"), InputError, r"--column is 'reward', wanted NAME=YOURS"),
        (("--log", "campaign:x", "--column", "a=b"), InputError, r"--column is for files, .* leave it out"),
        (("--log", "log.csv"), SupportError, r"arm 10 was drawn in 0 of .* wanted 100"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(
    arguments: tuple[str, ...], kind: type[ChurnSaverError], message: str
) -> None:
    """And nothing is written."""
    allowed = pl.lit("none|0|5|10|15").alias("allowed")
    table().filter(pl.col("arm") != "10").with_columns(allowed).write_csv("log.csv")

    with pytest.raises(kind, match=message):
        raise run(*arguments).exception or AssertionError("it went through")
    assert not Path("models").exists()

"""Switches and budget, as a person sets them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from churn_saver.cli import app
from churn_saver.errors import CampaignError, ChurnSaverError, InputError
from churn_saver.store import open_store
from tests.builders import campaign
from tests.ledgers import new_ledger
from tests.unit.store.batches import offers

LEDGER = "sqlite:///ledger.db"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", LEDGER)


@pytest.fixture
def now() -> datetime:
    """Open the campaign 'spring' of 5,000.00 with one contact of 10.00 in it."""
    now = datetime.now(UTC)
    with open_store(new_ledger(Path("ledger.db"))) as store:
        store.campaigns.open(campaign(starts_at=now))
        store.settle("spring", offers(["A"], at=now), now)
    return now


def told(*arguments: str) -> str:
    """Run a command that must succeed, and give what it said in one line."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def run(*arguments: str) -> Result:
    """Run a command of the group."""
    return CliRunner().invoke(app, ["control", *arguments])


def test_nothing_is_thrown_at_first(now: datetime) -> None:
    """Both off, nobody named; the campaign with its money."""
    assert told("show") == (
        "stopped off baseline off "
        "campaign spring: limit 5,000.00 USD, 4,990.00 free, 10.00 reserved, 0.00 spent"
    )


def test_a_switch_is_thrown_and_the_other_one_stays(now: datetime) -> None:
    """Stopped, then the baseline too, then going again: what is not named is as it was."""
    first = told("set", "--stopped")
    second = told("set", "--baseline")
    third = told("set", "--no-stopped")

    assert first.startswith(
        "stopped ON: nobody is contacted, nothing is sent baseline off thrown last by command"
    )
    assert second.startswith("stopped ON: nobody is contacted, nothing is sent baseline ON: the propensity")
    assert third.startswith("stopped off baseline ON: the propensity rule decides")
    assert told("show") == third


def test_a_limit_is_changed_and_audited(now: datetime) -> None:
    """Alone it throws no switch; with one both are done; the chain holds and says by whom."""
    with open_store(LEDGER) as store:
        before = [store.verify_chain(chain).rows for chain in ("spring", None)]
    alone = told("set", "--limit", "250.50")
    both = told("set", "--limit", "300", "--stopped")
    with open_store(LEDGER) as store:
        after = [store.verify_chain(chain).rows for chain in ("spring", None)]

    assert "limit 250.50 USD, 240.50 free" in alone
    assert "thrown" not in alone
    assert "stopped ON" in both
    assert "limit 300.00 USD" in both
    # Two limits in the campaign's chain, one switch in the chain of all.
    assert [after[0] - before[0], after[1] - before[1]] == [2, 1]


def test_a_limit_below_what_is_promised_is_refused_whole(now: datetime) -> None:
    """10.00 are reserved: the switch named with it is not thrown either."""
    refused = run("set", "--limit", "9.99", "--stopped").exception

    assert isinstance(refused, CampaignError)
    assert "The least possible limit is 10.00." in str(refused)
    assert told("show").startswith("stopped off baseline off campaign")


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        ((), InputError, "nothing to set, wanted --baseline or --no-baseline"),
        (("--limit", "much"), InputError, "--limit is 'much', wanted a number"),
        (("--limit", "5000"), CampaignError, "churn-saver campaign open --id spring"),
    ],
)
def test_what_cannot_be_set_is_refused(
    arguments: tuple[str, ...], kind: type[ChurnSaverError], said: str
) -> None:
    """No wish, no number, no campaign: each with the next step."""
    open_store(LEDGER).close()

    refused = run("set", *arguments).exception

    assert isinstance(refused, kind)
    assert said in str(refused)

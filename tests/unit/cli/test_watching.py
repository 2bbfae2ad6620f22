"""`churn-saver watch`: its exit codes, its files, how it is stopped."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from churn_saver.cli import app
from churn_saver.errors import CampaignError, InputError
from churn_saver.store import open_store
from tests.builders import campaign
from tests.tiny_configs import CONFIGS
from tests.unit.store.batches import offers, silence


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder with a ledger of its own and the settings of the project."""
    monkeypatch.setenv("CONFIG_DIR", str(CONFIGS))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'ledger.db'}")
    monkeypatch.chdir(tmp_path)


def decide(contacts: int) -> None:
    """Open a campaign with twenty decisions of five days ago, some of them contacts that nobody sends."""
    past = datetime.now(UTC) - timedelta(days=5)
    with open_store(os.environ["DATABASE_URL"]) as store:
        store.campaigns.open(campaign(starts_at=past - timedelta(days=1)))
        ids = [f"C{place:02d}" for place in range(20)]
        if contacts:
            store.settle("spring", offers(ids[:contacts], at=past), past)
        store.settle("spring", silence(ids[contacts:], decided_at=past), past)


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["watch", *arguments])


def test_a_quiet_campaign_is_exit_code_0() -> None:
    """Nobody was contacted, so nothing waits; page and figures lie in the folder."""
    decide(0)

    done = run("spring", "--once")

    assert done.exit_code == 0, done.output
    assert "Nothing is off" in done.output
    assert sorted(path.name for path in Path("var/watch").iterdir()) == ["spring.html", "spring.json"]


def test_something_off_is_exit_code_3() -> None:
    """Twenty contacts of five days ago, and none went out; the metrics say the same."""
    decide(20)

    done = run("spring", "--metrics", "watch.prom", "--out", "here", "--json")

    assert done.exit_code == 3, done.output
    assert json.loads(done.stdout)["alarms"] == ["0 of 20 contacts went out, wanted 90 % at least"]
    logged = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["alarms"], line["campaign"]) for line in logged if line["message"] == "looked"] == [
        (1, "spring")
    ]
    assert b'churn_saver_watch_alarms{campaign="spring"} 1.0' in Path("watch.prom").read_bytes()
    assert Path("here/spring.html").is_file()


def test_a_campaign_that_is_not_there_is_an_error() -> None:
    """By its name, and nothing is written."""
    decide(0)

    done = run("winter")

    assert isinstance(done.exception, CampaignError)
    assert "winter" in str(done.exception)
    assert not Path("var/watch").exists()


def test_a_reference_that_cannot_be_used_is_an_error() -> None:
    """Before the ledger is opened."""
    done = run("spring", "--reference", "5..5")

    assert isinstance(done.exception, InputError)
    assert not Path("ledger.db").exists()


def test_once_and_every_are_one_too_many() -> None:
    """One look, or many."""
    done = run("spring", "--once", "--every", "5")

    assert done.exit_code == 2
    assert "--once or --every" in " ".join(done.output.split())


def test_on_a_schedule_a_signal_ends_the_wait_at_once() -> None:
    """SIGTERM comes when the first look was shown: its page is whole, and the hour is not waited for."""
    decide(0)
    command = "from churn_saver.cli import main; main()"

    with subprocess.Popen(
        [sys.executable, "-c", command, "watch", "spring", "--every", "60"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert any("campaign spring" in line for line in process.stdout)
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=600)

    assert code == 0
    assert Path("var/watch/spring.html").read_text().rstrip().endswith("</html>")

"""`churn-saver campaign` with a protocol, as a person runs it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from churn_saver.cli import app
from churn_saver.errors import ConfigError, InputError
from churn_saver.store import open_store
from tests.ledgers import new_ledger

EXAMPLE = Path(__file__).parents[3] / "ops" / "configs" / "protocol.yaml"
LEDGER = "sqlite:///ledger.db"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", LEDGER)
    monkeypatch.setenv("COLUMNS", "140")
    new_ledger(tmp_path / "ledger.db")


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["campaign", *arguments])


def opened(*more: str) -> Result:
    """Open a campaign."""
    return run("open", "--id", "spring", "--limit", "100", *more)


def test_a_campaign_opens_with_its_protocol() -> None:
    """The digest is told, stands in the books and in the list; the chain holds."""
    found = opened("--protocol", str(EXAMPLE))
    with open_store(LEDGER) as store:
        recorded = store.protocols.of("spring")
        rows = store.verify_chain("spring").rows

    assert found.exit_code == 0, found.output
    assert recorded is not None
    assert recorded.digest in "".join(found.output.split())
    assert recorded.body.startswith('{"alpha":0.05,"customers":7000,"days":30,')
    assert rows == 2
    assert f"protocol of spring: SHA-256 {recorded.digest}" in run("list").output


def test_without_one_nothing_is_said_of_it() -> None:
    """Neither when it opens nor in a list of campaigns of which none has one."""
    found = opened()

    assert "protocol" not in found.output
    assert "protocol" not in run("list").output


def test_one_that_cannot_be_used_opens_nothing() -> None:
    """All its faults at once; a file that is no text, or not there."""
    text = EXAMPLE.read_text().replace("alpha: 0.05", "alpha: 5").replace("days: 30 ", "days: 0 ")
    Path("bad.yaml").write_text(text)
    Path("bytes.yaml").write_bytes(b"\xff\xfe\x00")
    faults = opened("--protocol", "bad.yaml").exception
    no_text, nowhere = (opened("--protocol", name).exception for name in ("bytes.yaml", "absent.yaml"))
    with open_store(LEDGER) as store:
        campaigns = store.campaigns.list()

    assert isinstance(faults, ConfigError)
    assert {line.split()[1] for line in str(faults).splitlines()} == {"alpha", "days"}
    assert isinstance(no_text, InputError)
    assert "is no text" in str(no_text)
    assert isinstance(nowhere, InputError)
    assert "ops/configs/protocol.yaml" in str(nowhere)
    assert list(campaigns) == []

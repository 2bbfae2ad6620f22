"""`churn-saver lift` as a person runs it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from churn_saver.cli import app
from churn_saver.domain.action import Reason
from churn_saver.domain.outcome import OutcomeKind
from churn_saver.errors import CampaignError, InputError
from churn_saver.store import Store, open_store
from tests.builders import campaign
from tests.ledgers import new_ledger
from tests.lift_reports import PROTOCOL
from tests.unit.store.batches import silence

LEDGER = "sqlite:///ledger.db"
BEGAN = datetime.now(UTC) - timedelta(days=31, hours=2)
BILL = '{"bill_minor": 9000}'


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", LEDGER)
    monkeypatch.setenv("COLUMNS", "120")


def made(holdout_share: float = 0.4, with_protocol: bool = True, decided: bool = True) -> None:
    """Write a ledger of ten customers, six treated and four held out; one and two of them have left."""
    with open_store(new_ledger(Path("ledger.db"))) as store:
        opened = campaign(starts_at=BEGAN, holdout_share=holdout_share)
        store.campaigns.open(opened, PROTOCOL.model_dump(mode="json") if with_protocol else None)
        if decided:
            treated = _decided(store, ["A", "B", "C", "D", "E", "F"], 0, 0.6)
            held_out = _decided(store, ["K", "L", "M", "N"], int(Reason.HOLDOUT), 0.4)
            _stay(store, [*treated[:5], *held_out[:2]])
            for day, name in ((10, treated[5]), (15, held_out[2]), (20, held_out[3])):
                at = BEGAN + timedelta(days=day)
                store.record_outcome(name, OutcomeKind.CHURNED, at, at)


def _decided(store: Store, ids: list[str], reason: int, drawn: float) -> Sequence[str]:
    n = len(ids)
    rows = silence(
        ids, at=BEGAN, features=[BILL] * n, reasons=np.full(n, reason), arm_probability=np.full(n, drawn)
    )
    return store.settle("spring", rows, BEGAN).decision_ids


def _stay(store: Store, ids: Sequence[str]) -> None:
    at = BEGAN + timedelta(days=30)
    for name in ids:
        store.record_outcome(name, OutcomeKind.RETAINED, at, at)


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["lift", *arguments])


def test_the_first_line_comes_first() -> None:
    """Then the look, the arms, the difference, the sizes and the protocol."""
    made()
    found = run("spring")
    told = " ".join(found.output.split())

    assert found.exit_code == 0, found.output
    assert found.output.startswith("This campaign is too small to say whether it kept customers")
    assert "Unplanned look: this is day 31" in told
    assert "│ Customers │ 6 │ 4 │" in told
    assert "saved 2 (" in told
    assert "The arms have the sizes that were drawn for: 6 of 10" in told
    assert "protocol " in told


def test_json_stands_alone() -> None:
    """Figures by hand: a third of difference; 80.00 − 71.25 of margin; nothing was spent."""
    made()
    found = run("spring", "--json")
    report = json.loads(found.output)

    assert report["effects"]["retained"]["difference"]["value"] == pytest.approx(1 / 3)
    assert report["effects"]["net"]["difference"]["value"] == pytest.approx(8.75)
    assert report["protocol"]["days"] == 30


def test_a_folder_gets_page_and_report() -> None:
    """The page and the JSON that it shows."""
    made(with_protocol=False)
    found = run("spring", "--out", "there")

    assert found.exit_code == 0, found.output
    assert "there/lift.html" in found.output
    assert "<svg" in Path("there/lift.html").read_text()
    assert json.loads(Path("there/lift.json").read_text())["protocol"] is None
    assert "No protocol was written" in found.output


def test_other_days_than_the_protocol_s_are_unplanned() -> None:
    """Ten days after the first decision, all ten are followed."""
    made()
    report = json.loads(run("spring", "--days", "9", "--json").output)

    assert report["window_days"] == 9
    assert report["look"]["is_planned"] is False
    assert "the protocol judges after 30 days" in report["look"]["sentence"]


def test_what_cannot_be_said_is_refused_by_name() -> None:
    """Unknown, without decisions, without a holdout."""
    made(decided=False)
    unknown, empty = run("autumn"), run("spring")

    assert isinstance(unknown.exception, CampaignError)
    assert "'autumn'" in str(unknown.exception)
    assert isinstance(empty.exception, InputError)
    assert "'spring' has no decision yet" in str(empty.exception)


def test_a_campaign_without_a_holdout_is_refused_by_name() -> None:
    """There is nothing to compare with."""
    made(holdout_share=0.0)
    found = run("spring")

    assert isinstance(found.exception, InputError)
    assert "'spring' has no holdout" in str(found.exception)

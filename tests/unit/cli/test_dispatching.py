"""`churn-saver dispatch`: what it says, what it refuses, how it is stopped."""

import json
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from churn_saver.cli.dispatching import Stop, dispatch
from churn_saver.errors import ConfigError
from churn_saver.store import open_store
from tests.builders import campaign
from tests.unit.store.batches import fit_text, offers


def lines(err: str) -> list[dict[str, Any]]:
    """Read what was logged, without what every line has."""
    found = [json.loads(one) for one in err.splitlines()]
    return [{k: v for k, v in one.items() if k not in ("time", "logger")} for one in found]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name a ledger in a folder to work in, with the settings of the project."""
    monkeypatch.setenv("CONFIG_DIR", str(Path(__file__).parents[3] / "ops" / "configs"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'ledger.db'}")
    monkeypatch.chdir(tmp_path)
    return f"sqlite:///{tmp_path / 'ledger.db'}"


def test_once_sends_what_is_due_and_says_what_is_left(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of four one is due tomorrow and one customer said no; whoever reads along sees no customer."""
    now = datetime.now(UTC)
    noon = f"Etc/GMT{now.hour - 12:+d}"
    moments = [now, now, now, now + timedelta(days=1)]
    with open_store(url) as store:
        store.campaigns.open(campaign(starts_at=now - timedelta(days=1)))
        names = ["ann", "bob", "cyd", "dan"]
        batch = offers(names, at=now, send_at=moments, time_zones=[noon] * 4, texts=[fit_text(now)] * 4)
        made = store.settle("spring", batch, now)
        store.opt_out("bob", now)

    dispatch("file:sent.jsonl", None, is_once=True)

    told = " ".join(capsys.readouterr().out.split())
    sent = [json.loads(line)["customer_id"] for line in Path("sent.jsonl").read_bytes().splitlines()]
    assert sorted(sent) == ["ann", "cyd"]
    assert f"note {made.decision_ids[1]} given_up opted_out" in told
    assert "2 messages sent, 1 given_up" in told
    assert "1 message waiting, 0 of them due; 1 given up" in told
    assert not any(name in told for name in ("ann", "bob", "cyd", "dan", "Sam"))


def test_who_waits_for_the_day_has_no_line_at_every_run(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One of two is asleep: counted as waiting, on the screen and in one line for all."""
    now = datetime.now(UTC)
    noon = f"Etc/GMT{now.hour - 12:+d}"
    midnight = f"Etc/GMT{now.hour if now.hour <= 12 else now.hour - 24:+d}"
    with open_store(url) as store:
        store.campaigns.open(campaign(starts_at=now - timedelta(days=1)))
        zones, texts = [noon, midnight], [fit_text(now)] * 2
        batch = offers(["ann", "bob"], at=now, time_zones=zones, texts=texts)
        made = store.settle("spring", batch, now).decision_ids

    dispatch("file:sent.jsonl", None, is_once=True)

    told, logged = capsys.readouterr()
    sent, outbox, _ = lines(logged)
    assert (sent["decision_id"], outbox["message"], outbox["waiting"]) == (made[0], "outbox", 1)
    assert "1 message sent, 1 held" in " ".join(told.split())


def test_a_text_that_the_shield_stops_now_is_named_without_its_text(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of two: it is not sent, the log has its decision and its codes as an error, the screen too."""
    now = datetime.now(UTC)
    noon = f"Etc/GMT{now.hour - 12:+d}"
    good, bad = fit_text(now), fit_text(now).replace("10%", "15%")
    with open_store(url) as store:
        store.campaigns.open(campaign(starts_at=now - timedelta(days=1)))
        batch = offers(["ann", "bob"], at=now, time_zones=[noon] * 2, texts=[good, bad])
        made = store.settle("spring", batch, now).decision_ids

    dispatch("file:sent.jsonl", None, is_once=True)

    told, logged = capsys.readouterr()
    sent, unsafe, outbox, budget = lines(logged)
    assert [json.loads(one)["customer_id"] for one in Path("sent.jsonl").read_bytes().splitlines()] == ["ann"]
    assert sent == {
        "severity": "INFO", "message": "dispatched", "decision_id": made[0], "result": "sent", "why": "",
        "service": "churn-retain-api",
    }  # fmt: skip
    assert unsafe == {
        "severity": "ERROR", "message": "dispatched", "decision_id": made[1], "result": "unsafe",
        "why": "unsafe: missing_offer, wrong_number", "service": "churn-retain-api",
    }  # fmt: skip
    assert {name: outbox[name] for name in ("message", "waiting", "due", "given_up", "unsafe")} == {
        "message": "outbox", "waiting": 0, "due": 0, "given_up": 1, "unsafe": 1
    }  # fmt: skip
    # 5,000.00 less 1.00 for the contact and 9.00 for the offer of the one that was sent.
    assert (budget["message"], budget["campaign"], budget["free_minor"]) == ("budget", "spring", 499_000)
    assert budget["free_share"] == pytest.approx(0.998)
    assert f"note {made[1]} unsafe unsafe: missing_offer, wrong_number" in " ".join(told.split())
    assert not any(word in told + logged for word in ("ann", "bob", "Sam", "thank you"))


def test_a_token_on_the_command_line_is_refused(url: str) -> None:
    """It would be seen among the processes; the message does not repeat it."""
    with pytest.raises(ConfigError, match=r"--token-from holds something else than file:PATH") as caught:
        dispatch("https://example.com/", "s3cret", is_once=True)

    assert "s3cret" not in str(caught.value)


def test_a_sender_that_cannot_be_used_is_refused_before_the_ledger_is_opened(
    url: str, tmp_path: Path
) -> None:
    """Plain http to another machine."""
    with pytest.raises(ConfigError, match="is not https"):
        dispatch("http://example.com/", None, is_once=True)

    assert list(tmp_path.iterdir()) == []


def test_signals_have_their_meaning_again_afterwards(url: str) -> None:
    """What stood there before the command stands there after it."""
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]

    dispatch("file:sent.jsonl", None, is_once=True)

    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


def test_a_wish_to_stop_is_never_taken_back() -> None:
    """Not asked: it waits; asked by a signal in the middle of a wait: at once, and ever after."""
    stop = Stop()
    before = signal.signal(signal.SIGTERM, stop.ask)
    first = stop.wait(0)
    os.kill(os.getpid(), signal.SIGTERM)
    answers = [stop.wait(60), stop.wait(60), stop.wait(0)]
    signal.signal(signal.SIGTERM, before)
    stop.close()

    assert not first
    assert answers == [True] * 3

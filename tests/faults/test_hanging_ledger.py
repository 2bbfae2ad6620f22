"""A ledger that hangs and does not refuse: everybody is answered all the same, and nobody is contacted.

Another process keeps SQLite's write lock; PostgreSQL's processes are stopped, those of the service or all.
Answers are counted, not timed: that every call comes back at all is what is shown.
"""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url

from churn_saver.serve.responses import PredictResponse, RetainResponse
from churn_saver.store import open_store
from tests.faults.sizes import sized
from tests.ledgers import new_ledger
from tests.postgres import Server
from tests.serving import PREDICT, RETAIN, Client, Clock, real_service

DECISIONS, MARKS = sized(24, 200), sized(12, 60)
DEADLINE_MS = 2_500
LATER = timedelta(seconds=2)
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""
"""Holds the write lock of a ledger until it is told to stop."""
LOOKS = ["/healthz", "/health", "/readyz", "/ready", "/metrics", "/control", "/openapi.json"]

Request = tuple[str, str, object]


def asked() -> list[Request]:
    """Give all that is asked at once: decisions about customers of their own, marks, switches, probes."""
    decided: list[Request] = [
        ("POST", path, body | {"customer_id": f"{path[1]}{number}"})
        for number in range(DECISIONS // 2)
        for path, body in (("/retain", RETAIN), ("/predict", PREDICT))
    ]
    marked: list[Request] = [
        ("POST", f"/customers/M{number}/{('suppress', 'opt-out')[number % 2]}", None)
        for number in range(MARKS)
    ]
    switched: list[Request] = [("PUT", "/control", {"baseline": False, "stopped": False})] * 2
    return [*decided, *marked, *switched, *(("GET", path, None) for path in LOOKS)]


def check(answers: Sequence[httpx.Response]) -> Counter[str]:
    """See that each is valid and that nobody is contacted; count the ways in which they are."""
    ways = Counter[str]()
    for (method, path, _), found in zip(asked(), answers, strict=True):
        assert found.status_code in (200, 503), found.text
        if found.status_code == 503:
            assert path.startswith(("/customers", "/retain", "/predict", "/control", "/metrics", "/ready"))
            assert found.headers["Retry-After"], path
        elif path in ("/retain", "/predict"):
            shape = RetainResponse if path == "/retain" else PredictResponse
            shape.model_validate_json(found.content)
            told = found.json()
            assert told["decision"]["contact"] is False
            assert told["metadata"]["degraded_reasons"] == ["ledger_unavailable"]
            assert told["metadata"]["decision_id"] is None
        ways[f"{method} {path.split('/')[1]} {found.status_code}"] += 1
    return ways


def begun(client: Client, clock: Clock) -> None:
    """Have the service ready once, and its document written: that takes a processor, not a ledger."""
    assert client.get("/readyz").status_code == 200
    client.get("/openapi.json")
    until_normal(client, clock, "before")


def until_normal(client: Client, clock: Clock, name: str) -> Any:
    """Ask about new customers until an answer is whole; soon one is."""
    for number in range(50):
        clock.now += LATER
        found = client.post("/retain", RETAIN | {"customer_id": f"{name}{number}"})
        if found.status_code == 200 and not found.json()["metadata"]["degraded"]:
            return found.json()
    raise AssertionError(f"still degraded: {found.text}")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Have another process keep the write lock of a ledger."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or process.stdout.readline() != "held\n":
            raise RuntimeError("the lock was not had: see the error above")
        try:
            yield
        finally:
            process.kill()


@contextmanager
def stopped(processes: Sequence[int]) -> Iterator[None]:
    """Stop processes, which then keep their connections and say nothing."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def decisions(url: str) -> int:
    """Count what is recorded, and see that money and chain are in order."""
    with open_store(url) as store:
        store.verify_chain("default")
        return sum(len(columns["decision_id"]) for columns in store.records())


def test_sqlites_write_lock_in_other_hands(tmp_path: Path) -> None:
    """Readers read on; who must write hears in time that it cannot be, and nothing of it is done later."""
    clock, url = Clock(), new_ledger(tmp_path / "ledger.db")
    with real_service(url, clock, deadline_ms=DEADLINE_MS) as client:
        begun(client, clock)
        before = decisions(url)
        with locked(tmp_path / "ledger.db"):
            clock.now += LATER
            ways = check(client.together(asked()))
        between = decisions(url)
        until_normal(client, clock, "after")

    assert ways.total() == len(asked())
    assert ways["GET healthz 200"] == ways["GET health 200"] == ways["GET openapi.json 200"] == 1
    assert ways["POST retain 200"] + ways["POST predict 200"] > 0
    assert ways["POST customers 503"] == MARKS
    assert ways["PUT control 503"] == 2
    assert between == before


@pytest.mark.parametrize("wholly", [False, True], ids=["the connections", "the server"])
def test_a_postgresql_that_says_nothing(postgres: Server, wholly: bool) -> None:
    """All are answered; where only the old connections hang, new ones are made and it goes on meanwhile."""
    clock = Clock()
    with postgres.database() as url, real_service(url, clock, deadline_ms=DEADLINE_MS) as client:
        begun(client, clock)
        client.together(asked())
        until_normal(client, clock, "warm")
        hanging = postgres.backends(str(make_url(url).database))
        with stopped([*hanging, *([postgres.first_process()] if wholly else [])]):
            clock.now += LATER
            ways = check_any(client.together(asked()), wholly)
            if not wholly:
                until_normal(client, clock, "meanwhile")
        until_normal(client, clock, "after")
        decisions(url)

    assert ways.total() == len(asked())
    assert ways["GET healthz 200"] == ways["GET health 200"] == ways["GET openapi.json 200"] == 1
    assert len(hanging) > 0


def check_any(answers: Sequence[httpx.Response], wholly: bool) -> Counter[str]:
    """See that each is valid; where the server lets new ones in, some may have been decided as ever."""
    if wholly:
        ways = check(answers)
        assert ways["PUT control 503"] == 2
        assert ways["POST customers 503"] == MARKS
        return ways
    pairs = zip(asked(), answers, strict=True)
    return Counter(
        f"{method} {path.split('/')[1]} {found.status_code}"
        for (method, path, _), found in pairs
        if found.status_code in (200, 503)
    )

"""Requests sent again and again, and switches thrown, at a service of two real processes."""

import json
import random
import time
import urllib.error
import urllib.request
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from churn_saver.domain.action import NO_CONTACT
from churn_saver.store import open_store
from tests.faults.sizes import sized
from tests.serving import RETAIN
from tests.workers import two_workers

CONNECTIONS = 64
KEYS, REPEATS = sized(500, 5_000), 20
PROMISED_SECONDS = 2.0
ASKED_AGAIN = 100
"""How often somebody asks who was answered without the ledger, which is no answer of the key."""


def send(url: str, body: dict[str, Any], key: str | None = None, method: str = "POST") -> bytes:
    """Send a request, again when it is told to come back later; gives the bytes of its answer."""
    headers = {"Content-Type": "application/json"} | ({} if key is None else {"Idempotency-Key": key})
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as refused:
            if refused.code != 503:
                raise
            time.sleep(float(refused.headers["Retry-After"]))


def recorded(url: str, body: dict[str, Any], key: str) -> bytes:
    """Send a request under a key until its answer is recorded; gives the bytes."""
    for _ in range(ASKED_AGAIN):
        told = send(url, body, key)
        metadata = json.loads(told)["metadata"]
        if metadata["decision_id"] is not None:
            return told
        assert "ledger_unavailable" in metadata["degraded_reasons"]
    raise AssertionError(f"{key} was never recorded: {told!r}")


def patient(ledger: str) -> dict[str, str]:
    """Give variables of a service that lets everybody wait."""
    return {"DATABASE_URL": ledger, "MAX_WAITING": "1000", "MAX_WAIT_MS": "60000"}


def test_duplicates_are_spent_once(tmp_path: Path, database_url: str) -> None:
    """Every key many times, shuffled, over 64 connections: one decision and one recorded body for each."""
    keys = [number for number in range(KEYS) for _ in range(REPEATS)]
    random.Random(0).shuffle(keys)
    with two_workers(tmp_path, patient(database_url)) as (url, _), ThreadPoolExecutor(CONNECTIONS) as pool:
        bodies = pool.map(
            lambda n: recorded(f"{url}/retain", RETAIN | {"customer_id": f"C{n}"}, f"key-{n}"), keys
        )
        answers = defaultdict(set)
        for number, body in zip(keys, bodies, strict=True):
            answers[number].add(body)

    assert {len(found) for found in answers.values()} == {1}
    with open_store(database_url) as store:
        choices = [choice for columns in store.records() for choice in columns["choice"]]
        start = store.campaigns.get("default").starts_at
        totals = store.verify("default", start)
    told = [json.loads(next(iter(found))) for found in answers.values()]
    assert len(choices) == KEYS
    assert sum(choice != NO_CONTACT for choice in choices) == sum(one["decision"]["contact"] for one in told)
    promised = sum(100 + round(100 * one["offer"]["cost"]) for one in told if one["offer"])
    assert totals.reserved_minor == promised


def test_every_process_obeys_a_switch_in_time(tmp_path: Path, database_url: str) -> None:
    """Two seconds after it was thrown nobody is contacted, whichever process answers."""
    with two_workers(tmp_path, patient(database_url)) as (url, _):
        send(f"{url}/control", {"baseline": False, "stopped": True}, method="PUT")
        thrown = time.monotonic()
        late: list[Any] = []
        number = 0
        while time.monotonic() < thrown + PROMISED_SECONDS + 1.0:
            is_late, number = time.monotonic() > thrown + PROMISED_SECONDS, number + 1
            answer = json.loads(send(f"{url}/retain", RETAIN | {"customer_id": f"S{number}"}))
            late += [answer["metadata"]["reasons"]] if is_late else []

    assert late
    assert {tuple(reasons) for reasons in late} <= {("stopped",), ("holdout",)}

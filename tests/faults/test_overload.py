"""More asked than can be done: who is answered is answered by the rules, the others hear when to come back.

The service runs in a process of its own, with models that take 20 ms, one turn and two places to wait; 32
callers never let it rest. Nothing is timed here: `benchmarks/service.py` does that.
"""

import json
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from os import environ
from pathlib import Path
from typing import Any

import pytest

from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS
from churn_saver.serve.responses import RetainResponse
from churn_saver.store import Store, open_store
from tests.builders import campaign
from tests.faults.sizes import sized
from tests.serving import RETAIN

ROOT = Path(__file__).parents[2]
ENGINE_MS, TURNS, PLACES, CALLERS = 20, 1, 2, 32
CUSTOMERS = sized(60, 1_000)
EACH = 3
"""Events of each customer, each under a key of its own and sent twice."""
SUPPRESSED = 5
"""Every so many customers nobody may write to."""
MEANT_FOR = CUSTOMERS // 4
LIMIT_MINOR = 800 * MEANT_FOR
"""Others than those whom it is meant for ask too, so that it runs out."""


DATABASES = ["sqlite", "postgresql"][: sized(1, 2)]
LATE = {"predictors_unavailable", "policy_unavailable"}
"""What a machine may do without that is too busy for its deadlines; the answer is named and valid."""


@dataclass(frozen=True)
class Event:
    """One request."""

    customer: int
    key: str


@dataclass(frozen=True)
class Answer:
    """What came back."""

    event: Event
    status: int
    retry_after: str | None
    body: bytes

    @property
    def told(self) -> Any:
        """The answer as JSON."""
        return json.loads(self.body)


@contextmanager
def slow_service(url: str, folder: Path) -> Iterator[str]:
    """Start a service on a ledger, with an engine that takes its time; gives host and port."""
    own = {"DATABASE_URL": url, "MAX_IN_FLIGHT": str(TURNS), "MAX_WAITING": str(PLACES)}
    own |= {"MAX_WAIT_MS": "60000", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "benchmarks.service_apps", "slow", str(ENGINE_MS)]
    with subprocess.Popen(
        command, env=environ | own, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"127\.0\.0\.1:\d+", process.stdout.readline())
            assert found
            yield found[0]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def asked(where: str, event: Event) -> Answer:
    """Send an event."""
    body = json.dumps(RETAIN | {"customer_id": f"C{event.customer}"})
    connection = HTTPConnection(where, timeout=120)
    try:
        connection.request(
            "POST", "/retain", body, {"Content-Type": "application/json", "Idempotency-Key": event.key}
        )
        answer = connection.getresponse()
        return Answer(event, answer.status, answer.getheader("Retry-After"), answer.read())
    finally:
        connection.close()


def at_rest(where: str) -> dict[str, float]:
    """Read the numbers of the page of metrics, those of one name added up."""
    connection = HTTPConnection(where, timeout=120)
    try:
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
    finally:
        connection.close()
    found = Counter[str]()
    for line in lines:
        if not line.startswith("#"):
            found[line.partition("{")[0].partition(" ")[0]] += float(line.rpartition(" ")[2])  # type: ignore[assignment]
    return dict(found)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A ledger with money for a few, and customers who must not be written to."""
    now = datetime.now(UTC)
    with open_store(database_url) as opened:
        opened.campaigns.open(campaign(starts_at=now, limit_minor=LIMIT_MINOR, customers=MEANT_FOR))
        opened.import_suppressions([f"C{n}" for n in range(0, CUSTOMERS, SUPPRESSED)], now)
        yield opened


@pytest.mark.parametrize("database_url", DATABASES, indirect=True)
def test_overload_refuses_and_breaks_no_rule(store: Store, database_url: str, tmp_path: Path) -> None:
    """Every answer is valid or a refusal; afterwards all is answered, once for each key, within the rules."""
    events = [Event(n, f"{n}-{i}") for n in range(CUSTOMERS) for i in range(EACH)] * 2
    random.Random(0).shuffle(events)
    with slow_service(database_url, tmp_path) as where:
        with ThreadPoolExecutor(CALLERS) as pool:
            first = list(pool.map(lambda event: asked(where, event), events))
        refused = [one for one in first if one.status != 200]
        later = [asked(where, one.event) for one in refused]
        page = at_rest(where)

    assert {(one.status, one.retry_after) for one in refused} == {(503, "1")}
    assert len(refused) < len(events)
    assert {one.status for one in later} == {200}
    assert (page["churn_saver_waiting"], page["churn_saver_in_flight"]) == (0, 0)
    assert page["churn_saver_refusals_total"] == len(refused)
    answered = [one for one in [*first, *later] if one.status == 200]
    check_answers(answered)
    check_ledger(store, answered, page)


def check_answers(answered: Sequence[Answer]) -> None:
    """See that each is what the document says, one for each key, and that nobody is written to too often."""
    bodies: dict[str, set[bytes]] = {}
    contacts = Counter[int]()
    for one in answered:
        RetainResponse.model_validate_json(one.body)
        if one.body not in bodies.setdefault(one.event.key, set()):
            bodies[one.event.key].add(one.body)
            contacts[one.event.customer] += one.told["decision"]["contact"]

    assert len(bodies) == CUSTOMERS * EACH
    assert {len(found) for found in bodies.values()} == {1}
    assert max(contacts.values()) == 1
    assert not [n for n, times in contacts.items() if times and n % SUPPRESSED == 0]
    assert {why for one in answered for why in one.told["metadata"]["degraded_reasons"]} <= LATE


def check_ledger(store: Store, answered: Sequence[Answer], page: dict[str, float]) -> None:
    """See that the ledger has what was answered and nothing else, and that its money adds up."""
    told = {one.told["metadata"]["decision_id"]: one.told for one in answered}
    totals = store.verify("spring", datetime.now(UTC))
    store.verify_chain("spring")
    rows = [
        dict(zip(some, row, strict=True))
        for some in store.records()
        for row in zip(*some.values(), strict=True)
    ]

    assert sorted(str(row["decision_id"]) for row in rows) == sorted(told)
    assert page["churn_saver_decisions_total"] == len(rows)
    promised = 0
    for row in rows:
        answer, choice = told[row["decision_id"]], int(str(row["choice"]))
        offer = answer["offer"]
        assert answer["decision"]["contact"] == (choice != NO_CONTACT)
        assert (offer is None) == (choice == NO_CONTACT)
        assert offer is None or offer["percentage"] in OFFER_PERCENTS
        promised += 0 if offer is None else 100 + round(100 * offer["cost"])
    assert totals.reserved_minor == promised
    assert 0 < promised <= LIMIT_MINOR
    assert totals.limit_minor == totals.free_minor + totals.reserved_minor + totals.spent_minor

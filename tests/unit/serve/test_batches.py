"""A table in one request: one price within the budget, recorded once, the same bytes for the same key."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from churn_saver.decide.assigning import Deciding
from churn_saver.domain.versions import Role, Version, is_challenged
from churn_saver.errors import LedgerUnavailable
from churn_saver.journey import Decider
from churn_saver.serve.app import Doors, create_app
from churn_saver.store import open_store
from tests.builders import campaign
from tests.ledgers import new_ledger
from tests.serving import (
    NIGHT,
    NOON,
    PATIENT,
    PREDICT,
    RETAIN,
    Client,
    Clock,
    fake_service,
    sources,
    started,
    told,
)

ROWS = [PREDICT | {"customer_id": f"C{row:03d}", "tenure": 1 + row % 60} for row in range(120)]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One database is enough here: both go the whole way in tests/integration/test_operations.py."""
    return new_ledger(tmp_path / "ledger.db")


def batch(client: Client, rows: list[dict[str, Any]], key: str | None = None) -> Any:
    """POST a table."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.send("POST", "/decide/batch", json={"customers": rows}, headers=headers)


def test_a_table_is_decided_at_one_price_within_the_budget(client: Client, database_url: str) -> None:
    """120 customers want up to 14.50 each of 1,000.00: what is reserved fits, and says so."""
    found = batch(client, ROWS).json()
    with open_store(database_url) as store:
        totals = store.verify("default", NOON)
        store.verify_chain("default")

    assert [row["customer_id"] for row in found["decisions"]] == [row["customer_id"] for row in ROWS]
    assert totals.reserved_minor == round(found["reserved"] * 100) <= 100_000
    assert found["contacts"] == sum(row["decision"]["contact"] for row in found["decisions"]) > 60
    assert (found["price"] > 0, found["policy"], found["left_out"]) == (True, "knapsack", [])
    assert all(row["message"] for row in found["decisions"] if row["decision"]["contact"])


def test_the_same_key_brings_the_same_bytes(client: Client, clock: Clock) -> None:
    """Although by then nobody is due, and the clock has moved."""
    first = batch(client, ROWS[:20], "k")
    clock.now += timedelta(hours=1)
    again = batch(client, ROWS[:20], "k")
    other = batch(client, ROWS[:20])

    assert first.status_code == 200
    assert again.content == first.content
    assert other.json()["decisions"] == []
    assert other.json()["left_out"] == [row["customer_id"] for row in ROWS[:20]]


def test_two_weeks_later_a_key_is_new(client: Client, clock: Clock, database_url: str) -> None:
    """Monday's key of two weeks ago names another table: decided anew, and counted as often as recorded."""
    first = batch(client, ROWS[:3], "monday").json()
    clock.now += timedelta(days=14)
    second = batch(client, ROWS[:3], "monday").json()
    again = batch(client, ROWS[:3], "monday").json()
    clock.now += timedelta(days=14)
    third = batch(client, ROWS[:4], "monday")
    counted = sum(
        float(line.rpartition(" ")[2])
        for line in client.get("/metrics").text.splitlines()
        if line.startswith("churn_saver_decisions_total")
    )
    with open_store(database_url) as store:
        recorded = sum(len(columns["decision_id"]) for columns in store.records())

    ids = [{row["decision_id"] for row in found["decisions"]} for found in (first, second, again)]
    assert (len(ids[0] | ids[1]), ids[2]) == (6, ids[1])
    assert (third.status_code, len(third.json()["decisions"])) == (200, 4)
    assert counted == recorded == 10


def test_another_table_under_a_key_is_refused(client: Client) -> None:
    """One column of one row is enough."""
    batch(client, ROWS[:3], "k")
    found = batch(client, [*ROWS[:2], ROWS[2] | {"tenure": 59}], "k")

    assert found.status_code == 422
    assert found.json()["detail"][0]["field"] == "Idempotency-Key"


def test_under_one_key_one_table_is_recorded(client: Client, database_url: str) -> None:
    """Asked for twice, 30 decisions stand in the books."""
    found = [batch(client, ROWS[:30], "k") for _ in range(2)]
    with open_store(database_url) as store:
        recorded = sum(len(columns["decision_id"]) for columns in store.records())

    assert found[0].content == found[1].content
    assert recorded == 30


def test_a_customer_of_a_table_meets_the_cooldown_as_an_event(client: Client) -> None:
    """The same engine and the same books."""
    batch(client, [PREDICT])
    found = client.post("/retain", RETAIN).json()

    assert "cooldown" in found["metadata"]["reasons"]


def test_an_erased_customer_is_not_in_the_answer_any_more(client: Client) -> None:
    """The others are as they were."""
    first = batch(client, ROWS[:3], "k").json()
    client.send("DELETE", "/customers/C001")
    again = batch(client, ROWS[:3], "k").json()

    assert again["left_out"] == ["C001"]
    assert again["decisions"] == [first["decisions"][0], first["decisions"][2]]


def test_while_all_is_stopped_everybody_is_left_alone(client: Client) -> None:
    """Each row says why."""
    client.send("PUT", "/control", json={"baseline": False, "stopped": True})
    found = batch(client, ROWS[:5]).json()

    assert (found["contacts"], found["reserved"]) == (0, 0.0)
    assert {tuple(row["reasons"]) for row in found["decisions"]} <= {("stopped",), ("holdout",)}


def test_metrics_count_what_is_recorded_once(client: Client) -> None:
    """120 decisions, whoever asks again."""
    for _ in range(2):
        batch(client, ROWS, "k")
    lines = client.get("/metrics").text.splitlines()
    counted = [float(line.split()[-1]) for line in lines if line.startswith("churn_saver_decisions_total{")]

    assert sum(counted) == 120


def test_faults_are_named_by_row_and_field(client: Client) -> None:
    """In any row, as a request's own; nothing is recorded."""
    rows = [ROWS[0], ROWS[1] | {"tenure": -1}, ROWS[2] | {"colour": "blue"}, 5]
    found = client.post("/decide/batch", {"customers": rows})
    twice = client.post("/decide/batch", {"customers": [ROWS[0], ROWS[1], ROWS[0]]})

    assert found.status_code == twice.status_code == 422
    assert [fault["field"] for fault in found.json()["detail"]] == [
        "customers[1].tenure", "customers[2].colour", "customers[3]",
    ]  # fmt: skip
    assert found.json()["detail"][0]["wanted"] == "months from 0 to 1200"
    assert twice.json()["detail"][0]["field"] == "customers[2].customer_id"
    assert twice.json()["detail"][0]["reason"] == "there twice, first in customers[0]"


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b"{}", b'{"customers": []}', b'{"customers": 1}'])
def test_a_body_that_is_no_table_is_refused(client: Client, body: bytes) -> None:
    """As everywhere: 422, and what was wanted."""
    found = client.raw("/decide/batch", body)

    assert found.status_code == 422
    assert found.json()["detail"][0]["wanted"]


def test_at_most_ten_thousand_and_sixteen_mebibytes(client: Client) -> None:
    """One more is refused by number; a larger body is not read."""
    many = client.raw("/decide/batch", json.dumps({"customers": [{"customer_id": "C1"}] * 10_001}).encode())
    large = client.raw("/decide/batch", b" " * (16 * 1024 * 1024 + 1))

    assert [(one["field"], one["reason"]) for one in many.json()["detail"]] == [("customers", "too many")]
    assert large.status_code == 413
    assert "16777216" in large.json()["detail"]


def test_other_routes_keep_their_limit(client: Client) -> None:
    """64 KiB for one customer."""
    assert client.raw("/retain", b" " * (64 * 1024 + 1)).status_code == 413


def test_only_json_that_says_so_is_read(client: Client) -> None:
    """A page in a browser can send text to this machine without asking."""
    found = client.raw("/decide/batch", json.dumps({"customers": ROWS[:1]}).encode(), "text/plain")

    assert (found.status_code, found.json()["detail"][0]["field"]) == (422, "body")


def test_without_campaign_or_books_nothing_is_recorded(client: Client, database_url: str) -> None:
    """409 says what to open; 503 comes back."""
    with open_store(database_url) as store:
        store.campaigns.close("default", NOON)
    closed = batch(client, ROWS[:2])
    with fake_service(LedgerUnavailable("no such host")) as bare:
        gone = batch(bare, ROWS[:2])

    assert (closed.status_code, gone.status_code) == (409, 503)
    assert "campaign open" in closed.json()["detail"]


def test_a_challenger_has_its_share_of_a_table(database_url: str, clock: Clock) -> None:
    """Each row names who decided; what is the challenger's stands beside, and the key brings it all back."""
    version = Version("greedy", {})
    with open_store(database_url) as books:
        books.campaigns.open(campaign(starts_at=NIGHT, limit_minor=60_000))
        books.registry.register(version, "", "ops", NIGHT)
        books.registry.promote(version.digest, Role.CHALLENGER, "ops", NIGHT, share=0.4)
        spring = books.campaigns.get("spring")

    def rival(digest: str) -> Deciding:
        return Deciding(digest, replace(told(), version="rival"), Decider("greedy"))

    given = replace(sources(open_store(database_url)), open_version=rival)
    with started(create_app(given, clock, Doors.of(PATIENT))) as client:
        first = batch(client, ROWS[:60], "k")
        again = batch(client, ROWS[:60], "k")
    found = first.json()
    theirs = [is_challenged(row["customer_id"], spring, version.digest, 0.4) for row in ROWS[:60]]

    assert again.content == first.content
    assert [row["customer_id"] for row in found["decisions"]] == [row["customer_id"] for row in ROWS[:60]]
    assert [row["policy"] for row in found["decisions"]] == [
        "greedy" if own else "knapsack" for own in theirs
    ]
    assert (found["policy"], found["model_version"], found["price"] > 0) == ("knapsack", "told", True)
    assert found["challenger"]["customers"] == sum(theirs)
    assert (found["challenger"]["policy"], found["challenger"]["model_version"]) == ("greedy", "rival")


def test_without_a_challenger_one_version_decides_for_all(client: Client) -> None:
    """There is none to tell of, also where nobody was due."""
    found = batch(client, ROWS[:5]).json()
    nobody = batch(client, ROWS[:5]).json()

    assert (found["challenger"], nobody["challenger"]) == (None, None)
    assert {row["policy"] for row in found["decisions"]} == {found["policy"]}

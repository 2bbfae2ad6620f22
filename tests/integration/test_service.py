"""The service over a real ledger: documented answers, refusals, faults, and its own OpenAPI document."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from churn_saver.config import Environment
from churn_saver.serve.app import create_app, sources_of
from churn_saver.store import open_store
from tests.banks import GOOD, bank_folder, plain_bank
from tests.builders import campaign
from tests.ladders import asking
from tests.openapi import conforms
from tests.serving import (
    NIGHT,
    NOON,
    PREDICT,
    RETAIN,
    Client,
    Clock,
    real_service,
    started,
)

PATHS = [("/retain", RETAIN), ("/predict", PREDICT)]
OPENING = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
"""08:00 in New York on the day of the tests."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One service for all tests that do not depend on what was decided before."""
    with real_service(tmp_path_factory.mktemp("service")) as started_client:
        yield started_client


@pytest.fixture(scope="module")
def openapi(client: Client) -> Any:
    """The document as callers read it."""
    return client.get("/openapi.json").json()


@pytest.mark.parametrize(("now", "send_at"), [(NIGHT, OPENING), (NOON, NOON)])
@pytest.mark.parametrize(("path", "body"), PATHS)
def test_a_documented_request_gets_the_documented_answer(
    tmp_path: Path, openapi: Any, path: str, body: dict[str, Any], now: datetime, send_at: datetime
) -> None:
    """On a fresh server, at 03:00 and at noon: a message, no violation; at night it waits until 08:00."""
    with real_service(tmp_path, Clock(now)) as client:
        found = client.post(path, body).json()

    decision, metadata = found["decision"], found["metadata"]
    assert decision["contact"] is True
    assert decision["offer_percentage"] == (0, 5, 10, 15)[decision["offer_level"]]
    assert (decision["delay_days"], datetime.fromisoformat(decision["send_at"])) == (0, send_at)
    assert 0 < decision["estimated_retention_prob"] < 1
    assert 50 <= len(found["message"]) <= 200
    assert f"{decision['offer_percentage']}%" in found["message"]
    assert (metadata["degraded"], metadata["reasons"], metadata["campaign"]) == (False, [], "default")
    assert conforms(found, answer_schema(openapi, path), openapi) == []
    if path == "/predict":
        assert found["safety"] == {"passed": True, "violations": []}
        assert "Sam" in found["message"]
    else:
        assert found["safety_flags"] == []
        assert found["offer"]["percentage"] == decision["offer_percentage"]
        # 15 % of 89.99 is 13.4985, rounded up to 13.50.
        assert found["offer"]["cost"] == 13.5


@pytest.mark.parametrize(("sent", "channel"), [("sms", "sms"), ("push", "push"), (None, "email")])
def test_the_channel_of_a_request_reaches_text_answer_ledger_and_outbox(
    tmp_path: Path, sent: str | None, channel: str
) -> None:
    """Decided as on any other; a text message says how to say no; at the dispatcher it is the same one."""
    with real_service(tmp_path) as client:
        found = client.post("/predict", PREDICT | {"channel": sent, "country": "US"}).json()
        batch = {"customers": [PREDICT | {"customer_id": "C2", "channel": sent}]}
        (row,) = client.post("/decide/batch", batch).json()["decisions"]
        trace = client.get(f"/decisions/{found['metadata']['decision_id']}").json()
    with open_store(f"sqlite:///{tmp_path / 'ledger.db'}") as store:
        waiting = store.outbox.claim(9, NOON + timedelta(hours=1), "test", timedelta(minutes=1))

    assert found["message"].endswith("Reply STOP to opt out.") == (channel == "sms")
    assert (found["metadata"]["channel"], row["channel"], trace["channel"]) == (channel,) * 3
    assert sorted((one.customer_id, one.channel, one.country) for one in waiting) == [
        ("C12345", channel, "US"), ("C2", channel, None),
    ]  # fmt: skip
    assert datetime.fromisoformat(found["decision"]["send_at"]) == NOON + timedelta(hours=1)


@pytest.mark.parametrize(("now", "send_at"), [(NIGHT, OPENING), (NOON, NOON)])
@pytest.mark.parametrize(("path", "body"), PATHS)
def test_a_fresh_server_with_what_is_shipped_sends_a_message(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    body: dict[str, Any],
    now: datetime,
    send_at: datetime,
) -> None:
    """No training, no settings, an empty folder: the documented requests get a contact, not a refusal."""
    monkeypatch.chdir(tmp_path)
    with started(create_app(sources_of(Environment()), Clock(now))) as client:
        ready = client.get("/readyz").json()
        found = client.post(path, body).json()

    assert (ready["status"], ready["campaign"]) == ("ready", "default")
    assert ready["policy"] == found["metadata"]["policy"]
    assert ready["policy"].startswith("ppo_price@")
    assert (found["decision"]["contact"], found["metadata"]["reasons"]) == (True, [])
    assert datetime.fromisoformat(found["decision"]["send_at"]) == send_at
    assert found["message"]
    assert (found["metadata"]["message_source"], ready["messages"] != "none") == ("bank", True)
    assert found["metadata"]["expected_value"] > 0
    assert found["metadata"]["degraded"] is False


def test_what_is_promised_is_reserved(database_url: str) -> None:
    """1.00 for the message and 13.50 for the discount are held of 1,000.00, under the answered id."""
    with real_service(database_url) as client:
        found = client.post("/retain", RETAIN).json()
        with open_store(database_url) as store:
            totals = store.campaigns.totals("default", NOON)
            record = store.decision(found["metadata"]["decision_id"])

    assert (totals.reserved_minor, totals.spent_minor, totals.free_minor) == (1_450, 0, 98_550)
    assert record.customer_id == "C12345"


@pytest.mark.parametrize("first", ["/retain", "/predict"])
@pytest.mark.parametrize("second", ["/retain", "/predict"])
def test_a_second_call_meets_the_cooldown(tmp_path: Path, first: str, second: str) -> None:
    """Whatever the two calls are: our own history counts, not the caller's."""
    clock, bodies = Clock(), dict(PATHS)
    with real_service(tmp_path, clock) as client:
        client.post(first, bodies[first])
        clock.now += timedelta(days=6, hours=23)
        found = client.post(second, bodies[second]).json()

    assert (found["decision"]["contact"], found["message"]) == (False, None)
    assert "cooldown" in found["metadata"]["reasons"]
    assert all("cooldown" in why for why in found["metadata"]["excluded"].values())


def test_after_the_cooldown_the_customer_may_be_contacted_again(database_url: str) -> None:
    """Seven days later, with what is left of the customer's own allowance: 6 − 3 units of 5 %."""
    clock = Clock()
    with real_service(database_url, clock) as client:
        client.post("/retain", RETAIN)
        clock.now += timedelta(days=7, minutes=1)
        found = client.post("/retain", RETAIN).json()

    assert found["metadata"]["reasons"] == []
    assert found["decision"]["contact"] is True


def test_calls_at_the_same_time_lead_to_one_contact(database_url: str) -> None:
    """Of 24 for one customer: one is sent, the others are answered all the same."""
    with real_service(database_url) as client:
        found = [answer.json() for answer in client.at_once("/retain", [RETAIN] * 24)]
        with open_store(database_url) as store:
            reserved_minor = store.campaigns.totals("default", NOON).reserved_minor

    assert sum(answer["decision"]["contact"] for answer in found) == 1
    assert reserved_minor == 1_450


def test_calls_at_the_same_time_never_spend_more_than_there_is(database_url: str) -> None:
    """120 customers at up to 14.50 want 1,740.00 of 1,000.00: what is reserved stays below the limit."""
    with real_service(database_url) as client:
        bodies = [{**RETAIN, "customer_id": f"C{i:05d}"} for i in range(120)]
        found = [answer.json() for answer in client.at_once("/retain", bodies)]
        with open_store(database_url) as store:
            totals = store.verify("default", NOON)

    promised = sum(1 + answer["offer"]["cost"] for answer in found if answer["decision"]["contact"])
    assert totals.reserved_minor == round(100 * promised) <= 100_000
    # Less than the cheapest contact, a plain message of 1.00, is left over.
    assert totals.free_minor < 100
    assert {tuple(answer["metadata"]["reasons"]) for answer in found} <= {(), ("budget",), ("holdout",)}


BAD: list[tuple[str, object]] = [
    ("customer_id", "   "),
    ("customer_id", "C" * 129),
    ("customer_id", None),
    ("customer_id", 12345),
    ("name", "<script>alert(1)</script>"),
    ("name", "S" * 60_000),
    ("name", 5),
    ("time_zone", "Europe/Atlantis-and-a-very-long-tail-that-must-not-come-back"),
    ("opted_in", "yes"),
    ("channel", "carrier pigeon with a very long description of its feathers"),
    ("churn_risk", 1.5),
    ("churn_risk", "0.75"),
    ("churn_risk", True),
    ("contacts_last_7d", -1),
    ("days_since_last_contact", -0.5),
    ("tenure_months", -1),
    ("tenure_months", 1_201),
    ("tenure_months", "twelve"),
    ("tenure_months", False),
    ("tenure_months", None),
    ("monthly_spend", -89.99),
    ("monthly_spend", "89.99"),
    ("monthly_spend", 10**30),
    ("contract_type", "weekly"),
    ("contract_type", 7),
    ("payment_method", "a bag of coins that is described in more than forty characters"),
    ("partner", "perhaps"),
    ("internet_service", "carrier pigeon"),
    ("favourite_colour", "blue"),
]
SHOWN = {
    "/predict": {
        "tenure_months": "tenure",
        "monthly_spend": "monthly_charges",
        "contract_type": "contract",
        "partner": "Partner",
        "internet_service": "InternetService",
    },
    "/retain": {},
}


@pytest.mark.parametrize(("field", "value"), BAD)
@pytest.mark.parametrize(("path", "body"), PATHS)
def test_bad_input_is_refused_by_name(
    client: Client, path: str, body: dict[str, Any], field: str, value: object
) -> None:
    """422 with field and reason; what was wanted where that helps; nothing long comes back."""
    name = SHOWN[path].get(field, field)
    found = client.post(path, {**body, name: value})

    assert found.status_code == 422
    (fault,) = found.json()["detail"]
    assert fault["field"] == name
    assert fault["reason"]
    assert fault["wanted"]
    sent = str(value)
    assert sent not in fault["reason"] or len(sent) <= 4
    assert not re.search(r"(.)\1{40}", found.text)


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize(("path", "body"), PATHS)
def test_what_is_no_number_in_json_is_refused_by_name(
    client: Client, path: str, body: dict[str, Any], token: str
) -> None:
    """Python reads such tokens, JSON does not have them."""
    name = SHOWN[path].get("monthly_spend", "monthly_spend")
    text = json.dumps({**body, name: "HERE"}).replace('"HERE"', token)
    found = client.raw(path, text.encode())

    assert found.status_code == 422
    assert found.json()["detail"][0]["field"] == name
    assert found.json()["detail"][0]["reason"] == "not a finite number"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[]", b'"text"', b"\xff\xfe", b"[" * 50_000, b'{"a":1,"a":1}', b"9" * 5_000],
)
@pytest.mark.parametrize("path", ["/retain", "/predict"])
def test_a_malformed_body_is_refused(client: Client, path: str, content: bytes) -> None:
    """The body is what is at fault."""
    found = client.raw(path, content)

    assert found.status_code == 422
    assert [fault["field"] for fault in found.json()["detail"]] == ["body"]


@pytest.mark.parametrize(("path", "body"), PATHS)
def test_a_megabyte_is_refused_unread(client: Client, path: str, body: dict[str, Any]) -> None:
    """A name of that size never reaches a parser."""
    found = client.post(path, {**body, "name": "S" * 1_000_000})

    assert found.status_code == 413
    assert len(found.text) < 200


@pytest.mark.parametrize("name", ["S\u202eam", "Sam\u0007", " Sam\u200b ", "\ufeffSam"])
def test_invisible_characters_are_taken_out_of_a_name(tmp_path: Path, name: str) -> None:
    """By the written rule: the message greets Sam."""
    with real_service(tmp_path) as client:
        found = client.post("/predict", {**PREDICT, "name": name}).json()

    assert re.search(r"\bSam\b", found["message"])


def test_the_examples_of_the_document_work(tmp_path: Path, openapi: Any) -> None:
    """Each request example is answered, each answer example and each answer conforms to its schema."""
    ran = 0
    with real_service(tmp_path) as client:
        for path in ("/retain", "/predict"):
            content = openapi["paths"][path]["post"]["requestBody"]["content"]["application/json"]
            for example in content["examples"].values():
                assert conforms(example["value"], content["schema"], openapi) == []
                found = client.post(path, example["value"])
                assert found.status_code == 200
                assert conforms(found.json(), answer_schema(openapi, path), openapi) == []
                ran += 1
            answers = openapi["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]
            for example in answers["examples"].values():
                assert conforms(example["value"], answers["schema"], openapi) == []

    assert ran == 3


def test_refusals_and_probes_conform_to_the_document_too(client: Client, openapi: Any) -> None:
    """The 422 of both requests, and the probes."""
    for path in ("/retain", "/predict"):
        schema = openapi["paths"][path]["post"]["responses"]["422"]["content"]["application/json"]["schema"]
        assert conforms(client.post(path, {}).json(), schema, openapi) == []
    for path in ("/healthz", "/health", "/readyz", "/ready"):
        schema = openapi["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert conforms(client.get(path).json(), schema, openapi) == []


def answer_schema(openapi: Any, path: str) -> Any:
    """Give the schema of a path's answer."""
    return openapi["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]


@pytest.mark.parametrize(("path", "body"), PATHS)
def test_the_bank_answers_and_its_message_is_recorded(
    tmp_path: Path, openapi: Any, path: str, body: dict[str, Any]
) -> None:
    """Both requests: one of the approved messages of the context, named in the answer and in the books."""
    bank = plain_bank(("email",))
    with real_service(tmp_path, bank=bank) as client:
        found = client.post(path, body).json()

    metadata = found["metadata"]
    entry = bank.entry(metadata["message_entry"])
    assert (metadata["message_source"], metadata["degraded"]) == ("bank", False)
    assert entry in bank.approved(entry.context)
    assert entry.context.offer_percent == found["decision"]["offer_percentage"]
    assert metadata["message_probability"] == round(1 / len(bank.approved(entry.context)), 6)
    assert conforms(found, answer_schema(openapi, path), openapi) == []
    with open_store(f"sqlite:///{tmp_path / 'ledger.db'}") as store:
        kept = store.decision(metadata["decision_id"])
    assert (kept.message_source, kept.message_entry) == ("bank", entry.id)
    assert (kept.message, kept.message_probability) == (
        found["message"],
        1 / len(bank.approved(entry.context)),
    )


def test_a_live_text_answers_and_nobody_knows_its_probability(tmp_path: Path, openapi: Any) -> None:
    """The documented request is worded while it waits; what comes too late comes from the bank."""
    with real_service(tmp_path / "live", bank=plain_bank(("email",)), live=lambda _: GOOD) as client:
        live = client.post("/predict", PREDICT).json()
    with real_service(tmp_path / "late", bank=plain_bank(("email",)), live=lambda _: None) as client:
        late = client.post("/predict", PREDICT).json()

    assert live["message"].startswith("Hi Sam, thanks for 12 months with us. Take ")
    assert (live["metadata"]["message_source"], live["metadata"]["message_entry"]) == ("live", None)
    assert live["metadata"]["message_probability"] is None
    assert conforms(live, answer_schema(openapi, "/predict"), openapi) == []
    assert late["metadata"]["message_source"] == "bank"


def test_an_altered_bank_degrades_and_is_named(tmp_path: Path) -> None:
    """/readyz is 503 with file and command; the request is answered by a plain sentence."""
    environment = asking(tmp_path, "knapsack")
    folder = tmp_path / "message_bank"
    (folder / "bank.jsonl").write_bytes(b"{}")
    with open_store(str(environment.DATABASE_URL)) as store:
        store.campaigns.open(campaign(starts_at=NIGHT))
    with started(create_app(sources_of(environment), Clock())) as client:
        ready = client.get("/readyz")
        found = client.post("/predict", PREDICT).json()

    assert ready.status_code == 503
    assert str(folder / "manifest.json") in ready.json()["detail"][0]
    assert found["metadata"]["degraded_reasons"] == ["bank_unavailable"]
    assert (found["metadata"]["message_source"], found["decision"]["contact"]) == ("template", True)


def test_a_corrupt_artefact_degrades_and_is_named(tmp_path: Path) -> None:
    """/readyz is 503 with the file and the command; both requests are answered by the propensity rule."""
    models, url = tmp_path / "models", f"sqlite:///{tmp_path / 'ledger.db'}"
    models.mkdir()
    (models / "MANIFEST.json").write_bytes(b'{"schema": 1')
    with open_store(url) as store:
        store.campaigns.open(campaign(starts_at=NIGHT))
    environment = Environment(DATABASE_URL=url, MODEL_DIR=str(models), BANK_DIR=str(bank_folder(tmp_path)))
    with started(create_app(sources_of(environment), Clock())) as client:
        ready = client.get("/readyz")
        answers = [client.post(path, {**body, "customer_id": path}) for path, body in PATHS]

    assert ready.status_code == 503
    assert str(models / "MANIFEST.json") in ready.json()["detail"][0]
    assert "make train-risk" in ready.json()["detail"][0]
    for answer in answers:
        found = answer.json()
        assert answer.status_code == 200
        assert found["metadata"]["degraded_reasons"] == ["predictors_unavailable"]
        assert found["metadata"]["policy"] == "propensity_rule"
        assert found["decision"]["offer_percentage"] == 10


def test_the_kill_switch_is_ready_and_says_so(tmp_path: Path) -> None:
    """FORCE_BASELINE needs no artefact: C12345 is month-to-month for 12 months, so 10 % goes out."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with open_store(url) as store:
        store.campaigns.open(campaign(starts_at=NIGHT))
    environment = Environment(DATABASE_URL=url, MODEL_DIR=str(tmp_path), FORCE_BASELINE=True)
    with started(create_app(sources_of(environment), Clock())) as client:
        ready = client.get("/readyz")
        found = client.post("/predict", PREDICT).json()

    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert ready.json()["degraded_reasons"] == ["force_baseline"]
    assert found["decision"]["offer_percentage"] == 10
    assert found["metadata"]["churn_risk"] is None


def test_a_ledger_that_breaks_promises_nothing(tmp_path: Path) -> None:
    """While its table is away: no contact, labelled. Afterwards what was recorded before still counts."""
    other = {**RETAIN, "customer_id": "C2"}
    with real_service(tmp_path) as client:
        first = client.post("/retain", RETAIN).json()
        _rename(tmp_path, "decisions", "lost")
        broken = [client.post("/retain", body) for body in (RETAIN, other)]
        _rename(tmp_path, "lost", "decisions")
        again, fresh = client.post("/retain", RETAIN).json(), client.post("/retain", other).json()

    assert first["decision"]["contact"] is True
    for answer in broken:
        assert answer.status_code == 200
        assert answer.json()["decision"]["contact"] is False
        assert answer.json()["metadata"]["reasons"] == ["state_unreadable"]
        assert answer.json()["metadata"]["degraded_reasons"] == ["ledger_unavailable"]
    assert "cooldown" in again["metadata"]["reasons"]
    assert fresh["decision"]["contact"] is True


def _rename(folder: Path, table: str, name: str) -> None:
    """Take a table away, or bring it back."""
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {name}")
        connection.commit()


def test_the_service_runs_and_stops(tmp_path: Path) -> None:
    """As a process of its own: it says where it listens, answers there, and ends when told."""
    code = (
        "import os; from churn_saver.config import environment; from churn_saver.serve.running import run; "
        "run(environment(os.environ))"
    )
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    variables = {**os.environ, "PORT": "0", "FORCE_BASELINE": "true", "DATABASE_URL": ledger}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=variables, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert url, line
        with urllib.request.urlopen(f"{url[0]}/healthz", timeout=30) as response:
            answer, headers = json.loads(response.read()), response.headers
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)

    assert answer == {"status": "ok"}
    assert headers["Server"] is None
    assert headers["X-Frame-Options"] == "DENY"

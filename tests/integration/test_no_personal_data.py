"""Nothing personal leaves by the side: canary names in every place of a request, and every output searched.

The message of a decision is the one place where a name belongs; it goes to the caller alone.
"""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from churn_saver.config import Environment
from churn_saver.errors import LedgerUnavailable
from churn_saver.serve.app import Doors, create_app
from churn_saver.serve.keys import Role, access_of, new_key
from churn_saver.serve.telemetry import JsonLines
from churn_saver.store import open_store
from tests.builders import campaign
from tests.serving import NIGHT, PREDICT, RETAIN, Client, Clock, FakeBooks, sources, started

NAME, ID, MAIL, PLACE = "Xanthippe", "canary-4711", "zerlina@example.org", "Quedlinburg"
CANARIES = (NAME, ID, MAIL, PLACE, "canary", "Zerlina")
KNOWN = PREDICT | {"customer_id": ID, "name": NAME}
OTHER = KNOWN | {"customer_id": f"{ID}-3"}


@contextmanager
def every_log() -> Iterator[io.StringIO]:
    """Collect what all loggers of the process write, down to debugging."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root, ours = logging.getLogger(), logging.getLogger("churn_saver")
    before = root.level, ours.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    ours.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        ours.setLevel(before[1])


def hostile(client: Client) -> list[str]:
    """Put canaries wherever a caller can write; gives every answer that is an error."""
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/retain", {"json": RETAIN | {"customer_id": ID, "churn_risk": MAIL}}),
        ("POST", "/retain", {"json": RETAIN | {"customer_id": {"name": NAME}}}),
        ("POST", "/retain", {"json": RETAIN | {"customer_id": ID, "time_zone": PLACE}}),
        ("POST", "/predict", {"json": KNOWN | {"contract": PLACE, "tenure": MAIL}}),
        ("POST", "/predict", {"json": KNOWN | {"name": f"{NAME} <b>{MAIL}"}}),
        ("POST", "/predict", {"json": [NAME, MAIL]}),
        ("POST", "/predict", {"content": f'{{"name": "{NAME}", "x": '.encode()}),
        ("POST", "/predict", {"content": f"name={NAME}&mail={MAIL}".encode()}),
        ("POST", "/predict", {"content": NAME.encode() * 10_000}),
        ("GET", f"/customers/{ID}?name={NAME}&mail={MAIL}", {}),
        ("DELETE", f"/retain/{MAIL}", {"headers": {"Authorization": f"Bearer {NAME}"}}),
        (NAME.upper(), "/retain", {}),
        ("POST", "/retain", {"json": RETAIN, "headers": {"traceparent": NAME, "X-Request-Id": ID}}),
        ("GET", "/metrics", {"headers": {"X-API-Key": f"{NAME}-{ID}"}}),
        ("POST", "/retain", {"json": RETAIN | {"event_id": ID, "tenure_months": 1}}),
        ("POST", "/retain", {"json": RETAIN | {"event_id": ID, "tenure_months": 2}}),
        ("POST", "/retain", {"json": RETAIN, "headers": {"Idempotency-Key": f"{NAME} {MAIL}"}}),
        ("POST", "/predict", {"json": OTHER | {"tenure": 1}, "headers": {"Idempotency-Key": MAIL}}),
        ("POST", "/predict", {"json": OTHER | {"tenure": 2}, "headers": {"Idempotency-Key": MAIL}}),
        ("POST", "/decide/batch", {"json": {"customers": [KNOWN, KNOWN]}}),
        ("POST", "/decide/batch", {"json": {"customers": [KNOWN | {"contract": PLACE}, NAME]}}),
        ("POST", "/decide/batch", {"content": NAME.encode() * 10}),
        ("POST", "/outcomes", {"json": {"decision_id": ID, "outcome": NAME, "happened_at": MAIL}}),
        ("POST", "/outcomes", {"json": {"decision_id": "0" * 32, "outcome": "accepted"}}),
        ("POST", f"/customers/{ID}\u200b/suppress", {}),
        ("POST", f"/customers/{ID}-2/suppress", {}),
        ("DELETE", f"/customers/{MAIL}", {}),
        ("GET", f"/decisions/{ID}", {}),
        ("GET", f"/decisions/{NAME}/replay?name={MAIL}", {}),
        ("PUT", "/control", {"json": {"baseline": NAME, "stopped": MAIL}}),
        ("GET", "/healthz", {"headers": {"Host": f"{NAME}.example.org"}}),
    ]
    answers = []
    for method, path, options in asked:
        headers = {"Content-Type": "application/json"} | options.pop("headers", {})
        answer = client.send(method, path, headers=headers, **options)
        if answer.status_code >= 400:
            answers.append(answer.text)
    return answers


def found(texts: list[str]) -> list[str]:
    """Give the canaries that are in a text, in any case."""
    return [canary for canary in CANARIES for text in texts if canary.lower() in text.lower()]


@pytest.mark.parametrize("mode", ["local", "keys"])
def test_no_canary_in_any_log_metric_or_error(tmp_path: Path, mode: str) -> None:
    """Of valid and of hostile requests, with keys and without, over a real ledger."""
    key, line = new_key("tests", Role.OPERATE)
    environment = Environment(API_KEYS=line if mode == "keys" else None)
    store = open_store(f"sqlite:///{tmp_path / 'ledger.db'}")
    store.campaigns.open(campaign(starts_at=NIGHT))
    shown = {"X-API-Key": key}
    app = create_app(sources(store), Clock(), Doors.of(environment, access_of(environment)))
    with every_log() as log, started(app) as client:
        errors = hostile(client)
        sent = client.send("POST", "/predict", json=KNOWN, headers=shown)
        page = client.send("GET", "/metrics", headers=shown)

    assert (sent.status_code, page.status_code) == (200, 200)
    assert NAME in sent.json()["message"]
    assert len(errors) >= 25
    assert len(log.getvalue().splitlines()) >= 30
    assert found([*errors, page.text, log.getvalue()]) == []


class Bursting(FakeBooks):
    """Books whose every error is full of names."""

    def ping(self) -> None:
        """Fail."""
        raise ValueError(f"{NAME}, {MAIL}, {ID}")


class Talkative(FakeBooks):
    """Books that do not answer, and say so with names."""

    def ping(self) -> None:
        """Fail as the store does."""
        raise LedgerUnavailable(f"{NAME}, {MAIL}, {ID}")


def test_an_error_nobody_expected_tells_nothing_either() -> None:
    """500 with a trace id, which stands in the log beside type and place."""
    with every_log() as log, started(create_app(sources(Bursting()), Clock())) as client:
        answer = client.post("/predict", KNOWN)

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert answer.status_code == 500
    assert {line["trace"] for line in lines if "trace" in line} == {answer.json()["trace"]}
    assert [line["error"].split()[0] for line in lines if "error" in line] == ["ValueError"]
    assert found([answer.text, log.getvalue()]) == []


def test_a_ledger_that_fails_tells_nothing() -> None:
    """Requests are answered, degraded; metrics say that it is down."""
    with every_log() as log, started(create_app(sources(Talkative()), Clock())) as client:
        answers = [client.post("/predict", KNOWN), client.get("/metrics")]

    assert answers[0].json()["metadata"]["degraded_reasons"] == ["ledger_unavailable"]
    assert "churn_saver_ledger_up 0.0" in answers[1].text
    assert found([answers[0].text, answers[1].text, log.getvalue()]) == []

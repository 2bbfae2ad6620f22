"""The two documented requests under keys and switches: the same bytes, and nothing decided twice."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from fastapi import Response

from churn_saver.domain.proposal import Settlement
from churn_saver.errors import AnswerMismatch, LedgerError, LedgerUnavailable
from churn_saver.serve.answers import to_retain
from churn_saver.serve.deciding import Desk
from churn_saver.serve.idempotency import keyed
from churn_saver.serve.metrics import Metrics
from churn_saver.serve.runtime import Runtime
from churn_saver.serve.telemetry import Trace
from churn_saver.serve.wire import RetainRequest
from churn_saver.store import Answer, Control, Store, open_store, within
from tests.builders import campaign
from tests.serving import NIGHT, NOON, PREDICT, RETAIN, Client, Clock, FakeBooks, fake_service, sources

PATHS = [("/retain", RETAIN), ("/predict", PREDICT)]


def under(client: Client, key: str, path: str, body: dict[str, Any]) -> Any:
    """POST under an Idempotency-Key."""
    return client.send("POST", path, json=body, headers={"Idempotency-Key": key})


@pytest.mark.parametrize(("path", "body"), PATHS)
def test_the_same_key_brings_the_same_bytes(
    client: Client, clock: Clock, database_url: str, path: str, body: dict[str, Any]
) -> None:
    """An hour later too; one decision is recorded, one contact reserved."""
    first = under(client, "k", path, body)
    clock.now += timedelta(hours=1)
    again = under(client, "k", path, dict(reversed(body.items())))

    assert first.status_code == again.status_code == 200
    assert first.json()["decision"]["contact"] is True
    assert again.content == first.content
    with open_store(database_url) as store:
        assert store.read("default", ["C12345"], clock.now).history.decisions_made.tolist() == [1]


def test_an_event_is_decided_once(client: Client) -> None:
    """Customer and event are the key; another event of the customer meets the cooldown."""
    first, again, other = (client.post("/retain", RETAIN | {"event_id": event}) for event in ("a", "a", "b"))

    assert again.content == first.content
    assert other.json()["metadata"]["reasons"]


@pytest.mark.parametrize("where", ["Idempotency-Key", "event_id"])
def test_another_body_under_a_key_is_refused(client: Client, where: str) -> None:
    """422 names where the key stands; nothing is decided."""
    event = {"event_id": "a"} if where == "event_id" else {}
    headers = {} if event else {"Idempotency-Key": "k"}
    client.send("POST", "/retain", json=RETAIN | event, headers=headers)
    found = client.send("POST", "/retain", json=RETAIN | event | {"tenure_months": 3}, headers=headers)

    assert found.status_code == 422
    assert found.json()["detail"][0]["field"] == where
    assert found.json()["detail"][0]["reason"] == "was used for another request"


def test_many_calls_under_one_key_get_one_answer(client: Client, database_url: str) -> None:
    """Of 16 at once for one event: one decision, one body."""
    found = client.at_once("/retain", [RETAIN | {"event_id": "a"}] * 16)

    assert {answer.status_code for answer in found} == {200}
    assert len({answer.content for answer in found}) == 1
    with open_store(database_url) as store:
        assert store.read("default", ["C12345"], NOON).history.decisions_made.tolist() == [1]


def test_after_two_days_a_key_is_free(client: Client, clock: Clock) -> None:
    """The same request is then a new decision."""
    first = under(client, "k", "/retain", RETAIN)
    clock.now += timedelta(hours=48)

    assert under(client, "k", "/retain", RETAIN).content != first.content


def test_erasure_takes_the_kept_answer(client: Client) -> None:
    """Nobody gets the bytes with the message any more: the key decides anew."""
    first = under(client, "k", "/retain", RETAIN)
    client.send("DELETE", "/customers/C12345")
    again = under(client, "k", "/retain", RETAIN)

    assert again.json()["metadata"]["decision_id"] != first.json()["metadata"]["decision_id"]


@pytest.mark.parametrize("key", ["", "k" * 201, "two words", "schlüssel".encode()])
def test_a_key_is_short_and_plain(client: Client, key: str | bytes) -> None:
    """422, and nothing is decided under a key that could not be kept."""
    found = client.send("POST", "/retain", json=RETAIN, headers={"Idempotency-Key": key})

    assert found.status_code == 422
    assert found.json()["detail"][0]["field"].lower() == "idempotency-key"


def test_without_books_a_key_is_not_used_up() -> None:
    """The answer promises nothing and is not kept, so the request can be sent again."""
    books = FakeBooks(broken=True)
    with fake_service(books) as client:
        found = under(client, "k", "/retain", RETAIN)

    assert found.status_code == 200
    assert found.json()["metadata"]["degraded_reasons"] == ["ledger_unavailable"]


@dataclass
class Beaten:
    """A ledger where another process decides the same request first, and the loser then meets a fault."""

    store: Store
    fault: LedgerError | None
    first: Callable[[], Response]
    bodies: list[bytes] = field(default_factory=list)

    def settle(self, *args: object, **named: object) -> Settlement:
        """Let the other one be first, once; then fail, or settle."""
        if not self.bodies:
            self.bodies.append(bytes(self.first().body))
        if self.fault is not None:
            raise self.fault
        return self.store.settle(*args, **named)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


@pytest.mark.parametrize(
    "fault", [None, LedgerUnavailable("told so"), LedgerError("told so")], ids=["race", "lost", "refused"]
)
def test_who_lost_to_a_twin_gives_its_answer(
    database_url: str, clock: Clock, fault: LedgerError | None
) -> None:
    """Whatever the loser met, what is kept under the key by then is the answer; one decision is recorded."""
    request = RetainRequest.model_validate(RETAIN)
    key = keyed("k", request, "/retain", None)

    def answered(books: Store) -> Response:
        desk = Desk(Runtime(sources(books)), Metrics(), clock)
        with closing(desk.runtime):
            return desk.answer(request, to_retain, key, Trace("0" * 32))

    with open_store(database_url) as store, open_store(database_url) as other:
        store.campaigns.open(campaign(campaign_id="default", starts_at=NIGHT))
        beaten = Beaten(store, fault, lambda: answered(other))
        found = answered(cast(Store, beaten))
    with open_store(database_url) as store:
        made = store.read("default", ["C12345"], NOON).history.decisions_made.tolist()

    assert beaten.bodies == [bytes(found.body)]
    assert json.loads(beaten.bodies[0])["metadata"]["decision_id"]
    assert made == [1]


@dataclass
class KeepingBooks(FakeBooks):
    """Books whose switches cannot be read, and that know a key: of the first request they are asked for."""

    told: Answer | None = None
    digest: bytes | None = None

    def control(self) -> Control:
        """Fail."""
        raise LedgerUnavailable("ledger does not answer: told so. Check DATABASE_URL.")

    def answer(self, key: str, request_digest: bytes, now: datetime) -> Answer | None:
        """Give the one answer to the one request."""
        self.digest = self.digest or request_digest
        if request_digest != self.digest:
            raise AnswerMismatch("told so")
        return self.told


def test_what_was_answered_is_given_where_the_switches_cannot_be_read(clock: Clock) -> None:
    """The key brings it back although nothing new could be decided; another request under it is refused."""
    told = Answer(200, b"as before")
    with fake_service(KeepingBooks(told=told), clock) as client:
        found = under(client, "k", "/retain", RETAIN)
        refused = under(client, "k", "/retain", RETAIN | {"tenure_months": 3})

    assert found.content == told.body
    assert refused.status_code == 422


def test_who_is_overtaken_under_a_key_is_told_to_come_back() -> None:
    """503 with Retry-After: what its key will be answered is still being decided. Nothing is recorded."""
    books = FakeBooks(refuses=True)
    with fake_service(books, deadline_ms=500) as client:
        found = under(client, "k", "/retain", RETAIN)
        page = client.get("/metrics").text

    assert (found.status_code, found.headers["Retry-After"]) == (503, "1")
    assert books.settled == []
    assert 'churn_saver_refusals_total{cause="overtaken"} 1.0' in page


def test_a_customer_whose_last_call_hangs_is_answered() -> None:
    """In time and without a contact, and nothing is recorded."""
    books = FakeBooks()
    desk = Desk(Runtime(sources(books)), Metrics(), Clock())
    request = RetainRequest.model_validate(RETAIN)
    assert desk.runtime.engine(desk.clock()) is not None
    with desk.runtime.turn(request.customer_id), within(0):
        found = json.loads(bytes(desk.answer(request, to_retain, None, Trace("0" * 32)).body))
    desk.runtime.close()

    assert found["decision"]["contact"] is False
    assert found["metadata"]["degraded_reasons"] == ["overtaken"]
    assert books.settled == []


def test_a_repeated_answer_is_not_counted_as_a_decision(client: Client) -> None:
    """What the metrics count is what the ledger holds."""
    for _ in range(3):
        under(client, "k", "/retain", RETAIN)
    lines = client.get("/metrics").text.splitlines()

    assert [line[-3:] for line in lines if line.startswith("churn_saver_decisions_total{")] == ["1.0"]


def test_the_baseline_switch_takes_the_models_away() -> None:
    """The propensity rule decides, labelled; at risk .75 it offers 10 %."""
    with fake_service(FakeBooks(switches=Control(baseline=True))) as client:
        found = client.post("/retain", RETAIN).json()
        ready = client.get("/readyz").json()

    assert (found["metadata"]["policy"], found["metadata"]["model_version"]) == ("propensity_rule", "none")
    assert found["metadata"]["degraded_reasons"] == ready["degraded_reasons"] == ["force_baseline"]
    assert found["decision"]["offer_percentage"] == 10
    assert ready["policy"] == "propensity_rule"


@pytest.mark.parametrize("baseline", [False, True])
def test_the_stop_switch_contacts_nobody(baseline: bool) -> None:
    """Whoever decides; the decision is recorded with its reason and reserves nothing."""
    books = FakeBooks(switches=Control(baseline=baseline, stopped=True))
    with fake_service(books) as client:
        found = client.post("/retain", RETAIN).json()

    assert (found["decision"]["contact"], found["metadata"]["reasons"]) == (False, ["stopped"])
    assert books.settled[0].needs_minor.tolist() == [0]

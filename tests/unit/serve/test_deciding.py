"""The two documented requests under keys and switches: the same bytes, and nothing decided twice."""

from datetime import timedelta
from typing import Any

import pytest

from churn_saver.store import Control, open_store
from tests.serving import NOON, PREDICT, RETAIN, Client, Clock, FakeBooks, fake_service

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

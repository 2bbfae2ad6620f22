"""The routes beside the two documented ones: their document holds, and a whole story runs through them."""

from collections.abc import Iterator
from typing import Any

import pytest

from churn_saver.store import open_store
from tests.openapi import conforms
from tests.serving import NOON, PREDICT, RETAIN, Client, real_service

EXAMPLES = [
    ("post", "/decide/batch"),
    ("post", "/outcomes"),
    ("post", "/customers/{customer_id}/suppress"),
    ("post", "/customers/{customer_id}/opt-out"),
    ("delete", "/customers/{customer_id}"),
    ("get", "/decisions/{decision_id}"),
    ("get", "/decisions/{decision_id}/replay"),
    ("get", "/control"),
    ("put", "/control"),
]


@pytest.fixture
def client(database_url: str) -> Iterator[Client]:
    """A service on either database."""
    with real_service(database_url) as started:
        yield started


@pytest.mark.parametrize(("method", "path"), EXAMPLES)
def test_the_examples_of_the_document_work(client: Client, method: str, path: str) -> None:
    """Each documented request is answered, and both answers, documented and given, are of the schema."""
    root = client.get("/openapi.json").json()
    operation = root["paths"][path][method]
    name = client.post("/predict", PREDICT).json()["metadata"]["decision_id"]
    url = path.format(customer_id="C12345", decision_id=name)
    bodies: list[Any] = [None]
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        bodies = [example["value"] for example in content["examples"].values()]
        assert [conforms(body, content["schema"], root) for body in bodies] == [[]] * len(bodies)
    answer = operation["responses"]["200"]["content"]["application/json"]
    for example in answer["examples"].values():
        assert conforms(example["value"], answer["schema"], root) == []

    for body in bodies:
        sent = body | {"decision_id": name, "happened_at": NOON.isoformat()} if path == "/outcomes" else body
        found = client.send(method.upper(), url, json=sent)
        assert found.status_code == 200, found.text
        assert conforms(found.json(), answer["schema"], root) == []


def test_refusals_are_of_the_documented_shape(client: Client) -> None:
    """404, 409, 410, 413 and 422, each as the document has it."""
    root = client.get("/openapi.json").json()
    name = client.post("/predict", PREDICT).json()["metadata"]["decision_id"]
    client.post("/outcomes", {"decision_id": name, "outcome": "declined"})
    accepted = {"decision_id": name, "outcome": "accepted"}
    client.send("DELETE", "/customers/C12345")
    asked: list[tuple[str, str, str, Any, int]] = [
        ("get", "/decisions/{decision_id}", f"/decisions/{'0' * 32}", None, 404),
        ("get", "/decisions/{decision_id}/replay", f"/decisions/{name}/replay", None, 410),
        ("post", "/outcomes", "/outcomes", accepted, 409),
        ("post", "/outcomes", "/outcomes", {}, 422),
        ("put", "/control", "/control", {}, 422),
        ("post", "/decide/batch", "/decide/batch", {"customers": [{}]}, 422),
        ("get", "/decisions/{decision_id}", "/decisions/x", None, 422),
    ]

    for method, path, url, body, status in asked:
        found = client.send(method.upper(), url, json=body)
        answer = root["paths"][path][method]["responses"][str(status)]["content"]["application/json"]
        assert (path, found.status_code) == (path, status)
        assert conforms(found.json(), answer["schema"], root) == []


def test_a_customer_from_the_first_decision_to_the_last_trace(client: Client, database_url: str) -> None:
    """Decided once under a key, accepted, replayed, erased: the money and the chain stay as they are."""
    headers = {"Idempotency-Key": "story"}
    first = client.send("POST", "/predict", json=PREDICT, headers=headers)
    again = client.send("POST", "/predict", json=PREDICT, headers=headers)
    name = first.json()["metadata"]["decision_id"]
    client.post("/outcomes", {"decision_id": name, "outcome": "accepted"})
    replayed = client.get(f"/decisions/{name}/replay").json()
    with open_store(database_url) as store:
        before = store.verify("default", NOON)
    client.send("DELETE", "/customers/C12345")
    with open_store(database_url) as store:
        after = store.verify("default", NOON)
        store.verify_chain("default")
        store.verify_chain(None)

    assert again.content == first.content
    assert replayed["same"] is True
    assert after.spent_minor == before.spent_minor == 1_350
    # The message waited: with the customer it is withdrawn, and its 1.00 is free again.
    assert (before.reserved_minor, after.reserved_minor) == (100, 0)


def test_what_is_decided_in_a_table_is_what_single_requests_decide(client: Client) -> None:
    """While budget is plenty the same choice, money and reasons, whichever way they came."""
    rows = [PREDICT | {"customer_id": f"C{row}", "tenure": 12 + row} for row in range(5)]
    table = client.post("/decide/batch", {"customers": rows}).json()
    others = [client.post("/predict", row | {"customer_id": f"D{i}"}).json() for i, row in enumerate(rows)]

    choices = [row["decision"]["offer_percentage"] for row in table["decisions"] if not row["reasons"]]
    assert set(choices) == {
        one["decision"]["offer_percentage"] for one in others if not one["metadata"]["reasons"]
    }
    assert client.post("/retain", RETAIN | {"customer_id": "C0"}).json()["metadata"]["reasons"]

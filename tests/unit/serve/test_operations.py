"""Outcomes, suppression, erasure and one decision over HTTP."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from churn_saver.errors import LedgerUnavailable
from churn_saver.serve.app import create_app
from churn_saver.store import open_store
from tests.ledgers import new_ledger
from tests.serving import NOON, PREDICT, RETAIN, Client, Clock, fake_service, sources, started, told

ABSENT = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One database is enough here: both go the whole way in tests/integration/test_operations.py."""
    return new_ledger(tmp_path / "ledger.db")


def contacted(client: Client, body: dict[str, Any] = PREDICT) -> str:
    """Decide, and give the name of the decision: a contact with 15 % of 89.99."""
    return str(client.post("/predict", body).json()["metadata"]["decision_id"])


def tell(client: Client, decision_id: str, outcome: str, **more: Any) -> Any:
    """Report an outcome."""
    return client.post("/outcomes", {"decision_id": decision_id, "outcome": outcome} | more)


def test_an_outcome_is_recorded_once(client: Client, database_url: str) -> None:
    """An acceptance spends 13.50 of 14.50 held; told again it changes nothing."""
    name = contacted(client)
    first, again = tell(client, name, "accepted"), tell(client, name, "accepted")

    assert first.json() == {"decision_id": name, "outcome": "accepted", "recorded": True}
    assert again.json()["recorded"] is False
    with open_store(database_url) as store:
        totals = store.verify("default", NOON)
    assert (totals.spent_minor, totals.reserved_minor) == (1_350, 100)


def test_an_acceptance_after_the_last_day_is_409(client: Client, clock: Clock) -> None:
    """16 March is the last day; two days later nowhere on earth it is still that day."""
    name = contacted(client)
    clock.now += timedelta(days=16)
    found = tell(client, name, "accepted")

    assert found.status_code == 409
    assert "held until 2026-03-16" in found.json()["detail"]


def test_a_contradiction_is_409(client: Client) -> None:
    """Who declined has not accepted; who was not contacted has done neither."""
    name = contacted(client)
    tell(client, name, "declined")
    second = contacted(client)

    assert tell(client, name, "accepted").status_code == 409
    assert tell(client, second, "accepted").status_code == 409
    assert tell(client, second, "churned").json()["recorded"] is True


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"decision_id": "C12345"}, "decision_id"),
        ({"outcome": "kept"}, "outcome"),
        ({"happened_at": 5}, "happened_at"),
        ({"happened_at": "2026-03-02T17:00:00"}, "happened_at"),
        ({"happened_at": "0001-01-01T00:00:00+14:00"}, "happened_at"),
        ({"happened_at": "soon"}, "happened_at"),
        ({"note": "x"}, "note"),
    ],
)
def test_an_unusable_outcome_is_refused_by_name(client: Client, more: dict[str, Any], field: str) -> None:
    """422 with field and what was wanted."""
    found = client.post("/outcomes", {"decision_id": ABSENT, "outcome": "accepted"} | more)

    assert found.status_code == 422
    assert [fault["field"] for fault in found.json()["detail"]] == [field]
    assert found.json()["detail"][0]["wanted"]


def test_what_is_not_there_is_404(client: Client) -> None:
    """Of all three routes that name a decision."""
    found = [
        tell(client, ABSENT, "accepted"),
        client.get(f"/decisions/{ABSENT}"),
        client.get(f"/decisions/{ABSENT}/replay"),
    ]

    assert [one.status_code for one in found] == [404] * 3
    assert found[0].json() == {"detail": "there is no decision of this id"}


@pytest.mark.parametrize("name", ["C12345", "C/9 #ü"])
def test_a_suppressed_customer_is_never_contacted(client: Client, name: str) -> None:
    """Known or not, whatever signs the id has; the second time it says so."""
    path = f"/customers/{name.replace('/', '%2F').replace('#', '%23')}/suppress"
    first, again = client.send("POST", path), client.send("POST", path)
    found = client.post("/retain", RETAIN | {"customer_id": name}).json()

    assert first.json() == {"suppressed": True, "changed": True}
    assert again.json() == {"suppressed": True, "changed": False}
    assert found["metadata"]["reasons"] == ["suppressed"]


@pytest.mark.parametrize("name", ["C12345", "C/9 #ü"])
def test_who_opted_out_is_never_contacted(client: Client, name: str) -> None:
    """By this route as by a request that says so; a yes takes nothing back."""
    path = f"/customers/{name.replace('/', '%2F').replace('#', '%23')}/opt-out"
    asked = RETAIN | {"customer_id": name, "opted_in": True}
    first, again = client.send("POST", path), client.send("POST", path)
    found = client.post("/retain", asked).json()
    client.post("/retain", RETAIN | {"customer_id": "C2", "opted_in": False})
    other = client.send("POST", "/customers/C2/opt-out")

    assert first.json() == {"opted_out": True, "changed": True}
    assert again.json() == other.json() == {"opted_out": True, "changed": False}
    assert found["metadata"]["reasons"] == ["opted_out"]


@pytest.mark.parametrize("name", ["%20", "a%00b", "x" * 129])
def test_an_id_that_nobody_has_is_refused(client: Client, name: str) -> None:
    """As a request's customer_id is."""
    found = [
        client.send("POST", f"/customers/{name}/suppress"),
        client.send("DELETE", f"/customers/{name}"),
    ]

    assert [one.status_code for one in found] == [422, 422]
    assert {one.json()["detail"][0]["field"] for one in found} == {"customer_id"}


def test_an_erased_customer_leaves_numbers_alone(client: Client, database_url: str) -> None:
    """The decision keeps money and scores; name, message, inputs and id are gone, replay is 410."""
    name = contacted(client)
    before = client.get(f"/decisions/{name}").json()
    erased, again = (client.send("DELETE", "/customers/C12345").json() for _ in range(2))
    after = client.get(f"/decisions/{name}").json()
    replay = client.get(f"/decisions/{name}/replay")

    assert (erased["changed"], again["changed"]) == (True, False)
    assert (before["customer_id"], before["name"]) == ("C12345", "Sam")
    assert [after[key] for key in ("customer_id", "name", "message", "inputs")] == [None] * 4
    assert after["erased_at"] is not None
    assert after["churn_risk"] == before["churn_risk"]
    assert after["money"]["reserved"] == 0.0
    assert replay.status_code == 410
    with open_store(database_url) as store:
        store.verify("default", NOON)
        store.verify_chain("default")


def test_a_decision_can_be_read_whole(client: Client) -> None:
    """What was decided, why, with what, for how much, and what became of it."""
    name = contacted(client)
    tell(client, name, "accepted")
    found = client.get(f"/decisions/{name}").json()

    assert (found["decision_id"], found["campaign"], found["number"]) == (name, "default", 0)
    assert found["decision"]["offer_percentage"] == found["intended"]["offer_percentage"] == 15
    assert found["inputs"]["tenure_months"] == 12.0
    assert [one["outcome"] for one in found["outcomes"]] == ["accepted"]
    assert (found["money"]["spent"], found["money"]["reserved"]) == (13.5, 1.0)
    assert found["outbox"]["attempts"] == 0
    assert found["message"]


def test_a_decision_is_explained_to_who_asks(client: Client) -> None:
    """Beside all that is told without it, which stays as it is."""
    name = contacted(client)
    plain = client.get(f"/decisions/{name}").json()
    found = client.get(f"/decisions/{name}?explain=true").json()
    why = found["explanation"]

    assert plain["explanation"] is None
    assert found | {"explanation": None} == plain
    assert why["summary"].startswith("Contacted with 15 % off: it gains")
    assert (why["done"], why["intended"], why["own"], why["difference"]) == (4, 4, 4, "none")
    assert [one["cost"] for one in why["choices"]] == [0.0, 1.0, 5.5, 10.0, 14.5]
    assert [one["name"] for one in why["scores"]][:2] == ["churn_risk", "accept_prob_0"]
    (price,) = [one for one in why["changes"] if one["kind"] == "price"]
    assert price["after"] > price["before"] == found["price"]


def test_what_was_erased_or_made_with_something_else_is_not_explained(
    client: Client, database_url: str
) -> None:
    """410 and 409, as replay; read without the question it is answered."""
    name = contacted(client)
    newer = replace(told(), version="newer")
    with started(create_app(sources(open_store(database_url), newer), Clock())) as other:
        found = [other.get(f"/decisions/{name}{query}") for query in ("?explain=true", "?explain=false")]
    client.send("DELETE", "/customers/C12345")
    erased = [client.get(f"/decisions/{name}{query}").status_code for query in ("?explain=true", "")]

    assert [one.status_code for one in found] == [409, 200]
    assert "predictors told (here newer)" in found[0].json()["detail"]
    assert erased == [410, 200]


def test_a_decision_without_a_contact_says_who_closed_what(client: Client) -> None:
    """The second one meets the cooldown; no money, nothing to send."""
    contacted(client)
    found = client.get(f"/decisions/{contacted(client)}").json()

    assert "cooldown" in found["reasons"]
    assert all("cooldown" in why for why in found["excluded"].values())
    assert (found["money"], found["outbox"], found["message"]) == (None, None, None)


def test_a_decision_can_be_made_again(client: Client) -> None:
    """To the bit, by the service that made it."""
    found = client.get(f"/decisions/{contacted(client)}/replay").json()

    assert (found["same"], found["differing"]) == (True, [])
    assert "message" in found["compared"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/customers/C1/suppress"),
        ("DELETE", "/customers/C1"),
        ("GET", f"/decisions/{ABSENT}"),
        ("GET", f"/decisions/{ABSENT}/replay"),
    ],
)
def test_without_books_nothing_is_changed(method: str, path: str) -> None:
    """503 with Retry-After, and no word about the database."""
    with fake_service(LedgerUnavailable("no such host. Check DATABASE_URL.")) as client:
        found = client.send(method, path)

    assert (found.status_code, found.headers["Retry-After"]) == (503, "2")
    assert "DATABASE_URL" not in found.text

"""The switches over HTTP: who threw them, and that processes obey within two seconds."""

from datetime import timedelta

import pytest

from churn_saver.config import Environment
from churn_saver.errors import LedgerUnavailable
from churn_saver.serve.app import Doors, create_app
from churn_saver.serve.keys import Role, access_of, new_key
from churn_saver.store import Control, open_store
from tests.builders import campaign
from tests.serving import (
    NIGHT,
    NOON,
    RETAIN,
    Client,
    Clock,
    FakeBooks,
    fake_service,
    real_service,
    sources,
    started,
)


def test_the_switches_are_off_until_somebody_throws_one(database_url: str) -> None:
    """Then it says who and when."""
    with real_service(database_url) as client:
        before = client.get("/control").json()
        thrown = client.send("PUT", "/control", json={"baseline": True, "stopped": False}).json()
        after = client.get("/control").json()

    budget = {
        "campaign": "default", "currency": "USD", "limit": 1_000.0, "free": 1_000.0,
        "reserved": 0.0, "spent": 0.0,
    }  # fmt: skip
    assert before == {
        "baseline": False, "stopped": False, "changed_at": None, "changed_by": None, "budget": budget,
    }  # fmt: skip
    assert thrown == after
    assert (after["baseline"], after["stopped"], after["changed_by"]) == (True, False, "local")
    assert after["changed_at"] == "2026-03-02T17:00:00Z"


def test_whoever_throws_a_switch_is_obeyed_at_once_and_elsewhere_within_a_second(database_url: str) -> None:
    """Two processes share the books; the other one looks again when a second has passed."""
    clock = Clock()
    with (
        real_service(database_url, clock) as client,
        open_store(database_url) as books,
        started(create_app(sources(books), clock)) as other,
    ):
        other.post("/retain", RETAIN | {"customer_id": "C1"})
        client.send("PUT", "/control", json={"baseline": False, "stopped": True})
        here = client.post("/retain", RETAIN | {"customer_id": "C2"}).json()
        clock.now += timedelta(seconds=1)
        there = other.post("/retain", RETAIN | {"customer_id": "C3"}).json()
        client.send("PUT", "/control", json={"baseline": False, "stopped": False})
        again = client.post("/retain", RETAIN | {"customer_id": "C4"}).json()

    assert here["metadata"]["reasons"] == there["metadata"]["reasons"] == ["stopped"]
    assert set(there["metadata"]["excluded"]) == {"0", "5", "10", "15"}
    assert again["decision"]["contact"] is True


def test_the_switches_are_read_once_a_second() -> None:
    """A busy service asks the books for them no more often than that, also when the clock is set back."""
    books, clock = CountingBooks(), Clock()
    with fake_service(books, clock) as client:
        for step in (0.0, 0.5, 0.4, 0.2, -5.0):
            clock.now += timedelta(seconds=step)
            client.post("/retain", RETAIN)

    assert books.asked == 3


class CountingBooks(FakeBooks):
    """Counts how often it is asked for the switches."""

    asked = 0

    def control(self) -> Control:
        """Count, and answer."""
        self.asked += 1
        return self.switches


def test_a_switch_left_out_or_misspelled_is_refused() -> None:
    """Nobody throws one by leaving it out."""
    with fake_service() as client:
        faults = [
            client.send("PUT", "/control", json=body).json()["detail"][0]
            for body in ({"stopped": True}, {"baseline": 0, "stopped": True}, {"stop": True})
        ]

    assert [fault["field"] for fault in faults] == ["baseline", "baseline", "baseline"]
    assert faults[0]["wanted"] == "true or false"


def test_the_key_that_threw_it_is_named(database_url: str) -> None:
    """Who may decide may not, who may operate may."""
    ops, operates = new_key("night-shift", Role.OPERATE)
    crm, decides = new_key("crm", Role.DECIDE)
    environment = Environment(API_KEYS=f"{operates};{decides}")
    body = {"baseline": False, "stopped": True}
    with open_store(database_url) as books:
        books.campaigns.open(campaign(starts_at=NIGHT))
        doors = Doors.of(environment, access_of(environment))
        with started(create_app(sources(books), Clock(NOON), doors)) as client:
            refused = client.send("PUT", "/control", json=body, headers={"X-API-Key": crm})
            found = client.send("PUT", "/control", json=body, headers={"X-API-Key": ops})

    assert refused.status_code == 403
    assert found.json()["changed_by"] == "night-shift"


def test_an_administrator_changes_the_budget(database_url: str) -> None:
    """Who may operate may not, nothing of that request is done; the chain keeps who did, and it holds."""
    ops, operates = new_key("night-shift", Role.OPERATE)
    boss, administers = new_key("finance", Role.ADMIN)
    environment = Environment(API_KEYS=f"{operates};{administers}")
    body = {"baseline": False, "stopped": True, "limit": 250.5}
    with open_store(database_url) as books:
        books.campaigns.open(campaign(starts_at=NIGHT))
        doors = Doors.of(environment, access_of(environment))
        with started(create_app(sources(books), Clock(NOON), doors)) as client:
            refused = client.send("PUT", "/control", json=body, headers={"X-API-Key": ops})
            between = client.send("GET", "/control", headers={"X-API-Key": ops}).json()
            found = client.send("PUT", "/control", json=body, headers={"X-API-Key": boss}).json()
    with open_store(database_url) as books:
        rows = books.verify_chain("spring").rows
        limit_minor = books.campaigns.get("spring").limit_minor

    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "the API key has role operate, wanted admin",
    )
    assert (between["stopped"], between["budget"]["limit"]) == (False, 5_000.0)
    assert (found["stopped"], found["changed_by"], found["budget"]["limit"]) == (True, "finance", 250.5)
    assert (rows, limit_minor) == (2, 25_050)


def test_a_limit_below_what_is_promised_is_refused_whole(client: Client) -> None:
    """10.00 are reserved: 9.99 is refused, names the least and throws no switch; 10.00 is taken."""
    held = client.post("/retain", RETAIN).json()["offer"]["cost"] + 1.0
    least = f"{held:,.2f}"
    body = {"baseline": True, "stopped": False}

    below = client.send("PUT", "/control", json=body | {"limit": held - 0.01})
    between = client.get("/control").json()
    exact = client.send("PUT", "/control", json=body | {"limit": held}).json()

    assert below.status_code == 409
    assert below.json()["detail"].endswith(f"The least possible limit is {least}.")
    assert (between["baseline"], between["budget"]["limit"]) == (False, 1_000.0)
    assert (exact["baseline"], exact["budget"]["limit"], exact["budget"]["free"]) == (True, held, 0.0)


def test_a_changed_limit_is_obeyed_by_the_next_decision(client: Client) -> None:
    """At nothing nobody is contacted; with the budget back the next customer is."""
    still = {"baseline": False, "stopped": False}
    client.send("PUT", "/control", json=still | {"limit": 0})
    broke = client.post("/retain", RETAIN).json()
    client.send("PUT", "/control", json=still | {"limit": 1_000})
    rich = client.post("/retain", RETAIN | {"customer_id": "C2"}).json()

    assert broke["metadata"]["reasons"] == ["budget"]
    assert rich["decision"]["contact"] is True


@pytest.mark.parametrize("limit", [-0.01, 1_000_000_001, "5000", True])
def test_what_is_no_limit_is_refused(client: Client, limit: object) -> None:
    """422 names the field; neither budget nor switches change."""
    found = client.send("PUT", "/control", json={"baseline": True, "stopped": True, "limit": limit})

    assert (found.status_code, found.json()["detail"][0]["field"]) == (422, "limit")
    assert client.get("/control").json()["baseline"] is False


def test_without_a_campaign_there_is_no_budget_to_change(client: Client, clock: Clock) -> None:
    """After its last day: none is shown, and a limit is 409."""
    clock.now += timedelta(days=91)

    found = client.send("PUT", "/control", json={"baseline": False, "stopped": False, "limit": 1})

    assert (found.status_code, client.get("/control").json()["budget"]) == (409, None)
    assert "no campaign is open" in found.json()["detail"]


def test_without_books_the_switches_cannot_be_thrown() -> None:
    """503, to be sent again, without a word about the database."""
    with fake_service(FakeBooks(broken=True)) as client:
        found = client.send("GET", "/control")

    assert (found.status_code, found.headers["Retry-After"]) == (503, "2")
    assert "DATABASE_URL" not in found.text


class Unreadable(FakeBooks):
    """Settles, but cannot say how the switches stand."""

    def control(self) -> Control:
        """Fail."""
        raise LedgerUnavailable("told so")


def test_where_the_switches_cannot_be_read_nobody_is_contacted() -> None:
    """They may have been thrown: a gate that cannot be read is closed."""
    with fake_service(Unreadable()) as client:
        found = client.post("/retain", RETAIN).json()

    assert (found["decision"]["contact"], found["metadata"]["reasons"]) == (False, ["state_unreadable"])
    assert found["metadata"]["degraded_reasons"] == ["ledger_unavailable"]

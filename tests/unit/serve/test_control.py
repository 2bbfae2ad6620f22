"""The switches over HTTP: who threw them, and that processes obey within two seconds."""

from datetime import timedelta

from churn_saver.config import Environment
from churn_saver.errors import LedgerUnavailable
from churn_saver.serve.app import Doors, create_app
from churn_saver.serve.keys import Role, access_of, new_key
from churn_saver.store import Control, open_store
from tests.builders import campaign
from tests.serving import NIGHT, NOON, RETAIN, Clock, FakeBooks, fake_service, real_service, sources, started


def test_the_switches_are_off_until_somebody_throws_one(database_url: str) -> None:
    """Then it says who and when."""
    with real_service(database_url) as client:
        before = client.get("/control").json()
        thrown = client.send("PUT", "/control", json={"baseline": True, "stopped": False}).json()
        after = client.get("/control").json()

    assert before == {"baseline": False, "stopped": False, "changed_at": None, "changed_by": None}
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

    assert (found["decision"]["contact"], found["metadata"]["reasons"]) == (False, ["stopped"])

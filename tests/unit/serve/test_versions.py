"""Versions in a process: loaded beside, swapped at once, and kept where the next one cannot be loaded."""

import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

import pytest
from fastapi import FastAPI

from churn_saver.decide import FORCE_BASELINE, Engine
from churn_saver.decide.assigning import Challenge, Deciding
from churn_saver.domain.versions import Role, Roles, Version
from churn_saver.errors import ArtifactError
from churn_saver.journey import Decider
from churn_saver.serve.app import Doors, create_app
from churn_saver.serve.runtime import Runtime
from churn_saver.serve.versions import RETRY_SECONDS, Versions
from churn_saver.store import Control, Store, open_store
from tests.builders import NOON, campaign, predictors, rules
from tests.serving import NIGHT, PATIENT, RETAIN, Client, Clock, FakeBooks, sources, started, told

SECOND = timedelta(seconds=1)
GOOD, OTHER, THIRD = (Version(name, {}) for name in ("never", "knapsack", "random"))
OWN = Engine(cast(Store, None), predictors(), rules())


@dataclass
class Shelf:
    """Versions that can be loaded, and a count of how often one was."""

    broken: set[str] = field(default_factory=set)
    loaded: list[str] = field(default_factory=list)
    may: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """They may be loaded at first."""
        self.may.set()

    def open(self, digest: str) -> Deciding:
        """Load one; that of 'never' contacts nobody, any other is the greedy one."""
        self.may.wait(60)
        self.loaded.append(digest)
        if digest in self.broken:
            raise ArtifactError("told so")
        return Deciding(digest, told(), Decider("never" if digest == GOOD.digest else "greedy"))


def decider(versions: Versions) -> str:
    """Say who decides."""
    return versions.loaded.leading(OWN).rules.decider.rung


def settled(versions: Versions, roles: Roles, seconds: int = 0) -> Engine:
    """Follow roles, wait for what comes of it, and give the engine."""
    versions.follow(roles, NOON + seconds * SECOND)
    versions.settle()
    return versions.follow(roles, NOON + seconds * SECOND).leading(OWN)


def test_without_a_role_nothing_is_loaded() -> None:
    """The very engine that settings and folders name."""
    shelf = Shelf()
    versions = Versions(shelf.open)

    assert versions.follow(Roles(), NOON).leading(OWN) is OWN
    assert shelf.loaded == []


def test_the_first_champion_decides_from_the_first_request_on() -> None:
    """The caller waits: a young process does not decide by what was replaced."""
    shelf = Shelf()

    found = Versions(shelf.open).follow(Roles(GOOD.digest), NOON).leading(OWN)

    assert (found.rules.decider, found.degraded, shelf.loaded) == (Decider("never"), (), [GOOD.digest])


def test_the_next_one_is_loaded_beside_who_decides() -> None:
    """While it is loaded the present one serves, whoever asks; then one reference is swapped."""
    shelf = Shelf()
    versions = Versions(shelf.open)
    settled(versions, Roles(GOOD.digest))
    shelf.may.clear()
    meanwhile = [versions.follow(Roles(OTHER.digest), NOON).leading(OWN).rules.decider.rung for _ in range(3)]
    shelf.may.set()
    versions.settle()

    assert meanwhile == ["never"] * 3
    assert decider(versions) == "greedy"
    assert shelf.loaded == [GOOD.digest, OTHER.digest]


def test_what_cannot_be_loaded_leaves_the_present_champion_and_shows() -> None:
    """It is tried again after a while, and taken when it is mended."""
    shelf = Shelf(broken={OTHER.digest})
    versions = Versions(shelf.open)
    settled(versions, Roles(GOOD.digest))
    found = settled(versions, Roles(OTHER.digest))
    soon = settled(versions, Roles(OTHER.digest), RETRY_SECONDS - 1)
    shelf.broken.clear()
    later = settled(versions, Roles(OTHER.digest), RETRY_SECONDS)

    assert [(one.rules.decider.rung, one.degraded) for one in (found, soon, later)] == [
        ("never", ("version_unavailable",)), ("never", ("version_unavailable",)), ("greedy", ()),
    ]  # fmt: skip
    assert shelf.loaded == [GOOD.digest, OTHER.digest, OTHER.digest]


def test_back_to_the_one_before_the_broken_one_needs_no_file() -> None:
    """It is at hand still."""
    shelf = Shelf(broken={OTHER.digest})
    versions = Versions(shelf.open)
    settled(versions, Roles(GOOD.digest))
    settled(versions, Roles(OTHER.digest))
    shelf.broken.add(GOOD.digest)
    found = settled(versions, Roles(GOOD.digest))

    assert (found.rules.decider.rung, found.degraded) == ("never", ())
    assert shelf.loaded == [GOOD.digest, OTHER.digest]


def test_back_to_none_is_what_settings_and_folders_name() -> None:
    """The very engine."""
    versions = Versions(Shelf().open)
    settled(versions, Roles(GOOD.digest))

    assert settled(versions, Roles()) is OWN


def test_a_challenger_has_its_share_and_one_that_wins_is_not_loaded_again() -> None:
    """A larger share is taken up without loading; broken, nobody challenges and it shows."""
    shelf = Shelf()
    versions = Versions(shelf.open)
    first = settled(versions, Roles(GOOD.digest, OTHER.digest, 0.1))
    more = settled(versions, Roles(GOOD.digest, OTHER.digest, 0.5))
    won = settled(versions, Roles(OTHER.digest))
    shelf.broken.add(THIRD.digest)
    lost = settled(versions, Roles(OTHER.digest, THIRD.digest, 0.5))

    shares = [None if one.challenge is None else one.challenge.share for one in (first, more, won, lost)]
    assert shares == [0.1, 0.5, None, None]
    assert [one.rules.decider.rung for one in (first, more, won, lost)] == [
        "never",
        "never",
        "greedy",
        "greedy",
    ]
    assert lost.degraded == ("version_unavailable",)
    assert shelf.loaded == [GOOD.digest, OTHER.digest, THIRD.digest]


def test_an_error_of_any_kind_leaves_who_decides() -> None:
    """And the next change is followed all the same."""

    def opened(digest: str) -> Deciding:
        if digest == OTHER.digest:
            raise RuntimeError("no room")
        return Shelf().open(digest)

    versions = Versions(opened)
    settled(versions, Roles(OTHER.digest))

    assert versions.loaded.leading(OWN).degraded == ("version_unavailable",)
    assert settled(versions, Roles(GOOD.digest)).rules.decider == Decider("never")


def test_where_no_model_is_to_decide_roles_mean_nothing() -> None:
    """With the kill switch of the environment on."""
    assert Versions(None).follow(Roles(GOOD.digest), NOON).leading(OWN) is OWN


def test_the_switch_of_the_baseline_is_above_all_versions() -> None:
    """No model decides, neither the champion's nor the challenger's."""
    versions = Versions(Shelf().open)
    led = settled(versions, Roles(GOOD.digest, OTHER.digest, 0.5))
    found = led.obeying(Control(baseline=True))

    assert (found.predictors, found.challenge, found.degraded) == (None, None, (FORCE_BASELINE,))
    assert found.rules.decider.rung == "propensity_rule"
    assert led.challenge is not None
    assert led.obeying(Control(stopped=True)).challenge == led.challenge


def test_a_runtime_follows_the_roles_that_come_with_the_switches() -> None:
    """In the same look at the books; who decides shows in what it tells of itself."""
    books, shelf = FakeBooks(), Shelf()
    runtime = Runtime(replace(sources(books), open_version=shelf.open))
    before = runtime.readiness(NOON)
    books.switches = Control(roles=Roles(GOOD.digest))
    after = runtime.readiness(NOON + SECOND)
    shelf.broken.add(OTHER.digest)
    books.switches = Control(roles=Roles(OTHER.digest))
    broken = runtime.readiness(NOON + 2 * SECOND)
    runtime.close()

    assert [one.policy for one in (before, after, broken)] == ["knapsack", "never", "never"]
    assert (broken.degraded, broken.faults) == (("version_unavailable",), ())
    assert runtime.means.rules.decider == Decider("never")


def label(client: Client, customer_id: str) -> str:
    """Say who decided for a new customer."""
    return str(client.post("/retain", RETAIN | {"customer_id": customer_id}).json()["metadata"]["policy"])


@pytest.fixture
def registered(database_url: str) -> str:
    """Name a ledger with a campaign and two versions without a role."""
    with open_store(database_url) as store:
        store.campaigns.open(campaign(starts_at=NIGHT))
        for version in (GOOD, OTHER):
            store.registry.register(version, "", "ops", NIGHT)
    return database_url


def service(url: str, clock: Clock, shelf: Shelf) -> FastAPI:
    """Build a service on a ledger that loads its versions from a shelf."""
    given = replace(sources(open_store(url)), open_version=shelf.open)
    return create_app(given, clock, Doors.of(PATIENT))


def test_running_services_follow_a_promotion_and_a_rollback(registered: str) -> None:
    """Two of them, without a restart, a second after it; with broken files too, for none are needed."""
    clock, shelf = Clock(), Shelf()
    apps = [service(registered, clock, shelf) for _ in range(2)]
    found: list[list[str]] = []
    with open_store(registered) as books, started(apps[0]) as one, started(apps[1]) as other:

        def look(round_: int) -> None:
            clock.now += SECOND
            told = [client.get("/readyz").json()["policy"] for client in (one, other)]
            made = [label(client, f"C{round_}{name}") for name, client in (("a", one), ("b", other))]
            assert told == made
            found.append(made)

        look(0)
        books.registry.promote(GOOD.digest, Role.CHAMPION, "ops", NOON)
        look(1)
        books.registry.promote(OTHER.digest, Role.CHAMPION, "ops", NOON)
        look(2)
        shelf.broken = {GOOD.digest, OTHER.digest}
        books.registry.roll_back("ops", NOON, "too eager")
        look(3)
        degraded = one.get("/readyz").json()["degraded_reasons"]
        books.registry.roll_back("ops", NOON, "none of them")
        look(4)

    assert found == [[name] * 2 for name in ("knapsack", "never", "greedy", "never", "knapsack")]
    assert degraded == []
    assert shelf.loaded == [GOOD.digest, GOOD.digest, OTHER.digest, OTHER.digest]


def test_a_share_of_the_customers_is_decided_by_the_challenger(registered: str) -> None:
    """The same ones in every process, by the keyed hash; a larger share keeps all of them."""
    clock, shelf = Clock(), Shelf()
    ids = [f"C{i}" for i in range(12)]
    with open_store(registered) as books:
        books.registry.promote(GOOD.digest, Role.CHALLENGER, "ops", NOON, share=0.4)
        own = books.campaigns.get("spring")
        with started(service(registered, clock, shelf)) as client:
            few = {one for one in ids if label(client, one) == "never"}
            books.registry.promote(GOOD.digest, Role.CHALLENGER, "ops", NOON, share=0.8)
            clock.now += SECOND
            client.get("/readyz")
            many = {one for one in ids if label(client, one) == "never"}

    rival = shelf.open(GOOD.digest)
    assert few == {one for one in ids if Challenge(rival, 0.4).decides_for(one, own)}
    assert many == {one for one in ids if Challenge(rival, 0.8).decides_for(one, own)}
    assert set() < few < many

"""The shadow of a service: it sees every decision, and no answer knows of it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from churn_saver.decide import Engine
from churn_saver.decide.assigning import Deciding
from churn_saver.decide.beside import Beside
from churn_saver.domain.versions import Role, Version
from churn_saver.errors import ArtifactError
from churn_saver.journey import Decider
from churn_saver.serve.app import Doors, create_app
from churn_saver.serve.shadows import Shadows
from churn_saver.serve.versions import RETRY_SECONDS
from churn_saver.store import Store, open_store
from churn_saver.tabular.predictors import AcceptModel, Predictors
from tests.builders import NOON, campaign, predictors, rules
from tests.ledgers import new_ledger
from tests.serving import NIGHT, PATIENT, PREDICT, RETAIN, Client, Clock, sources, started, told
from tests.shadowing import Told, until
from tests.unit.serve.test_versions import SECOND

SHADOW, OTHER = Version("greedy", {}), Version("never", {})
OWN = Engine(cast(Store, None), predictors(), rules())
ROWS = [PREDICT | {"customer_id": f"T{row:02d}", "tenure": 1 + row} for row in range(40)]
WARM = RETAIN | {"opted_in": False}
"""A request that reserves nothing."""
LONG = 60.0


@dataclass
class Shelf:
    """Versions to be loaded: how often one was, and whether it can be."""

    open_one: Callable[[str], Deciding]
    loaded: list[str] = field(default_factory=list)
    may: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """They may be loaded at first."""
        self.may.set()

    def open(self, digest: str) -> Deciding:
        """Load one, when it may be."""
        self.may.wait(LONG)
        self.loaded.append(digest)
        return self.open_one(digest)


def greedy(digest: str) -> Deciding:
    """Load the greedy rung with predictors of its own."""
    return Deciding(digest, told(0.9), Decider("greedy"))


@dataclass(frozen=True)
class HangingAccept:
    """An acceptance model that never answers until it may."""

    may: threading.Event
    fields: tuple[str, ...] = ()

    def probabilities(self, table: Any, risk: Any) -> Any:
        """Hang."""
        self.may.wait(LONG)
        raise RuntimeError("too late")


@contextmanager
def loader(shelf: Shelf) -> Iterator[Shadows]:
    """Give a shadow's loader, and let go of it."""
    made = Shadows(shelf.open, Beside(Told(), LONG, pause_seconds=0.0))
    yield made
    made.close()


def test_nobody_waits_for_a_shadow_to_be_loaded() -> None:
    """Meanwhile the engine is as it is; then it has the shadow beside it, and the same who decides."""
    shelf = Shelf(greedy)
    shelf.may.clear()
    with loader(shelf) as shadows:
        before = [shadows.beside(OWN, SHADOW.digest, NOON) for _ in range(3)]
        shelf.may.set()
        assert shadows.settle(LONG)
        found = shadows.beside(OWN, SHADOW.digest, NOON)

    assert before == [OWN] * 3
    assert shelf.loaded == [SHADOW.digest]
    assert found.shadow is not None
    assert found.shadow.version == SHADOW.digest
    assert replace(found, shadow=None, beside=None) == OWN


def test_whoever_has_no_role_is_not_loaded_and_one_that_lost_it_is_not_asked() -> None:
    """The very engine; another shadow takes the place of the first when it is there."""
    shelf = Shelf(greedy)
    with loader(shelf) as shadows:
        assert shadows.beside(OWN, None, NOON) is OWN
        shadows.beside(OWN, SHADOW.digest, NOON)
        assert shadows.settle(LONG)
        assert shadows.beside(OWN, None, NOON) is OWN
        shelf.may.clear()
        assert shadows.beside(OWN, OTHER.digest, NOON) is OWN
        shelf.may.set()
        assert shadows.settle(LONG)
        found = shadows.beside(OWN, OTHER.digest, NOON).shadow

    assert found is not None
    assert found.version == OTHER.digest
    assert shelf.loaded == [SHADOW.digest, OTHER.digest]


def test_one_that_cannot_be_loaded_is_tried_again_after_a_while() -> None:
    """No answer says so: nothing is degraded."""

    def broken(digest: str) -> Deciding:
        raise ArtifactError("told so")

    shelf = Shelf(broken)
    with loader(shelf) as shadows:
        for seconds in (0, RETRY_SECONDS - 1, RETRY_SECONDS):
            assert shadows.beside(OWN, SHADOW.digest, NOON + seconds * SECOND) is OWN
            assert shadows.settle(LONG)
        shelf.open_one = greedy
        shadows.beside(OWN, SHADOW.digest, NOON + 2 * RETRY_SECONDS * SECOND)
        assert shadows.settle(LONG)
        found = shadows.beside(OWN, SHADOW.digest, NOON)

    assert len(shelf.loaded) == 3
    assert found.shadow is not None
    assert found.degraded == ()


def test_where_no_model_is_to_decide_no_shadow_is_asked() -> None:
    """With the kill switch of the environment on."""
    shadows = Shadows(None, Beside(Told(), LONG, pause_seconds=0.0))

    assert shadows.beside(OWN, SHADOW.digest, NOON) is OWN
    shadows.close()


@contextmanager
def service(url: str, shelf: Shelf, role: Role | None) -> Iterator[tuple[Client, Store]]:
    """Run a service whose registry has the greedy version, with a role or without; and give its books."""
    with open_store(url) as books:
        books.campaigns.open(
            campaign(starts_at=NIGHT, limit_minor=60_000, exploration_share=0.3, holdout_share=0.1)
        )
        books.registry.register(SHADOW, "", "ops", NIGHT)
        if role is not None:
            books.registry.promote(SHADOW.digest, role, "ops", NIGHT)
        given = replace(sources(open_store(url)), open_version=shelf.open)
        with started(create_app(given, Clock(), Doors.of(PATIENT))) as client:
            yield client, books


def answers(client: Client) -> list[Any]:
    """Ask both endpoints, several at once, a table and the probe; give all but what is drawn anew."""
    one = [client.post("/retain", RETAIN | {"customer_id": f"C{n}"}) for n in range(6)]
    more = client.at_once("/predict", [PREDICT | {"customer_id": f"P{n}"} for n in range(8)])
    table = client.post("/decide/batch", {"customers": ROWS})
    ready = client.get("/readyz")
    assert {found.status_code for found in (*one, *more, table, ready)} == {200}
    told = [json.loads(found.content) for found in (*one, *more, table, ready)]
    for found in (*told[:14], *told[14]["decisions"]):
        (found.get("metadata") or found).pop("decision_id")
    return told


def asked(books: Store) -> int:
    """Count the decisions that the shadow was asked about."""
    return sum(one.decisions for one in books.shadows.tallies().values())


def warmed(client: Client, books: Store) -> None:
    """Ask about customers who want nothing until the shadow is there."""
    numbers = iter(range(10_000))

    def is_there() -> bool:
        client.post("/retain", WARM | {"customer_id": f"W{next(numbers)}"})
        return asked(books) > 0

    until(is_there)


def test_answers_with_a_shadow_are_to_the_bit_those_without(database_url: str, tmp_path: Path) -> None:
    """Alone, together and in a table, with exploration and holdout; and each decision has its shadow.

    A caller's own score of .75 counts for the shadow too; where none was sent its predictors say .9.
    """
    with service(new_ledger(tmp_path / "without.db"), Shelf(greedy), None) as (client, _):
        without = answers(client)
    with service(database_url, Shelf(greedy), Role.SHADOW) as (client, books):
        warmed(client, books)
        beside = answers(client)
        until(lambda: "churn_saver_shadowed_total" in client.get("/metrics").text)
        recorded = {str(name) for part in books.records() for name in part["decision_id"]}
        mine = {str(one) for part in books.records() for one in part["customer_id"] if str(one)[0] in "CPT"}
        until(lambda: asked(books) >= len(mine) + 1)
        kept = books.shadows.of("spring", SHADOW.digest).shadowed
        faults = [one for one in client.get("/metrics").text.splitlines() if "shadow_faults_total{" in one]

    assert beside == without
    assert len(mine) == 54
    assert set(kept.decision_ids) <= recorded
    assert set(kept.churn_risk.tolist()) == {0.75, 0.9}
    assert faults == []


def raising(digest: str) -> Deciding:
    """Load a version whose predictors give what is no probability."""
    return Deciding(digest, told(ladder=(2.0, 2.0, 2.0, 2.0)), Decider("greedy"))


def test_a_shadow_that_raises_changes_no_answer_and_is_counted(tmp_path: Path) -> None:
    """Each decision is counted with its cause; nothing is kept."""
    with service(new_ledger(tmp_path / "without.db"), Shelf(greedy), None) as (client, _):
        without = answers(client)
    with service(new_ledger(tmp_path / "with.db"), Shelf(raising), Role.SHADOW) as (client, _):
        fault = 'churn_saver_shadow_faults_total{cause="raised"}'

        def is_counted() -> bool:
            client.post("/retain", WARM | {"customer_id": "W"})
            return fault in client.get("/metrics").text

        until(is_counted)
        beside = answers(client)

    assert beside == without
    assert asked_in(tmp_path / "with.db") == 0


def asked_in(path: Path) -> int:
    """Count what is kept in a ledger that was let go of."""
    with open_store(new_ledger(path)) as books:
        return asked(books)


def test_a_shadow_that_hangs_changes_no_answer_and_holds_up_nobody(tmp_path: Path) -> None:
    """It hangs at the first decision and never comes back; the service stops all the same."""
    may, begun = threading.Event(), threading.Event()

    def hanging(digest: str) -> Deciding:
        accept = cast(AcceptModel, HangingAccept(may))
        begun.set()
        return Deciding(digest, Predictors(told().risk, accept, "hangs"), Decider("greedy"))

    with service(new_ledger(tmp_path / "without.db"), Shelf(greedy), None) as (client, _):
        without = answers(client)
    with service(new_ledger(tmp_path / "with.db"), Shelf(hanging), Role.SHADOW) as (client, books):
        client.post("/retain", WARM)
        assert begun.wait(LONG)
        beside = answers(client)
        kept = asked(books)
    may.set()

    assert beside == without
    assert kept == 0


def test_a_shadow_that_cannot_be_loaded_shows_in_no_answer(tmp_path: Path) -> None:
    """Nor at the probe: whoever waits for it looks into the log."""

    def broken(digest: str) -> Deciding:
        raise ArtifactError("told so")

    with service(new_ledger(tmp_path / "without.db"), Shelf(greedy), None) as (client, _):
        without = answers(client)
    shelf = Shelf(broken)
    with service(new_ledger(tmp_path / "with.db"), shelf, Role.SHADOW) as (client, _):
        beside = answers(client)

    assert beside == without
    assert shelf.loaded != []


def test_an_erased_customer_has_no_shadow_any_more(database_url: str) -> None:
    """Asked for over HTTP; those of the others stay."""
    with service(database_url, Shelf(greedy), Role.SHADOW) as (client, books):
        warmed(client, books)
        name = client.post("/retain", RETAIN | {"customer_id": "gone"}).json()["metadata"]["decision_id"]
        until(lambda: name in books.shadows.of("spring", SHADOW.digest).shadowed.decision_ids)
        client.send("DELETE", "/customers/gone")
        left = books.shadows.of("spring", SHADOW.digest).shadowed.decision_ids

    assert name not in left
    assert len(left) > 0

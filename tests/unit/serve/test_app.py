"""The app as a whole: errors in one shape, a role for every route, a complete OpenAPI document."""

import asyncio
import json
import threading
from dataclasses import dataclass, field
from datetime import datetime
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.to_thread import current_default_thread_limiter
from fastapi.routing import APIRoute

from churn_saver.config import Environment
from churn_saver.errors import ConfigError
from churn_saver.serve.admission import Limits
from churn_saver.serve.app import BESIDE, Doors, create_app, sources_of
from churn_saver.serve.keys import LOCAL, Access, Role
from churn_saver.serve.routes import Lane, role_of
from churn_saver.store import Control, open_store, sqlite_url
from tests.serving import (
    PREDICT,
    RETAIN,
    Clock,
    FakeBooks,
    fake_service,
    real_service,
    running,
    sources,
    started,
)

PATHS = [("/retain", RETAIN), ("/predict", PREDICT)]


@pytest.fixture(scope="module")
def openapi() -> Any:
    """The document as callers read it."""
    with fake_service() as client:
        return client.get("/openapi.json").json()


def test_two_apps_share_nothing() -> None:
    """No state at module level: one app's books are not another's."""
    with fake_service() as one, fake_service() as other:
        assert one.app is not other.app
        assert one.post("/retain", RETAIN).status_code == other.post("/retain", RETAIN).status_code == 200


@pytest.mark.parametrize(("path", "body"), PATHS)
def test_only_json_that_says_so_is_read(path: str, body: dict[str, Any]) -> None:
    """A page in a browser can send text to this machine without asking; it is refused."""
    with fake_service() as client:
        found = client.raw(path, json.dumps(body).encode(), "text/plain")

    assert found.status_code == 422
    assert found.json()["detail"][0]["field"] == "body"
    assert "application/json" in found.json()["detail"][0]["wanted"]


@pytest.mark.parametrize("path", ["/retain", "/predict"])
def test_a_chunked_body_over_the_limit_is_413(path: str) -> None:
    """Counted as it comes in, before anything is parsed."""

    async def chunks() -> Any:
        """Give 65 KiB without a length."""
        for _ in range(65):
            yield b" " * 1024

    with fake_service() as client:
        found = client.send("POST", path, content=chunks(), headers={"Content-Type": "application/json"})

    assert found.status_code == 413
    assert "65536" in found.json()["detail"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("GET", "/retain", 405)])
def test_what_is_not_there_is_answered_in_json(method: str, path: str, status: int) -> None:
    """With the same headers as any answer."""
    with fake_service() as client:
        found = client.send(method, path)

    assert found.status_code == status
    assert set(found.json()) == {"detail"}
    assert found.headers["X-Content-Type-Options"] == "nosniff"


def test_no_other_site_is_let_in() -> None:
    """No CORS header, whatever origin asks."""
    with fake_service() as client:
        asked = {"Origin": "https://example.com", "Access-Control-Request-Method": "POST"}
        found = client.send("OPTIONS", "/retain", headers=asked)

    assert not [name for name in found.headers if name.startswith("access-control")]


def test_the_document_lists_every_route_and_every_error(openapi: Any) -> None:
    """Each with what it may answer; who may call at all with each."""
    answers = {
        f"{method.upper()} {path}": set(operation["responses"])
        for path, entry in openapi["paths"].items()
        for method, operation in entry.items()
    }

    decided = {"200", "401", "403", "408", "413", "421", "422", "500", "503"}
    asked = {"200", "401", "403", "408", "413", "421", "422", "500", "503"}
    open_to_all = {"200", "403", "408", "413", "421"}
    assert answers == {
        "POST /retain": decided,
        "POST /predict": decided,
        "POST /decide/batch": asked | {"409"},
        "POST /outcomes": asked | {"404", "409"},
        "POST /customers/{customer_id}/suppress": asked,
        "POST /customers/{customer_id}/opt-out": asked,
        "DELETE /customers/{customer_id}": asked,
        "GET /decisions/{decision_id}": asked | {"404", "409", "410"},
        "GET /decisions/{decision_id}/replay": asked | {"404", "409", "410"},
        "GET /control": asked,
        "PUT /control": asked | {"409"},
        "GET /healthz": open_to_all,
        "GET /health": open_to_all,
        "GET /readyz": open_to_all | {"503"},
        "GET /ready": open_to_all | {"503"},
        "GET /metrics": open_to_all | {"401", "503"},
    }


def test_every_route_has_a_role() -> None:
    """Default deny: what is open is listed here, everything else asks for a key."""
    with fake_service() as client:
        routes = client.app.router.routes
    found = {
        f"{method} {route.path_format}": role_of(route)
        for route in routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }

    assert len(found) == len(routes)
    assert found == {
        "POST /retain": Role.DECIDE,
        "POST /predict": Role.DECIDE,
        "POST /decide/batch": Role.DECIDE,
        "POST /outcomes": Role.DECIDE,
        "POST /customers/{customer_id}/suppress": Role.DECIDE,
        "POST /customers/{customer_id}/opt-out": Role.DECIDE,
        "DELETE /customers/{customer_id}": Role.ADMIN,
        "GET /decisions/{decision_id}": Role.OPERATE,
        "GET /decisions/{decision_id}/replay": Role.OPERATE,
        "GET /control": Role.OPERATE,
        "PUT /control": Role.OPERATE,
        "GET /healthz": Role.OPEN,
        "GET /health": Role.OPEN,
        "GET /readyz": Role.OPEN,
        "GET /ready": Role.OPEN,
        "GET /metrics": Role.OPERATE,
        "GET /openapi.json": Role.OPEN,
    }


def test_what_asks_no_ledger_needs_no_thread() -> None:
    """Threads may all be waiting for a database: whether the process lives, and the document, are told."""
    with fake_service() as client:
        routes = [route for route in client.app.routes if isinstance(route, APIRoute)]
    found = {route.path for route in routes if iscoroutinefunction(route.endpoint)}

    assert found >= {"/healthz", "/health", "/openapi.json"}


def test_all_turns_together_are_no_more_than_the_threads() -> None:
    """So that whoever has a turn has a thread, at the most that may be set for decisions."""
    others = [lane for lane in Lane if lane not in (Lane.NONE, Lane.DECIDE, Lane.TABLE)]
    largest = next(one.le for one in Environment.model_fields["MAX_IN_FLIGHT"].metadata if hasattr(one, "le"))

    async def threads() -> float:
        """Say how many the routes have."""
        return current_default_thread_limiter().total_tokens

    assert largest + len(others) * BESIDE.in_flight <= asyncio.run(threads())


@dataclass
class Stuck(FakeBooks):
    """Books whose list of who must not be contacted hangs."""

    may: threading.Event = field(default_factory=threading.Event)
    begun: int = 0

    def suppress(self, customer_id: str, now: datetime) -> bool:
        """Hang."""
        self.begun += 1
        return self.may.wait(60)

    def set_control(self, baseline: bool, stopped: bool, *_more: object) -> None:
        """Throw the switches."""
        self.switches = Control(baseline, stopped)


def test_sixty_suppressions_that_hang_keep_nobody_else_waiting() -> None:
    """Probes, numbers, switches and decisions are answered meanwhile; then the sixty are."""
    books = Stuck()
    app = create_app(sources(books), Clock())

    async def story() -> tuple[list[int], list[int]]:
        """Suppress sixty, and ask for everything else while two of them hang and the others wait."""
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            stuck = [asyncio.create_task(client.post(f"/customers/C{n}/suppress")) for n in range(60)]
            while books.begun < BESIDE.in_flight:
                await asyncio.sleep(0.01)
            paths = ("/healthz", "/readyz", "/metrics", "/openapi.json")
            found = [(await client.get(path)).status_code for path in paths]
            switch = {"baseline": False, "stopped": True}
            found.append((await client.put("/control", json=switch)).status_code)
            found.append((await client.post("/retain", json=RETAIN)).status_code)
            books.may.set()
            return found, [one.status_code for one in await asyncio.gather(*stuck)]

    with running(app) as runner:
        others, marked = runner.run(story())

    assert others == [200] * 6
    assert set(marked) <= {200, 503}
    assert marked.count(200) >= BESIDE.in_flight


def test_a_service_whose_work_hangs_ends_all_the_same() -> None:
    """It says so as it ends, and the server takes it from there."""
    books = Stuck()
    app = create_app(sources(books, deadline_ms=0), Clock())

    found: list[httpx.Response] = []

    def serve() -> None:
        with started(app) as client:
            found.append(client.post("/customers/C1/suppress", None))

    with pytest.raises(RuntimeError, match="1 requests did not come back"):
        serve()
    books.may.set()

    assert (found[0].status_code, found[0].headers["Retry-After"]) == (503, "2")


def test_the_document_says_which_routes_want_a_key(openapi: Any) -> None:
    """In the terms of OpenAPI, and with the role."""
    wanted = {
        (path, "security" in operation, operation["x-role"])
        for path, entry in openapi["paths"].items()
        for operation in entry.values()
    }

    assert {path for path, asks, _ in wanted if not asks} == {"/healthz", "/health", "/readyz", "/ready"}
    assert all(asks == (role != "open") for _, asks, role in wanted)
    assert ("/retain", True, "decide") in wanted
    assert ("/control", True, "operate") in wanted
    assert openapi["components"]["securitySchemes"]["APIKeyHeader"]["name"] == "X-API-Key"


def test_a_page_that_calls_itself_something_else_is_not_answered() -> None:
    """A browser takes example.com to this machine when its name server says so; the Host header tells."""
    with fake_service() as client:
        rebound = client.send("POST", "/retain", json=RETAIN, headers={"Host": "example.com:8080"})
        own = client.send("POST", "/retain", json=RETAIN, headers={"Host": "LocalHost:8080"})

    assert (rebound.status_code, own.status_code) == (421, 200)
    assert "example" not in rebound.text


EVIL = {"Origin": "https://evil.example"}
SUPPRESS = "/customers/C12345/suppress"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (EVIL | {"Sec-Fetch-Site": "cross-site"}, 403),
        (EVIL, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost:3000"}, 403),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({}, 200),
    ],
)
def test_the_page_of_another_site_suppresses_nobody(
    headers: dict[str, str], status: int, tmp_path: Path
) -> None:
    """A browser sends a bare POST without asking us first; whoever is no browser says no such thing."""
    with real_service(tmp_path) as client:
        found = client.send("POST", SUPPRESS, headers=headers)
    with open_store(sqlite_url(tmp_path / "ledger.db")) as store:
        suppressed = store.unwanted().suppressed

    assert (found.status_code, suppressed) == (status, int(status == 200))


def test_a_browser_is_believed_where_keys_are_asked_for_too() -> None:
    """A proxy in front may ask by cookie, which a browser sends for any page; the origin is the proxy's."""
    doors = Doors(Access(Role.ADMIN, "iap"), Limits(1, 1, 1), hosts=None)
    with started(create_app(sources(FakeBooks()), Clock(), doors)) as client:
        cross = client.send("POST", "/retain", json=RETAIN, headers={"Sec-Fetch-Site": "cross-site"})
        own = client.send("POST", "/retain", json=RETAIN, headers={"Origin": "https://desk.example"})

    assert (cross.status_code, own.status_code) == (403, 200)


def test_where_keys_are_asked_for_any_host_will_do() -> None:
    """A proxy may call the service what it likes; without a key nothing is decided."""
    books, doors = FakeBooks(), Doors.of(Environment(), Access(Role.OPEN, "nobody"))
    with started(create_app(sources(books), Clock(), doors)) as client:
        found = client.send("POST", "/retain", json=RETAIN, headers={"Host": "example.com"})

    assert found.status_code == 401
    assert found.headers["WWW-Authenticate"] == "Bearer"
    assert books.settled == []


def test_doors_are_as_the_environment_says() -> None:
    """Milliseconds become seconds; local callers may also use the name that HOST gives."""
    found = Doors.of(Environment(HOST="127.0.0.2", MAX_IN_FLIGHT=3, MAX_WAITING=5, MAX_WAIT_MS=250))

    assert (found.limits, found.access) == (Limits(3, 5, 0.25), LOCAL)
    assert found.hosts == frozenset({"localhost", "127.0.0.1", "::1", "127.0.0.2"})


def test_every_field_in_the_document_is_described(openapi: Any) -> None:
    """Of requests, answers and errors; every operation has a summary and an id of its own."""
    schemas = openapi["components"]["schemas"]
    bare = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, entry in schema["properties"].items()
        if not entry.get(
            "description", schemas.get(entry.get("$ref", "").split("/")[-1], {}).get("description")
        )
    ]
    operations = [operation for entry in openapi["paths"].values() for operation in entry.values()]

    assert bare == []
    assert all(operation["summary"] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_errors_in_the_document_are_ours(openapi: Any) -> None:
    """422 is {detail: [{field, reason, wanted}]}."""
    answer = openapi["paths"]["/retain"]["post"]["responses"]["422"]

    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Refused"}
    assert set(openapi["components"]["schemas"]["Refusal"]["properties"]) == {"field", "reason", "wanted"}
    assert "HTTPValidationError" not in openapi["components"]["schemas"]


def test_unreadable_settings_stop_the_start() -> None:
    """Nothing is served on guesses."""
    with pytest.raises(ConfigError, match="CONFIG_DIR"):
        sources_of(Environment(CONFIG_DIR="/nowhere"))


def test_a_container_with_its_ledger_in_a_file_does_not_start() -> None:
    """On Cloud Run the file would be gone with the container: said before anything is served."""
    with pytest.raises(ConfigError, match="of Cloud Run would keep its ledger in a file"):
        sources_of(Environment(K_SERVICE="churn-saver"))

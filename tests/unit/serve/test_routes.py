"""The gate: role before body, body before turn, turn before handler."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from churn_saver.serve.admission import Admission, Limits
from churn_saver.serve.keys import LOCAL, Access, Key, Role
from churn_saver.serve.routes import Gate, gated, needs, refusals, role_of

CLOSED = Access(Role.OPEN, "nobody", (Key("crm", Role.DECIDE, bytes(32)),))


def app_of(access: Access, **limits: Any) -> tuple[FastAPI, Admission]:
    """Build an app with one route that is queued and one that is not."""
    admission = Admission(Limits(**({"in_flight": 1, "waiting": 0, "wait_seconds": 0} | limits)),
                          lambda _: None, lambda *_: None)  # fmt: skip
    app = FastAPI(openapi_url=None)
    app.router.route_class = gated(Gate(access, admission))

    @app.post("/work", **needs(Role.DECIDE, queued=True))
    async def work(request: Request) -> str:
        """Say how much came, and who else is at work."""
        return f"{len(await request.body())} bytes, {admission.in_flight} in flight"

    @app.get("/look", **needs(Role.OPEN))
    async def look() -> str:
        """Say who is at work."""
        return f"{admission.in_flight} in flight"

    return app, admission


def call(app: FastAPI, method: str, path: str, content: bytes | AsyncIterator[bytes] = b"") -> httpx.Response:
    """Send a request."""

    async def send() -> httpx.Response:
        """Send it."""
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, content=content)

    return asyncio.run(send())


async def unread() -> AsyncIterator[bytes]:
    """Fail when the body is asked for."""
    raise AssertionError("the body was read")
    yield b""


def test_who_has_no_key_is_not_listened_to() -> None:
    """401 before the first byte of the body is asked for."""
    found = call(app_of(CLOSED)[0], "POST", "/work", unread())

    assert found.status_code == 401


def test_work_holds_a_turn_and_looking_does_not() -> None:
    """The turn is given back at the end."""
    app, admission = app_of(LOCAL)

    assert call(app, "POST", "/work", b"abc").json() == "3 bytes, 1 in flight"
    assert call(app, "GET", "/look").json() == "0 in flight"
    assert admission.in_flight == 0


def test_without_a_turn_it_is_503_and_looking_goes_on() -> None:
    """Probes and metrics are answered while everybody else is turned away."""
    app, admission = app_of(LOCAL)
    admission.in_flight = 1

    found = call(app, "POST", "/work", b"abc")
    assert (found.status_code, found.headers["Retry-After"]) == (503, "1")
    assert call(app, "GET", "/look").json() == "1 in flight"


def test_a_slow_sender_holds_no_turn() -> None:
    """The turn is taken when the whole body is there."""
    app, admission = app_of(LOCAL)
    seen: list[int] = []

    async def slowly() -> AsyncIterator[bytes]:
        """Send two pieces and look how many turns are held."""
        for _ in range(2):
            seen.append(admission.in_flight)
            yield b"abc"

    assert call(app, "POST", "/work", slowly()).json() == "6 bytes, 1 in flight"
    assert seen == [0, 0]


def test_a_sender_that_goes_away_is_no_error() -> None:
    """It takes no turn, and the log can tell it by 499."""
    app, admission = app_of(LOCAL)
    sent: list[Any] = []

    async def gone() -> dict[str, Any]:
        """Hang up."""
        return {"type": "http.disconnect"}

    async def note(message: Any) -> None:
        """Keep what would be sent."""
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/work", "query_string": b"", "headers": []}
    asyncio.run(app(scope, gone, note))

    assert sent[0]["status"] == 499
    assert admission.in_flight == 0


def test_a_route_without_a_role_cannot_be_made() -> None:
    """Default deny, at the start and not at the first request."""
    app, _ = app_of(LOCAL)

    with pytest.raises(TypeError, match=r"route /open names no role, wanted one: \*\*needs"):
        app.get("/open")(lambda: "")


@pytest.mark.parametrize(
    ("role", "queued", "statuses"),
    [
        (Role.OPEN, False, {421}),
        (Role.OPERATE, False, {401, 403, 421}),
        (Role.DECIDE, True, {401, 403, 421, 503}),
    ],
)
def test_the_refusals_of_a_route_are_documented(role: Role, queued: bool, statuses: set[int]) -> None:
    """Those that its role and its queue can lead to."""
    assert set(refusals(role, queued)) == statuses


def test_a_route_tells_its_role() -> None:
    """As it was made."""
    app, _ = app_of(LOCAL)
    roles = {route.path: role_of(route) for route in app.routes if hasattr(route, "openapi_extra")}  # type: ignore[attr-defined,arg-type]

    assert roles == {"/work": Role.DECIDE, "/look": Role.OPEN}

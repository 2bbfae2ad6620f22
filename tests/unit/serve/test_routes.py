"""The gate: role before body, body before turn, turn before handler."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from churn_saver.serve.admission import Admission, Limits
from churn_saver.serve.keys import LOCAL, Access, Key, Role
from churn_saver.serve.routes import Gate, Lane, gated, needs, refusals, role_of
from churn_saver.serve.timekeeping import Timekeeper

LATE = "no answer in time"
UNTOLD = (lambda _: None, lambda *_: None)
CLOSED = Access(Role.OPEN, "nobody", (Key("crm", Role.DECIDE, bytes(32)),))


def app_of(access: Access, seconds: float = 60, **limits: Any) -> tuple[FastAPI, Admission]:
    """Build an app with one route that decides, one for tables and one that has turns of its own."""
    admission = Admission(Limits(**({"in_flight": 1, "waiting": 0, "wait_seconds": 0} | limits)),
                          *UNTOLD)  # fmt: skip
    app = FastAPI(openapi_url=None)
    large = Admission(Limits(1, 0, 0), *UNTOLD)
    lanes = {Lane.DECIDE: admission, Lane.TABLE: admission, Lane.LOOK: Admission(Limits(1, 0, 0), *UNTOLD)}
    keeper = Timekeeper(lambda _: None, grace_seconds=0)
    app.router.route_class = gated(Gate(access, lanes, large, keeper, seconds, table_seconds=3_600))

    @app.post("/work", **needs(Role.DECIDE, Lane.DECIDE))
    async def work(request: Request) -> str:
        """Say how much came, and who else is at work."""
        return f"{len(await request.body())} bytes, {admission.in_flight} in flight"

    @app.post("/decide/batch", **needs(Role.DECIDE, Lane.TABLE))
    async def table(request: Request) -> str:
        """Say how much came, and who else may send as much."""
        return f"{len(await request.body())} bytes, {large.in_flight} large"

    app.state.gate, app.state.begun = asyncio.Event(), []

    @app.get("/stare", **needs(Role.OPEN, Lane.LOOK))
    async def stare() -> str:
        """Look until the gate is opened, and close it again."""
        app.state.begun.append(1)
        await app.state.gate.wait()
        app.state.gate.clear()
        return "done"

    @app.get("/look", **needs(Role.OPEN, Lane.LOOK))
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


def test_each_lane_has_turns_of_its_own() -> None:
    """Who looks keeps nobody waiting who decides, and is turned away where too many look."""
    app, _ = app_of(LOCAL)

    async def story() -> list[httpx.Response]:
        """Look, and while that hangs look again and decide."""
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            first = asyncio.create_task(client.get("/stare"))
            while not app.state.begun:
                await asyncio.sleep(0)
            found = [await client.get("/look"), await client.post("/work")]
            app.state.gate.set()
            return [await first, *found]

    found = asyncio.run(story())

    assert [one.status_code for one in found] == [200, 503, 200]


def test_what_hangs_is_answered_and_keeps_its_turn() -> None:
    """503 in time; there are never more that hang than turns, and the turn is free when it comes back."""
    app, _ = app_of(LOCAL, seconds=0)

    async def story() -> list[httpx.Response]:
        """Look at what hangs, look again, and once more when it is over."""
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            found = [await client.get("/stare"), await client.get("/look")]
            app.state.gate.set()
            while app.state.gate.is_set():
                await asyncio.sleep(0)
            return [*found, await client.get("/stare")]

    found = asyncio.run(story())

    assert [one.status_code for one in found] == [503, 503, 503]
    assert [one.json()["detail"].split(";")[0] for one in found] == [
        "no answer in time",
        "busy",
        "no answer in time",
    ]


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


async def pieces(count: int) -> AsyncIterator[bytes]:
    """Give so many KiB that announce no length."""
    for _ in range(count):
        yield bytes(1024)


@pytest.mark.parametrize("large", [bytes(65_537), pieces(65), pieces(1)])
def test_a_large_body_waits_for_a_turn_of_its_own(large: bytes | AsyncIterator[bytes]) -> None:
    """It holds one before its first byte is read, as does what names no length; a small one does not."""
    app, _ = app_of(LOCAL)

    assert call(app, "POST", "/decide/batch", b"abc").json() == "3 bytes, 0 large"
    assert call(app, "POST", "/decide/batch", large).json().endswith(" bytes, 1 large")


def test_of_large_bodies_only_so_many_are_read() -> None:
    """Of three that come together one is read and two are turned away unread; a small one is let in."""
    app, _ = app_of(LOCAL)
    read: list[int] = []

    async def body(number: int, gate: asyncio.Event) -> AsyncIterator[bytes]:
        """Note that it is asked for, then send on the sign."""
        read.append(number)
        await gate.wait()
        yield bytes(65_537)

    async def story() -> list[httpx.Response]:
        """Send three, and a small one while the first is under way."""
        gate, transport = asyncio.Event(), httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            first = asyncio.create_task(client.post("/decide/batch", content=body(1, gate)))
            while not read:
                await asyncio.sleep(0)
            others = [await client.post("/decide/batch", content=body(number, gate)) for number in (2, 3)]
            small = await client.post("/decide/batch", content=b"abc")
            gate.set()
            return [await first, *others, small]

    found = asyncio.run(story())

    assert [one.status_code for one in found] == [200, 503, 503, 200]
    assert read == [1]


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
    ("role", "statuses"),
    [(Role.OPEN, {403, 408, 413, 421}), (Role.OPERATE, {401, 403, 408, 413, 421, 503})],
)
def test_the_refusals_of_a_route_are_documented(role: Role, statuses: set[int]) -> None:
    """Those that its role, its turns and its deadline can lead to."""
    assert set(refusals(role)) == statuses


def test_a_route_tells_its_role() -> None:
    """As it was made."""
    app, _ = app_of(LOCAL)
    roles = {route.path: role_of(route) for route in app.routes if hasattr(route, "openapi_extra")}  # type: ignore[attr-defined,arg-type]

    assert roles == {
        "/work": Role.DECIDE, "/decide/batch": Role.DECIDE, "/look": Role.OPEN, "/stare": Role.OPEN,
    }  # fmt: skip

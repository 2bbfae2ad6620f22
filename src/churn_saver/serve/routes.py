"""How every route is entered: the caller's role, then the whole body, then a turn, then the handler, in time.

A route says which role it needs, or it cannot be made. Who has no role hears so before a byte of the
body is read, and a slow sender holds no turn. A body of megabytes waits for a turn of its own before it
is read, so that as many are in memory as there are such turns, however many connections there are. Lanes
have turns of their own: who waits in one keeps nobody waiting in another, and all turns together are as many
as there are threads. A deadline begins when the body is there.
"""

from collections.abc import Callable, Coroutine, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fastapi import Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from churn_saver.serve.admission import Admission
from churn_saver.serve.guard import may_be_large
from churn_saver.serve.keys import HEADER, Access, Role
from churn_saver.serve.refusals import Failed, strict_json
from churn_saver.serve.telemetry import trace_of
from churn_saver.serve.timekeeping import Timekeeper

_ROLE, _LANE = "x-role", "x-lane"
BUSY = "Too many requests wait, or no turn or no answer came in time; come back after Retry-After."
_SHOWN = APIKeyHeader(
    name=HEADER, auto_error=False, description="A key of `churn-saver keys new`; not asked for in mode local."
)
"""Documents the header; `Access` is what checks it."""


class Lane(StrEnum):
    """Who waits for the same turns."""

    DECIDE = "decide"
    TABLE = "table"
    """Has the turns of `DECIDE`, and more time."""
    MARK = "mark"
    """Who must not be contacted, and who is forgotten: must get through when many decide."""
    CONTROL = "control"
    """The switches: must get through whatever else is asked."""
    PROBE = "probe"
    """Whoever watches the service must be answered."""
    LOOK = "look"
    """Reads the ledger for operators."""
    NONE = "none"
    """Needs no thread."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What a request passes on its way to a handler."""

    access: Access
    lanes: Mapping[Lane, Admission]
    """Of each but `NONE`."""
    large: Admission
    """Turns of those whose body may be large; each of them needs one of the others as well."""
    timekeeper: Timekeeper
    seconds: float
    """The deadline of a request."""
    table_seconds: float
    """That of a table."""


def needs(role: Role, lane: Lane) -> dict[str, Any]:
    """Say what a route needs, as arguments of its decorator.

    Args:
        role: The least role of a caller.
        lane: Whose turns it takes.
    """
    said: dict[str, Any] = {"openapi_extra": {_ROLE: role.word, _LANE: lane.value}}
    return said if role is Role.OPEN else said | {"dependencies": [Security(_SHOWN)]}


def refusals(role: Role) -> dict[int | str, dict[str, Any]]:
    """Give the answers that `needs` may lead to, for the document."""
    found: dict[int | str, dict[str, Any]] = {
        408: {"model": Failed, "description": "The request did not come in whole in time."},
        413: {"model": Failed, "description": "The body is larger than the route takes."},
        421: {"model": Failed, "description": "The Host header names another host."},
    }
    page = "a browser sent it for the page of another site."
    if role is Role.OPEN:
        found[403] = {"model": Failed, "description": page.capitalize()}
    else:
        found[401] = {"model": Failed, "description": f"No key that is known was shown in {HEADER}."}
        found[403] = {
            "model": Failed,
            "description": f"The key has a lesser role than {role.word}, or {page}",
        }
        found[503] = {"model": Failed, "description": BUSY}
    return found


def role_of(route: APIRoute) -> Role:
    """Give the role that a route needs.

    Raises:
        TypeError: it names none.
    """
    word = (route.openapi_extra or {}).get(_ROLE)
    if word is None:
        raise TypeError(f"route {route.path} names no role, wanted one: **needs(Role.DECIDE)")
    return Role[word.upper()]


def gated(gate: Gate) -> type[APIRoute]:
    """Make the class of all routes of an app."""

    class _Gated(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()
            role, lane = role_of(self), Lane((self.openapi_extra or {})[_LANE])
            seconds = gate.table_seconds if lane is Lane.TABLE else gate.seconds

            async def enter(request: Request) -> Response:
                trace_of(request.scope).caller = gate.access.admit(request.headers, role)
                strict = _StrictRequest(request.scope, request.receive)

                async def work() -> Response:
                    async with nullcontext() if lane is Lane.NONE else gate.lanes[lane].turn():
                        return await handle(strict)

                async with gate.large.turn() if may_be_large(request.scope) else nullcontext():
                    await _whole(strict)
                    return await gate.timekeeper.answered(work, seconds)

            return enter

    return _Gated


async def _whole(request: Request) -> None:
    try:
        await request.body()
    except ClientDisconnect:
        # Nobody is there to read it; the log tells it from an answer.
        raise HTTPException(499, "the request broke off") from None


class _StrictRequest(Request):
    """Reads bodies with `strict_json`."""

    async def json(self) -> object:
        return strict_json(await self.body())

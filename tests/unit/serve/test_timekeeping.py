"""Timekeeping: an answer in time or 503, and what hangs is counted until it comes back."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from fastapi import Response
from starlette.exceptions import HTTPException

from churn_saver.serve.timekeeping import Timekeeper
from churn_saver.store.deadlines import rest

LONG = 3_600.0


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Tell a story in an event loop of its own."""
    asyncio.run(story())


def keeper(told: list[str] | None = None) -> Timekeeper:
    """Give one that knows no grace."""
    refusals: list[str] = [] if told is None else told
    return Timekeeper(refusals.append, grace_seconds=0)


async def answer() -> Response:
    """Answer, and say how much time there was."""
    return Response(str(rest()))


def test_work_is_told_its_deadline() -> None:
    """And whoever waits for it has none of it afterwards."""
    found: list[object] = []

    async def story() -> None:
        """Ask once."""
        found.append(float(bytes((await keeper().answered(answer, LONG)).body)))
        found.append(rest())

    run(story)

    assert found[0] == pytest.approx(LONG, abs=600)
    assert found[1] is None


def test_what_does_not_come_back_is_503() -> None:
    """It is counted while it hangs, and forgotten when it is over, whatever it ends with."""
    refusals: list[str] = []
    own, counts = keeper(refusals), list[int]()

    async def story() -> None:
        """Two that hang, of which one then fails."""
        gate = asyncio.Event()

        async def hang() -> Response:
            """Hang."""
            await gate.wait()
            return Response()

        async def fail() -> Response:
            """Hang, then fail."""
            await gate.wait()
            raise ValueError("too late")

        for work in (hang, fail):
            with pytest.raises(HTTPException, match=r"503: no answer in time; .*under the same key") as found:
                await own.answered(work, 0)
            assert found.value.headers == {"Retry-After": "2"}
        counts.append(own.left)
        gate.set()
        for _ in range(5):
            await asyncio.sleep(0)
        counts.append(own.left)

    run(story)

    assert counts == [2, 0]
    assert refusals == ["hung", "hung"]


def test_an_error_is_the_callers() -> None:
    """As it was raised, and nobody is refused."""
    refusals: list[str] = []

    async def fail() -> Response:
        """Fail at once."""
        raise HTTPException(409, "told so")

    async def story() -> None:
        """Ask."""
        with pytest.raises(HTTPException, match="409: told so"):
            await keeper(refusals).answered(fail, LONG)

    run(story)

    assert refusals == []


def test_whoever_stops_waiting_stops_the_work() -> None:
    """A server that ends cancels the request, and with it what works for it."""
    own, ended = keeper(), list[str]()

    async def story() -> None:
        """Cancel one."""
        begun = asyncio.Event()

        async def hang() -> Response:
            """Hang, and say how it ended."""
            begun.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise
            return Response()

        request = asyncio.create_task(own.answered(hang, LONG))
        await begun.wait()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        for _ in range(5):
            await asyncio.sleep(0)

    run(story)

    assert ended == ["cancelled"]
    assert own.left == 0

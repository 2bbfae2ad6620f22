"""The interpreter is settled when everything is open, once, and requests pass through."""

import asyncio
import gc
import sys
from collections.abc import Iterator

import pytest
from starlette.types import Message, Receive, Scope, Send

from churn_saver.serve.interpreter import SWITCH_SECONDS, Settled


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Leave the interpreter of the tests as it was."""
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)
    gc.unfreeze()


def state() -> tuple[bool, bool]:
    """Say whether anything is frozen, and whether turns are short."""
    return gc.get_freeze_count() > 0, sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS, rel=0.01)


def run(kind: str, messages: list[Message]) -> list[tuple[str, tuple[bool, bool]]]:
    """Have an app send messages; gives what arrived, and the interpreter's state by then."""
    arrived = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        """Send them."""
        for message in messages:
            await send(message)

    async def send(message: Message) -> None:
        """Note what arrives."""
        arrived.append((message["type"], state()))

    async def receive() -> Message:
        """Have nothing to give."""
        raise AssertionError("nothing was to be received")

    asyncio.run(Settled(app)({"type": kind}, receive, send))
    return arrived


def test_it_is_settled_when_the_start_is_over() -> None:
    """Before the server hears of it, so before the first request."""
    before = state()

    arrived = run("lifespan", [{"type": "lifespan.startup.complete"}])

    assert before == (False, False)
    assert arrived == [("lifespan.startup.complete", (True, True))]


@pytest.mark.parametrize(
    ("kind", "message"), [("lifespan", "lifespan.startup.failed"), ("http", "http.response.start")]
)
def test_nothing_else_settles_it(kind: str, message: str) -> None:
    """A start that failed ends the process; a request is not looked at."""
    assert run(kind, [{"type": message}]) == [(message, (False, False))]

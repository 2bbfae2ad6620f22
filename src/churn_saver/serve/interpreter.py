"""The interpreter as a service wants it: threads take turns quickly, what stays is no garbage.

A request waits for the disk or a server some twenty times, and each time for the interpreter afterwards: at
Python's own 5 ms for a turn, whoever holds the books waits for whoever reads JSON. What was opened at the
start (models, settings, code) lives as long as the process; a search of it takes as long as twenty decisions.

Sources: https://docs.python.org/3/library/sys.html#sys.setswitchinterval and
https://docs.python.org/3/library/gc.html#gc.freeze
"""

import gc
import sys
from functools import partial

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SWITCH_SECONDS = 0.0005
"""Longest turn of a thread while another one wants the interpreter."""


class Settled:
    """ASGI middleware; settles the interpreter once the app has opened all that it serves with."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; look for the end of the start."""
        told = partial(_told, send) if scope["type"] == "lifespan" else send
        await self._app(scope, receive, told)


async def _told(send: Send, message: Message) -> None:
    if message["type"] == "lifespan.startup.complete":
        settle()
    await send(message)


def settle() -> None:
    """Shorten the turns of threads, and take what is there now out of the garbage collector's sight."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()

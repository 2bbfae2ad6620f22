"""The web server as this service wants it: its socket, its limits, how it stops.

SIGTERM: no new connections, what is being answered is finished, and the exit code is 0, within
`STOP_SECONDS`. Several workers share one socket; one that dies is replaced. Knows no app.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from churn_saver.errors import ConfigError
from churn_saver.serve.connections import PatientUpToALimit

STOP_SECONDS = 8
"""Cloud Run kills after ten."""
HANGS_SECONDS = 30
"""A worker that does not answer its parent for so long is replaced."""

_log = logging.getLogger("churn_saver.serve")


def listening(host: str, port: int) -> socket.socket:
    """Take the port.

    Raises:
        ConfigError: it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family)
        # asyncio sets this only on sockets made with a protocol number. Without it the body of an
        # answer waits some 40 ms for the acknowledgement of its headers. Accepted sockets inherit it.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return bound
    except OSError as error:
        raise ConfigError(
            f"HOST {host!r} with PORT {port} cannot be bound: {error.strerror}. "
            "Stop what uses the port, or set PORT to another (0: any free one)."
        ) from error


def serve(app: ASGIApp, bound: socket.socket, stop_seconds: int = STOP_SECONDS) -> None:
    """Serve in this process until SIGTERM or SIGINT.

    Args:
        app: The service.
        bound: Where it listens; closed at the end.
        stop_seconds: Longest wait for what is being decided.
    """
    server = uvicorn.Server(_settings(CutOff(app), stop_seconds=stop_seconds))
    with _ended_by_sigterm(server):
        server.run(sockets=[bound])


def keep_serving(app: str, workers: int, bound: socket.socket) -> None:
    """Keep several processes serving until SIGTERM or SIGINT.

    Args:
        app: 'module:function' that builds the service in each of them.
        workers: How many.
        bound: Where all of them listen.

    Raises:
        ConfigError: no worker could start.
    """
    parent = Multiprocess(_settings(app, workers), [bound])
    parent.run()
    if any(one.exitcode == STARTUP_FAILURE for one in parent.processes):
        raise ConfigError("a worker could not start. The log says why, in the line before this one.")


class CutOff:
    """ASGI middleware; ends the process with 1 when requests had to be cut off at the end of its time.

    A thread cannot be stopped, and the interpreter would wait for the handler in it. What that was about
    to record is recorded whole or not at all, and its caller was answered nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Take the app."""
        self._app, self._cut = app, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; count the requests that the server cancels, which it does at no other time."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, partial(self._told, send))
            return
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            self._cut += 1
            raise

    async def _told(self, send: Send, message: Message) -> None:
        await send(message)
        failed = message["type"] == "lifespan.shutdown.failed"
        if failed or (message["type"] == "lifespan.shutdown.complete" and self._cut):
            _log.error("stopped with requests unanswered: %s", self._cut or "what works for them hangs")
            os._exit(1)


def _settings(app: ASGIApp | str, workers: int = 1, stop_seconds: int = STOP_SECONDS) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        http=PatientUpToALimit,
        ws="none",
        loop="asyncio",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=stop_seconds,
        timeout_worker_healthcheck=HANGS_SECONDS,
    )


@contextmanager
def _ended_by_sigterm(server: uvicorn.Server) -> Iterator[None]:
    """Let SIGTERM end the process with 0.

    Once it has stopped, the server sends itself the signal again, so as to end as signals end processes:
    then nothing is left to do. Elsewhere than in the main thread there are no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        if not server.should_exit:
            sys.exit(0)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

"""The HTTP service: `create_app` builds it, `run` binds it to this machine and serves.

An answer is always valid and says what it had to do without: no predictors → the propensity rule,
no policy → the knapsack, no live text → the bank, no bank → plain sentences, no ledger → no contact.
Knows nothing of how decisions are made.
"""

import ipaddress
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from churn_saver import __version__
from churn_saver.config import Environment
from churn_saver.errors import ConfigError
from churn_saver.journey import Rules
from churn_saver.message.bank import Bank
from churn_saver.opening import (
    Degradation,
    begin_default,
    open_bank,
    open_books,
    open_live,
    open_policy,
    open_predictors,
    read_settings,
    require_installed,
)
from churn_saver.opening.toxicity import open_toxicity
from churn_saver.serve import documented
from churn_saver.serve.endpoints import Clock, add_decisions, add_probes
from churn_saver.serve.guard import Guard
from churn_saver.serve.refusals import refused, strict_json
from churn_saver.serve.runtime import Runtime, Sources
from churn_saver.store import Store


class _StrictRequest(Request):
    async def json(self) -> object:
        return strict_json(await self.body())


class _StrictRoute(APIRoute):
    """Read bodies with `strict_json`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return strictly


def create_app(sources: Sources, clock: Clock) -> FastAPI:
    """Build the service; everything is opened when it starts.

    Args:
        sources: How to open books, predictors, policy and messages.
        clock: Aware time.
    """
    runtime = Runtime(sources)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        """Open at the start, let go at the end."""
        runtime.open(clock())
        yield
        runtime.close()

    app = FastAPI(
        title="Churn-Saver",
        version=__version__,
        summary="Whom to contact, when, with which discount and which words.",
        description=documented.DESCRIPTION,
        lifespan=lifespan,
        # The interactive pages would load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.router.route_class = _StrictRoute
    app.add_middleware(Guard)
    app.exception_handler(RequestValidationError)(_refuse)
    app.exception_handler(HTTPException)(_fail)
    add_decisions(app.router, runtime, clock)
    add_probes(app.router, runtime, clock)
    return app


async def _refuse(_request: Request, error: RequestValidationError) -> Response:
    return JSONResponse(refused(error.errors()).model_dump(exclude_none=True), 422)


async def _fail(_request: Request, error: HTTPException) -> Response:
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)


def sources_of(environment: Environment) -> Sources:
    """Read the settings, and say how to open what they name.

    Raises:
        ConfigError: settings cannot be used, or name the exact policy where numba is not installed.
    """
    env, serve, _ = read_settings(environment)
    require_installed(environment, serve)

    def books(now: datetime) -> Store:
        store = open_books(environment)
        try:
            begin_default(store, env, serve, now)
        except BaseException:
            store.close()
            raise
        return store

    judge, no_judge = open_toxicity()

    def messages() -> tuple[Bank | None, tuple[Degradation, ...]]:
        bank, no_bank = open_bank(environment)
        return bank, (*no_bank, *no_judge)

    return Sources(
        Rules.of(env, serve, judge=judge),
        books,
        partial(open_predictors, environment),
        partial(open_policy, environment, env, serve),
        messages,
        partial(open_live, environment, serve),
    )


def run(environment: Environment) -> None:
    """Serve until stopped, for this machine only.

    Raises:
        ConfigError: settings cannot be used, HOST is not of this machine, or PORT is taken.
    """
    app = create_app(sources_of(environment), lambda: datetime.now(UTC))
    with listening(environment.HOST, environment.PORT) as bound:
        host, port = environment.HOST, bound.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        print(f"Churn-Saver serves on http://{shown}:{port}", flush=True)
        print("POST /retain, /predict; GET /readyz, /openapi.json; stop with Ctrl+C", flush=True)
        settings = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=10
        )
        uvicorn.Server(settings).run(sockets=[bound])


def listening(host: str, port: int) -> socket.socket:
    """Take the port.

    Raises:
        ConfigError: not a loopback address, or the port cannot be had.
    """
    if not _is_loopback(host):
        raise ConfigError(
            f"HOST is {host!r}, wanted 127.0.0.1, ::1 or localhost: the service asks for no key, so it "
            "answers this machine only. Leave HOST out, and put a proxy that authenticates in front of it."
        )
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


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

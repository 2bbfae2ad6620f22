"""The HTTP service: `create_app` builds it out of routes, gate and guard; `sources_of` reads the settings.

An answer is always valid and says what it had to do without, absent or failing: no predictors → the
propensity rule, no policy → the knapsack, no live text → the bank, no bank → plain sentences, no ledger →
no contact.
Knows nothing of how decisions are made, nor of sockets and processes.
"""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from churn_saver import __version__
from churn_saver.adapters.hands import Wait
from churn_saver.config import Environment, ServeSettings
from churn_saver.decide.beside import Beside
from churn_saver.decide.guarding import Guards
from churn_saver.journey import Rules
from churn_saver.message.bank import Bank
from churn_saver.opening import (
    Degradation,
    begin_default,
    ledger_url,
    open_bank,
    open_books,
    open_live,
    open_policy,
    open_predictors,
    read_settings,
    require_installed,
)
from churn_saver.opening.toxicity import open_toxicity
from churn_saver.opening.versions import open_version
from churn_saver.serve import documented
from churn_saver.serve.admission import Admission, Limits
from churn_saver.serve.batches import add_batches
from churn_saver.serve.control import add_control
from churn_saver.serve.deciding import add_decisions
from churn_saver.serve.endpoints import add_metrics, add_probes
from churn_saver.serve.guard import Guard
from churn_saver.serve.idempotency import Mismatched
from churn_saver.serve.keys import LOCAL, Access, Role
from churn_saver.serve.metrics import Metrics
from churn_saver.serve.operations import add_customers, add_outcomes, add_traces
from churn_saver.serve.refusals import refused
from churn_saver.serve.routes import Gate, Lane, gated, needs
from churn_saver.serve.runtime import Clock, Runtime, Sources
from churn_saver.serve.shadows import Shadows
from churn_saver.serve.telemetry import Telemetry
from churn_saver.serve.timekeeping import Timekeeper
from churn_saver.serve.watching import Watching, WatchingShadows
from churn_saver.store import Store

LOOPBACK_HOSTS = frozenset(("localhost", "127.0.0.1", "::1"))
QUIET = frozenset(("/healthz", "/health", "/readyz", "/ready", "/metrics"))
"""Asked every few seconds; a success is not worth a line in the log."""


BESIDE = Limits(in_flight=2, waiting=256, wait_seconds=2.0)
"""Turns of each lane that does not decide. With MAX_IN_FLIGHT, 32 at most, no more than the 40 threads that
Starlette has (https://www.starlette.io/threadpool/)."""
LARGE_IN_FLIGHT = 2
"""Bodies of up to 16 MiB that are read and decided at a time; in memory each is a few hundred MiB at most."""


@dataclass(frozen=True, slots=True)
class Doors:
    """Who may come in, and how many at a time."""

    access: Access
    limits: Limits
    hosts: frozenset[str] | None
    """Names under which the service may be called; None: any."""
    shared: Path | None = None
    """Folder in which several workers count; see `Metrics`."""

    @classmethod
    def of(cls, environment: Environment, access: Access = LOCAL, shared: Path | None = None) -> "Doors":
        """Take them from the environment."""
        limits = Limits(environment.MAX_IN_FLIGHT, environment.MAX_WAITING, environment.MAX_WAIT_MS / 1_000)
        hosts = LOOPBACK_HOSTS | {environment.HOST} if access.is_loopback_only else None
        return cls(access, limits, hosts, shared)


def create_app(
    sources: Sources,
    clock: Clock,
    doors: Doors | None = None,
    wait: Wait = threading.Event.wait,
    release: str | None = None,
) -> FastAPI:
    """Build the service; everything is opened when it starts.

    Args:
        sources: How to open books, predictors, policy and messages.
        clock: Aware time.
        doors: Who may come in; None: this machine, as with an empty environment.
        wait: How a request waits for the predictors and for a trained policy.
        release: Of models that it serves from, as /readyz tells; None: from none.
    """
    doors = doors or Doors.of(Environment())
    metrics = Metrics(doors.shared)
    guards = Guards.of(sources.rules.serve.guard, Watching(metrics), wait)
    beside = Beside(WatchingShadows(metrics), sources.rules.serve.guard.table_deadline_seconds)
    shadows = Shadows(sources.open_version, beside)
    runtime = Runtime(sources, guards, metrics.gathered, shadows)
    admission = Admission(doors.limits, metrics.refused, metrics.queue)
    gate = _gate(doors, admission, sources.rules.serve, metrics)

    app = FastAPI(
        title="Churn-Saver",
        version=__version__,
        summary="Whom to contact, when, with which discount and which words.",
        description=documented.DESCRIPTION,
        lifespan=_life(runtime, gate, clock),
        # Its own route would have no role; the interactive pages would load scripts from elsewhere.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.router.route_class = gated(gate)
    app.add_middleware(Guard, hosts=doors.hosts, refused=metrics.refused)
    app.add_middleware(Telemetry, answered=metrics.answered, quiet=QUIET)
    app.exception_handler(RequestValidationError)(_refuse)
    app.exception_handler(HTTPException)(_fail)
    app.exception_handler(Mismatched)(_mismatch)
    add_decisions(app.router, runtime, metrics, clock)
    add_batches(app.router, runtime, metrics, clock)
    add_outcomes(app.router, runtime, clock)
    add_customers(app.router, runtime, clock)
    add_traces(app.router, runtime, clock)
    add_control(app.router, runtime, clock, doors.access)
    add_probes(app.router, runtime, clock, doors.access, release)
    add_metrics(app.router, runtime, metrics, clock)
    _add_document(app)
    return app


def _life(
    runtime: Runtime, gate: Gate, clock: Clock
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        """Open at the start, let go at the end."""
        runtime.open(clock())
        # The registry's champion is loaded before the first request comes, not at it. Whatever fails of it
        # fails again there, where it is answered and told.
        with suppress(Exception):
            runtime.engine(clock())
        yield
        runtime.close()
        if gate.timekeeper.left:
            raise RuntimeError(f"{gate.timekeeper.left} requests did not come back")

    return lifespan


def _add_document(app: FastAPI) -> None:
    @cache
    def written() -> bytes:
        return bytes(JSONResponse(app.openapi()).body)

    async def openapi() -> Response:
        # Written once, in a thread; after that it costs a caller's turn at nothing.
        if not written.cache_info().currsize:
            await run_in_threadpool(written)
        return Response(written(), media_type="application/json")

    app.router.add_api_route("/openapi.json", openapi, include_in_schema=False, **needs(Role.OPEN, Lane.NONE))


def _gate(doors: Doors, admission: Admission, settings: ServeSettings, metrics: Metrics) -> Gate:
    lanes = {lane: Admission(BESIDE, metrics.refused, _unseen) for lane in Lane}
    return Gate(
        doors.access,
        lanes | {Lane.DECIDE: admission, Lane.TABLE: admission},
        Admission(replace(doors.limits, in_flight=LARGE_IN_FLIGHT), metrics.refused, _unseen),
        Timekeeper(metrics.refused),
        settings.deadline_ms / 1_000,
        # Predictors, policy and ledger may take so long each.
        3.0 * settings.guard.table_deadline_seconds,
    )


def _unseen(_in_flight: int, _waiting: int) -> None:
    """Let nobody know: the gauges are of turns to decide."""


async def _refuse(_request: Request, error: RequestValidationError) -> Response:
    return JSONResponse(refused(error.errors()).model_dump(exclude_none=True), 422)


async def _mismatch(_request: Request, error: Mismatched) -> Response:
    return JSONResponse(error.refused.model_dump(exclude_none=True), 422)


async def _fail(_request: Request, error: HTTPException) -> Response:
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)


def sources_of(environment: Environment) -> Sources:
    """Read the settings, and say how to open what they name.

    Raises:
        ConfigError: settings cannot be used, name the exact policy where numba is not installed, or would
            keep the ledger of a container in a file.
    """
    env, serve, _ = read_settings(environment)
    require_installed(environment, serve)
    ledger_url(environment)

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
        None if environment.FORCE_BASELINE else partial(open_version, env),
    )

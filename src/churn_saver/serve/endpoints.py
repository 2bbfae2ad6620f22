"""The routes that are asked how the service is: two probes, each under two names, and the page of metrics.

A handler that asks the ledger is a plain function, run in a thread, so that a waiting database stops no
other request; there are always threads for the probes (`routes.Lane`).
"""

import logging
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from churn_saver.errors import LedgerError
from churn_saver.serve.keys import Access, Role
from churn_saver.serve.metrics import CONTENT_TYPE, Metrics, Running
from churn_saver.serve.refusals import Failed
from churn_saver.serve.routes import Lane, needs, refusals
from churn_saver.serve.runtime import Clock, Runtime
from churn_saver.serve.sendings import Counting, Sendings

Responses = dict[int | str, dict[str, Any]]
_log = logging.getLogger("churn_saver.serve")


class Alive(BaseModel):
    """Answer of the liveness probe."""

    status: Literal["ok"] = Field(description="The process answers.")


class Ready(BaseModel):
    """Answer of the readiness probe once everything was there."""

    status: Literal["ready", "degraded"] = Field(
        description="degraded: it answers, with less than everything."
    )
    policy: str = Field(
        description="Who decides: a rung of the ladder, and @version where it was trained; in a campaign "
        "that it was not certified for, the knapsack."
    )
    models: str = Field(description="Version of the predictors, 'none' where none serves.")
    messages: str = Field(
        description="Version of the bank of messages, 'none' where plain sentences are sent."
    )
    release: str | None = Field(
        description="Release of the bucket of models that it serves from, name@version; null: from none."
    )
    campaign: str | None = Field(description="The running campaign; null: nobody is contacted.")
    degraded_reasons: list[str] = Field(
        description="force_baseline, predictors_unavailable, policy_unavailable, "
        "policy_of_other_assumptions, bank_unavailable, live_unavailable, toxicity_unavailable, "
        "version_unavailable or ledger_unavailable."
    )


class NotReady(BaseModel):
    """Answer of the readiness probe before that."""

    status: Literal["not ready"] = Field(description="Requests are answered all the same, degraded.")
    degraded_reasons: list[str] = Field(description="Codes of what is missing.")
    detail: list[str] = Field(
        description="What is missing, and the command or setting that mends it: for callers who may operate. "
        "The log says it too."
    )


def add_probes(
    router: APIRouter, runtime: Runtime, clock: Clock, access: Access, release: str | None = None
) -> None:
    """Add liveness and readiness; what is wrong is told in words to those alone who may operate."""
    logged: tuple[str, ...] = ()

    async def healthz() -> Alive:
        """Say that the process answers; nothing else is looked at."""
        # Not in a thread: all of them may be waiting for a database.
        return Alive(status="ok")

    def readyz(http: Request) -> Ready | Response:
        """Look whether everything configured is there.

        503 until it once was; a later fault answers 200 with status degraded, since the service
        then still gives valid answers.
        """
        nonlocal logged
        found = runtime.readiness(clock())
        if found.faults:
            if found.faults != logged:
                logged = found.faults
                _log.warning("not ready: %s", "; ".join(logged))
            told = found.faults if access.may(http.headers, Role.OPERATE) else ()
            unready = NotReady(status="not ready", degraded_reasons=list(found.degraded), detail=list(told))
            return JSONResponse(unready.model_dump(), 503)
        return Ready(
            status=found.status,
            policy=found.policy,
            models=found.models,
            messages=found.messages,
            release=release,
            campaign=found.campaign,
            degraded_reasons=list(found.degraded),
        )

    errors: Responses = {
        503: {
            "model": NotReady | Failed,
            "description": "Something configured was never there yet, or there was no telling in time.",
        }
    }
    # Google's front end answers /healthz itself, so both stand under a second name.
    for path in ("/healthz", "/health"):
        router.add_api_route(
            path, healthz, response_model=Alive, responses=refusals(Role.OPEN), name=path, summary="Alive?",
            **needs(Role.OPEN, Lane.NONE),
        )  # fmt: skip
    for path in ("/readyz", "/ready"):
        router.add_api_route(
            path, readyz, response_model=Ready, responses=errors | refusals(Role.OPEN), name=path,
            summary="Ready?", **needs(Role.OPEN, Lane.PROBE),
        )  # fmt: skip


def add_metrics(router: APIRouter, runtime: Runtime, metrics: Metrics, clock: Clock) -> None:
    """Add the page that Prometheus reads."""
    counting = Counting()
    page: Responses = {200: {"content": {"text/plain": {}}, "description": "See docs/metrics.md."}}

    @router.get(
        "/metrics",
        summary="Numbers for Prometheus",
        response_class=Response,
        responses=page | refusals(Role.OPERATE),
        **needs(Role.OPERATE, Lane.LOOK),
    )
    def read_metrics() -> Response:
        return Response(metrics.page(*_read(runtime, clock(), counting)), media_type=CONTENT_TYPE)


def _read(
    runtime: Runtime, now: datetime, counting: Counting
) -> tuple[Running, Sendings] | tuple[None, None]:
    """Give the running campaigns with their money, and what became of messages; None: no ledger answers."""
    store = runtime.store(now)
    if store is None:
        return None, None
    try:
        own = store.campaigns
        running = [(one, own.totals(one.campaign_id, now)) for one in own.list() if one.is_open(now)]
        return running, counting.read(store, now)
    except LedgerError:
        return None, None

"""The routes: two documented requests and two probes, each probe under two names.

A handler is a plain function, run in a thread, so that a waiting database stops no other request.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from churn_saver.decide import Outcome, decide_now
from churn_saver.decide.unrecorded import decide_unrecorded
from churn_saver.domain.customer import Customers
from churn_saver.errors import LedgerError, LedgerUnavailable
from churn_saver.serve import documented
from churn_saver.serve.answers import to_predict, to_retain
from churn_saver.serve.refusals import Failed, Refused
from churn_saver.serve.responses import PredictResponse, RetainResponse
from churn_saver.serve.runtime import LEDGER_UNAVAILABLE, Runtime
from churn_saver.serve.wire import CustomerRequest, PredictRequest, RetainRequest, to_customers

Clock = Callable[[], datetime]
"""Gives the aware time, UTC."""

OVERTAKEN = "overtaken"
"""Other calls for the same customer kept coming in between."""

Responses = dict[int | str, dict[str, Any]]


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
    campaign: str | None = Field(description="The running campaign; null: nobody is contacted.")
    degraded_reasons: list[str] = Field(
        description="force_baseline, predictors_unavailable, policy_unavailable, "
        "policy_of_other_assumptions, bank_unavailable, live_unavailable, toxicity_unavailable or "
        "ledger_unavailable."
    )


class NotReady(BaseModel):
    """Answer of the readiness probe before that."""

    status: Literal["not ready"] = Field(description="Requests are answered all the same, degraded.")
    detail: list[str] = Field(description="What is missing, and the command or setting that mends it.")


def add_decisions(router: APIRouter, runtime: Runtime, clock: Clock) -> None:
    """Add the two documented requests."""

    @router.post("/retain", summary="Decide on an event of a customer", responses=_answers("retain"))
    def retain(
        request: Annotated[RetainRequest, Body(openapi_examples=documented.RETAIN_REQUESTS)],
    ) -> RetainResponse:
        return to_retain(*_decided(request, runtime, clock()))

    @router.post("/predict", summary="Decide on a customer's columns", responses=_answers("predict"))
    def predict(
        request: Annotated[PredictRequest, Body(openapi_examples=documented.PREDICT_REQUESTS)],
    ) -> PredictResponse:
        return to_predict(*_decided(request, runtime, clock()))


def _answers(path: str) -> Responses:
    return {
        **documented.answer(path),
        413: {"model": Failed, "description": "The body has more than 64 KiB."},
        422: {"model": Refused, "description": "The request cannot be used; nothing was recorded."},
        500: {"model": Failed, "description": "An error of the service, by trace id in its log."},
    }


def add_probes(router: APIRouter, runtime: Runtime, clock: Clock) -> None:
    """Add liveness and readiness."""

    def healthz() -> Alive:
        """Say that the process answers; nothing else is looked at."""
        return Alive(status="ok")

    def readyz() -> Ready | Response:
        """Look whether everything configured is there.

        503 until it once was; a later fault answers 200 with status degraded, since the service
        then still gives valid answers.
        """
        found = runtime.readiness(clock())
        if found.faults:
            unready = NotReady(status="not ready", detail=list(found.faults))
            return JSONResponse(unready.model_dump(), 503)
        return Ready(
            status="degraded" if found.degraded else "ready",
            policy=found.policy,
            models=found.models,
            messages=found.messages,
            campaign=found.campaign,
            degraded_reasons=list(found.degraded),
        )

    errors: Responses = {503: {"model": NotReady, "description": "Something configured was never there yet."}}
    # Google's front end answers /healthz itself, so both stand under a second name.
    for path in ("/healthz", "/health"):
        router.add_api_route(path, healthz, response_model=Alive, name=path, summary="Alive?")
    for path in ("/readyz", "/ready"):
        router.add_api_route(
            path, readyz, response_model=Ready, responses=errors, name=path, summary="Ready?"
        )


def _decided(
    request: CustomerRequest, runtime: Runtime, now: datetime
) -> tuple[Outcome, tuple[str, ...], tuple[str, ...]]:
    """Give the outcome, what it had to do without, and the inputs that were not sent."""
    customers = to_customers(request)
    outcome, books = _settled(customers, runtime, now)
    return outcome, (*runtime.degraded, *outcome.degraded, *books), runtime.missing(customers)


def _settled(customers: Customers, runtime: Runtime, now: datetime) -> tuple[Outcome, tuple[str, ...]]:
    engine, fault = runtime.engine(now), LEDGER_UNAVAILABLE
    if engine is not None:
        try:
            with runtime.turn(customers.ids[0]):
                return decide_now(customers, engine, now), ()
        except LedgerUnavailable:
            fault = LEDGER_UNAVAILABLE
        except LedgerError:
            fault = OVERTAKEN
    return decide_unrecorded(customers, runtime.predictors, runtime.rules, now), (fault,)

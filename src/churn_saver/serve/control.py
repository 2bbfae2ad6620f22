"""The routes of the switches: read them, throw them; every process obeys within two seconds."""

from typing import Annotated

from fastapi import APIRouter, Body, Request

from churn_saver.serve import documented
from churn_saver.serve.asking import books, documented_refusals
from churn_saver.serve.keys import Role
from churn_saver.serve.reports import ControlAnswer, ControlRequest
from churn_saver.serve.routes import needs
from churn_saver.serve.runtime import Clock, Runtime
from churn_saver.serve.telemetry import trace_of
from churn_saver.store import Control

NAMELESS = "unknown"


def add_control(router: APIRouter, runtime: Runtime, clock: Clock) -> None:
    """Add the switches."""

    @router.get(
        "/control",
        summary="Read the switches",
        responses=documented.example("control") | documented_refusals(Role.OPERATE),
        **needs(Role.OPERATE),
    )
    def read() -> ControlAnswer:
        """Give the switches as they stand in the ledger."""
        with books(runtime, clock) as store:
            return _answer(store.control())

    @router.put(
        "/control",
        summary="Throw the switches",
        responses=documented.example("control") | documented_refusals(Role.OPERATE, 409),
        **needs(Role.OPERATE),
    )
    def throw(
        request: Annotated[ControlRequest, Body(openapi_examples=documented.CONTROL_REQUESTS)], http: Request
    ) -> ControlAnswer:
        """Set both switches; this process obeys at once, all others within two seconds."""
        by = trace_of(http.scope).caller or NAMELESS
        with books(runtime, clock) as store:
            store.set_control(request.baseline, request.stopped, by, clock())
            runtime.heed()
            return _answer(store.control())


def _answer(found: Control) -> ControlAnswer:
    return ControlAnswer(
        baseline=found.baseline,
        stopped=found.stopped,
        changed_at=found.changed_at,
        changed_by=found.changed_by or None,
    )

"""The two documented requests: decided once, answered with bytes that a key brings back.

A handler is a plain function, run in a thread, so that a waiting database stops no other request.
A second request under a key waits for the first one: both are about the same customer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response

from churn_saver.decide import Asked, Engine, Outcome, decide_now, decide_once
from churn_saver.decide.unrecorded import decide_unrecorded
from churn_saver.domain.customer import Customers
from churn_saver.errors import AnswerMismatch, LedgerError, LedgerUnavailable
from churn_saver.serve import documented
from churn_saver.serve.answers import to_predict, to_retain
from churn_saver.serve.idempotency import IdempotencyKey, Keyed, Mismatched, keyed
from churn_saver.serve.keys import Role
from churn_saver.serve.metrics import Metrics
from churn_saver.serve.refusals import Failed, Refused
from churn_saver.serve.responses import PredictResponse, RetainResponse
from churn_saver.serve.routes import needs, refusals
from churn_saver.serve.runtime import LEDGER_UNAVAILABLE, Clock, Runtime
from churn_saver.serve.telemetry import Trace, trace_of
from churn_saver.serve.wire import CustomerRequest, PredictRequest, RetainRequest, to_customers
from churn_saver.store import Answer

OVERTAKEN = "overtaken"
"""Other calls for the same customer kept coming in between."""

Responses = dict[int | str, dict[str, Any]]
Shape = Callable[[Outcome, tuple[str, ...], tuple[str, ...]], RetainResponse | PredictResponse]
"""Writes an outcome, what it had to do without, and the inputs that were not sent."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where requests for one customer are answered."""

    runtime: Runtime
    metrics: Metrics
    clock: Clock

    def answer(self, request: CustomerRequest, shape: Shape, key: Keyed | None, trace: Trace) -> Response:
        """Decide, or give what was answered under the key before.

        Raises:
            Mismatched: the key belongs to another request.
        """
        now, customers = self.clock(), to_customers(request)
        missing = self.runtime.missing(customers)
        engine = self.runtime.engine(now)
        lacks = self.runtime.degraded

        def write(outcome: Outcome) -> bytes:
            codes = tuple(dict.fromkeys((*lacks, *outcome.degraded)))
            return shape(outcome, codes, missing).model_dump_json().encode()

        found = self._decided(customers, engine, now, key, write)
        if isinstance(found, Answer):
            return _json(found.body)
        trace.decision_id = found.decision_id or None
        codes = dict.fromkeys((*lacks, *found.degraded))
        self.metrics.decided(found.proposals, bool(found.decision_id), codes)
        return _json(write(found))

    def _decided(
        self,
        customers: Customers,
        engine: Engine | None,
        now: datetime,
        key: Keyed | None,
        write: Callable[[Outcome], bytes],
    ) -> Outcome | Answer:
        fault = LEDGER_UNAVAILABLE
        if engine is not None:
            try:
                with self.runtime.turn(customers.ids[0]):
                    if key is None:
                        return decide_now(customers, engine, now)
                    return decide_once(customers, engine, now, Asked(key.key, key.digest, write))
            except AnswerMismatch as error:
                assert key is not None
                raise Mismatched(key, error) from None
            except LedgerUnavailable:
                fault = LEDGER_UNAVAILABLE
            except LedgerError:
                fault = OVERTAKEN
        made = decide_unrecorded(customers, self.runtime.means if engine is None else engine.means, now)
        switched = () if engine is None else engine.degraded
        return replace(made, degraded=(*switched, *made.degraded, fault))


def add_decisions(router: APIRouter, runtime: Runtime, metrics: Metrics, clock: Clock) -> None:
    """Add the two documented requests."""
    desk, needed = Desk(runtime, metrics, clock), needs(Role.DECIDE, queued=True)

    def answered(
        path: str, request: CustomerRequest, shape: Shape, header: str | None, http: Request
    ) -> Response:
        trace = trace_of(http.scope)
        return desk.answer(request, shape, keyed(header, request, path, trace.caller), trace)

    @router.post(
        "/retain",
        summary="Decide on an event of a customer",
        response_model=RetainResponse,
        responses=_answers("retain"),
        **needed,
    )
    def retain(
        request: Annotated[RetainRequest, Body(openapi_examples=documented.RETAIN_REQUESTS)],
        http: Request,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        return answered("/retain", request, to_retain, idempotency_key, http)

    @router.post(
        "/predict",
        summary="Decide on a customer's columns",
        response_model=PredictResponse,
        responses=_answers("predict"),
        **needed,
    )
    def predict(
        request: Annotated[PredictRequest, Body(openapi_examples=documented.PREDICT_REQUESTS)],
        http: Request,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        return answered("/predict", request, to_predict, idempotency_key, http)


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def _answers(path: str) -> Responses:
    return {
        **documented.answer(path),
        **refusals(Role.DECIDE, queued=True),
        422: {
            "model": Refused,
            "description": "It cannot be used, or its key was used for another; nothing was recorded.",
        },
        500: {"model": Failed, "description": "An error of the service, by trace id in its log."},
    }

"""The two documented requests: decided once, answered with bytes that a key brings back.

A handler is a plain function, run in a thread, so that a waiting database stops no other request.
A second request under a key waits for the first one: both are about the same customer. Before anything that
is not recorded is said under a key, the ledger is asked once more what was said before.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response

from churn_saver.decide import Asked, Engine, Outcome, decide_now, decide_once
from churn_saver.decide.unrecorded import decide_unrecorded
from churn_saver.domain.action import NO_CONTACT
from churn_saver.domain.customer import Customers
from churn_saver.errors import AnswerMismatch, LedgerError, LedgerUnavailable
from churn_saver.serve import documented
from churn_saver.serve.answers import to_predict, to_retain
from churn_saver.serve.coming_back import SOON_SECONDS, come_back
from churn_saver.serve.idempotency import IdempotencyKey, Keyed, Mismatched, keyed
from churn_saver.serve.keys import Role
from churn_saver.serve.metrics import Metrics
from churn_saver.serve.refusals import Failed, Refused
from churn_saver.serve.responses import PredictResponse, RetainResponse
from churn_saver.serve.routes import Lane, needs, refusals
from churn_saver.serve.runtime import LEDGER_UNAVAILABLE, Clock, Runtime
from churn_saver.serve.telemetry import Trace, trace_of
from churn_saver.serve.wire import CustomerRequest, PredictRequest, RetainRequest, to_customers
from churn_saver.store import Answer, acquired, rest, within

OVERTAKEN = "overtaken"
"""Other calls for the same customer kept coming in between, or one of them did not come back."""
IN_FLIGHT = "another request for this customer is being decided; send this one again, under the same key"
DECIDING_SHARE = 0.8
"""Of the time that is left, where there is a key: with the rest it can be looked up once more."""
LOOK_SECONDS = 2.0
"""Most of that: who looks up a key does so beside a ledger that did not answer before."""

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
            HTTPException: 503 with Retry-After; a request with a key was overtaken until its deadline, so
                what it will be answered is still being decided.
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
        if found.decision_id:
            trace.contacts = int(found.proposals.choice[0] != NO_CONTACT)
        trace.degraded = tuple(dict.fromkeys((*lacks, *found.degraded)))
        self.metrics.decided(found.proposals, bool(found.decision_id), trace.degraded)
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
        if engine is not None and LEDGER_UNAVAILABLE not in engine.degraded:
            try:
                with _part_of_the_time(key), _held(self.runtime.turn(customers.ids[0])):
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
        if engine is not None and key is not None:
            if (told := _told_before(engine, key, now)) is not None:
                return told
            if fault == OVERTAKEN:
                self.metrics.refused(OVERTAKEN)
                raise come_back(IN_FLIGHT, SOON_SECONDS)
        made = decide_unrecorded(customers, self.runtime.means if engine is None else engine.means, now)
        switched = () if engine is None else engine.degraded
        return replace(made, degraded=(*switched, *made.degraded, fault))


def _told_before(engine: Engine, key: Keyed, now: datetime) -> Answer | None:
    """Give what was answered under the key; None: nothing yet, or the ledger cannot say."""
    try:
        with within(LOOK_SECONDS):
            return engine.store.answer(key.key, key.digest, now)
    except AnswerMismatch as error:
        raise Mismatched(key, error) from None
    except LedgerError:
        return None


def _part_of_the_time(key: Keyed | None) -> AbstractContextManager[None]:
    left = rest()
    return nullcontext() if key is None or left is None else within(DECIDING_SHARE * left)


@contextmanager
def _held(turn: threading.Lock) -> Iterator[None]:
    if not acquired(turn):
        raise LedgerError("an earlier call for the same customer did not come back in time")
    try:
        yield
    finally:
        turn.release()


def add_decisions(router: APIRouter, runtime: Runtime, metrics: Metrics, clock: Clock) -> None:
    """Add the two documented requests."""
    desk, needed = Desk(runtime, metrics, clock), needs(Role.DECIDE, Lane.DECIDE)

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
        **refusals(Role.DECIDE),
        422: {
            "model": Refused,
            "description": "It cannot be used, or its key was used for another; nothing was recorded.",
        },
        500: {"model": Failed, "description": "An error of the service, by trace id in its log."},
    }

"""The route for a table in one request: the same engine as `churn-saver decide`, one budget, one key.

Body and answer are megabytes, so both are read and written in a thread. The answer is made from the
ledger: that is how the same key brings the same bytes back, and why what is erased is not among them.
"""

import secrets
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from fastapi import APIRouter, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from churn_saver.decide.batches import MOST_ROWS, Batch, decide_batch
from churn_saver.domain.action import NO_CONTACT, Reason
from churn_saver.domain.money import MINOR_PER_UNIT, to_units
from churn_saver.errors import AnswerMismatch, InputError, LedgerUnavailable
from churn_saver.serve import documented
from churn_saver.serve.asking import UNAVAILABLE, books, documented_refusals
from churn_saver.serve.idempotency import IdempotencyKey, Mismatched, of_header
from churn_saver.serve.keys import Role
from churn_saver.serve.metrics import Metrics
from churn_saver.serve.responses import DecisionPart, Part
from churn_saver.serve.routes import Lane, needs
from churn_saver.serve.runtime import LEDGER_UNAVAILABLE, Clock, Runtime
from churn_saver.serve.tables import invalid, read_batch
from churn_saver.serve.telemetry import Trace, trace_of
from churn_saver.serve.traced import excluded_words, recorded_part
from churn_saver.serve.wire import to_table
from churn_saver.store import DecisionRecord

PATH = "/decide/batch"
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {
                    "customers": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": MOST_ROWS,
                        "items": {"$ref": "#/components/schemas/PredictRequest"},
                        "description": "Customers, each once; an event_id is not looked at.",
                    }
                },
                "required": ["customers"],
                "additionalProperties": False,
            },
            "examples": documented.BATCH_REQUESTS,
        }
    },
}


class RowPart(Part):
    """What was decided about one customer."""

    customer_id: str = Field(description="Your own id of the customer.")
    decision_id: str = Field(description="Name of the recorded decision.")
    decision: DecisionPart = Field(description="What to do about the customer.")
    message: str | None = Field(description="Text to send; null without a contact.")
    valid_until: date | None = Field(description="Last day of the offer; null without a discount.")
    message_source: str = Field(description="bank, template or none.")
    message_entry: str | None = Field(description="Id of the bank's message.")
    channel: str | None = Field(description="How it is to go out; null without a contact.")
    violations: list[str] = Field(description="Codes of the last draft that the shield stopped.")
    reasons: list[str] = Field(description="Why nothing is sent.")
    excluded: dict[str, list[str]] = Field(description="Offers that were not allowed, by per cent, and why.")
    churn_risk: float | None = Field(description="30-day churn probability, yours or predicted.")
    accept_prob: float | None = Field(description="Chance that the intended offer is accepted.")
    expected_value: float | None = Field(description="Gain of the intended contact, currency units.")
    probability: float | None = Field(description="Of the intended action under the policy.")
    arm_probability: float | None = Field(description="Of the customer's arm, holdout or treated.")
    message_probability: float | None = Field(description="Of the wording among those that fit.")
    next_decision_at: datetime = Field(description="Before then a batch leaves the customer out.")
    policy: str = Field(description="Who decided about this customer.")


class ChallengerPart(Part):
    """What those customers have in common for whom the challenger decided."""

    price: float = Field(description="λ that they were decided at.")
    policy: str = Field(description="Who decided.")
    model_version: str = Field(description="Version of the predictors, 'none' where none served.")
    code_version: str = Field(description="Of code, settings and bank.")
    customers: int = Field(ge=1, description="How many they are.")


class BatchAnswer(Part):
    """Answer of POST /decide/batch."""

    campaign: str = Field(description="Whose budget and caps hold.")
    currency: str = Field(description="Of all amounts.")
    decided_at: datetime | None = Field(description="When it was recorded; null: nobody was due.")
    price: float | None = Field(description="λ that all rows were decided at but the challenger's.")
    policy: str | None = Field(description="Who decided, but for the challenger's rows.")
    model_version: str | None = Field(description="Version of the predictors, 'none' where none served.")
    code_version: str | None = Field(description="Of code, settings and bank.")
    challenger: ChallengerPart | None = Field(
        description="The challenger's share of the customers; null where one version decided for all."
    )
    contacts: int = Field(ge=0, description="Rows with a contact.")
    reserved: float = Field(ge=0, description="What they can cost at most, currency units.")
    decisions: list[RowPart] = Field(description="In the order of the request.")
    left_out: list[str] = Field(
        description="Ids that nothing was recorded for: not due yet, decided elsewhere in between, or erased."
    )


def add_batches(router: APIRouter, runtime: Runtime, metrics: Metrics, clock: Clock) -> None:
    """Add the request for a table."""
    needed = needs(Role.DECIDE, Lane.TABLE)
    needed["openapi_extra"] = {**needed["openapi_extra"], "requestBody": _BODY}

    def decided(raw: bytes, header: str | None, trace: Trace) -> bytes:
        request = read_batch(raw)
        key = of_header(header or secrets.token_hex(16), request, PATH, trace.caller)
        with books(runtime, clock):
            now = clock()
            engine = runtime.engine(now)
            if engine is None or LEDGER_UNAVAILABLE in engine.degraded:
                raise LedgerUnavailable(UNAVAILABLE)
            try:
                found = decide_batch(to_table(request.customers), engine, now, key.key, key.digest)
            except AnswerMismatch as error:
                raise Mismatched(key, error) from None
            except InputError as error:
                raise invalid("value_error", ("body", "customers"), {"error": str(error)}) from None
        answer = to_batch(found, [one.customer_id for one in request.customers])
        if not found.is_repeated:
            for columns in found.recorded:
                metrics.recorded(columns)
            trace.contacts = answer.contacts
        return answer.model_dump_json().encode()

    @router.post(
        PATH,
        summary="Decide on many customers within one budget",
        response_model=BatchAnswer,
        responses=documented.example("batch") | documented_refusals(Role.DECIDE, 409),
        **needed,
    )
    async def decide(http: Request, idempotency_key: IdempotencyKey = None) -> Response:
        """Plan for all at one price within the budget and record it, all or nothing, once under the key.

        A challenger decides for its share of the customers, with as much money for each and a price of its
        own. The body may have 16 MiB. Who is not due yet is left out, as `churn-saver decide` does; where
        nobody is due nothing is recorded, and the key stays free.
        """
        if http.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise invalid("model_type", ("body",), {})
        raw, trace = await http.body(), trace_of(http.scope)
        return Response(
            await run_in_threadpool(decided, raw, idempotency_key, trace), media_type="application/json"
        )


def to_batch(found: Batch, customer_ids: Sequence[str]) -> BatchAnswer:
    """Write what stands in the books, in the order of the request.

    Args:
        found: Under the key.
        customer_ids: Of the request.
    """
    records = list(_records(found))
    by_id = {record.customer_id: record for record in records}
    rows = [by_id[one] for one in customer_ids if one in by_id]
    first = records[0] if records else None
    return BatchAnswer(
        campaign=found.campaign.campaign_id,
        currency=found.campaign.currency,
        decided_at=first.decided_at if first else None,
        price=first.price if first else None,
        policy=first.policy if first else None,
        model_version=first.models if first else None,
        code_version=first.code if first else None,
        challenger=_challenger(records),
        contacts=sum(row.choice != NO_CONTACT for row in rows),
        reserved=to_units(sum(row.needs_minor for row in rows)),
        decisions=[_row(row) for row in rows],
        left_out=[one for one in customer_ids if one not in by_id],
    )


def _records(found: Batch) -> Iterator[DecisionRecord]:
    for columns in found.recorded:
        for values in zip(*columns.values(), strict=True):
            yield DecisionRecord(**dict(zip(columns, values, strict=True)))


def _challenger(records: Sequence[DecisionRecord]) -> ChallengerPart | None:
    """Say what the rows of the second version have in common; None: there is but one."""
    made_with = [(record.policy, record.models, record.price) for record in records]
    beside = [record for record, made in zip(records, made_with, strict=True) if made != made_with[0]]
    if not beside:
        return None
    one = beside[0]
    return ChallengerPart(
        price=one.price,
        policy=one.policy,
        model_version=one.models,
        code_version=one.code,
        customers=len(beside),
    )


def _row(record: DecisionRecord) -> RowPart:
    value = record.expected_value
    return RowPart(
        customer_id=record.customer_id,
        decision_id=record.decision_id,
        decision=recorded_part(record),
        message=record.message,
        valid_until=record.valid_until,
        message_source=record.message_source,
        message_entry=record.message_entry,
        channel=record.channel,
        violations=list(record.violations),
        reasons=Reason(record.reasons).words(),
        excluded=excluded_words(record.excluded),
        churn_risk=record.churn_risk,
        accept_prob=record.accept_prob,
        expected_value=None if value is None else round(value / MINOR_PER_UNIT, 2),
        probability=record.probability,
        arm_probability=record.arm_probability,
        message_probability=record.message_probability,
        next_decision_at=record.next_decision_at,
        policy=record.policy,
    )

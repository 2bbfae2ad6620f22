"""The routes about what is recorded: outcomes, who must not be contacted, who is forgotten, one decision.

What tightens a promise or tells what happened may come from whoever may decide; reading a decision, which
is personal, is for operators, and forgetting somebody, which cannot be undone, for administrators.
"""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import AfterValidator
from starlette.exceptions import HTTPException

from churn_saver.decide.explaining import explain
from churn_saver.decide.replaying import replay
from churn_saver.domain.customer import MAX_ID_LENGTH
from churn_saver.domain.outcome import OutcomeKind
from churn_saver.errors import ArtifactError
from churn_saver.journey import Rules
from churn_saver.opening.versions import recalled
from churn_saver.serve import documented
from churn_saver.serve.asking import books, documented_refusals
from churn_saver.serve.explained import to_explanation
from churn_saver.serve.keys import Role
from churn_saver.serve.reports import (
    EraseAnswer,
    OptOutAnswer,
    OutcomeAnswer,
    OutcomeRequest,
    ReplayAnswer,
    SuppressAnswer,
    TraceAnswer,
)
from churn_saver.serve.routes import Lane, needs
from churn_saver.serve.runtime import Clock, Runtime
from churn_saver.serve.telemetry import trace_of
from churn_saver.serve.traced import to_trace
from churn_saver.serve.wire import identifier
from churn_saver.store import DecisionRecord
from churn_saver.tabular.predictors import Predictors

CustomerId = Annotated[
    str,
    Path(min_length=1, max_length=MAX_ID_LENGTH, description="Your own id of the customer."),
    AfterValidator(identifier),
]
DecisionId = Annotated[
    str, Path(pattern=r"^[0-9a-f]{32}$", description="As `metadata.decision_id` named it.")
]
Explained = Annotated[
    bool,
    Query(
        alias="explain",
        description="true: say why too, decided again hundreds of times, so that only who asks waits for it.",
    ),
]


def add_outcomes(router: APIRouter, runtime: Runtime, clock: Clock) -> None:
    """Add the report of what became of a decision."""

    @router.post(
        "/outcomes",
        summary="Report what became of a decision",
        responses=documented.example("outcomes") | documented_refusals(Role.DECIDE, 404, 409),
        **needs(Role.DECIDE, Lane.DECIDE),
    )
    def report(
        request: Annotated[OutcomeRequest, Body(openapi_examples=documented.OUTCOME_REQUESTS)], http: Request
    ) -> OutcomeAnswer:
        """Keep an outcome, once each; 409 when the offer's last day is over, or it cannot be true."""
        now = clock()
        trace_of(http.scope).decision_id = request.decision_id
        with books(runtime, clock) as store:
            kind, at = OutcomeKind.of(request.outcome), request.happened_at or now
            recorded = store.record_outcome(request.decision_id, kind, at, now)
        return OutcomeAnswer(decision_id=request.decision_id, outcome=request.outcome, recorded=recorded)


def add_customers(router: APIRouter, runtime: Runtime, clock: Clock) -> None:
    """Add suppression, opt-out and erasure."""

    # An id may have a slash in it.
    @router.post(
        "/customers/{customer_id:path}/suppress",
        summary="Never contact a customer again",
        responses=documented.example("suppress") | documented_refusals(Role.DECIDE),
        **needs(Role.DECIDE, Lane.MARK),
    )
    def suppress(customer_id: CustomerId) -> SuppressAnswer:
        """Put a customer on the suppression list, known or not."""
        with books(runtime, clock) as store:
            return SuppressAnswer(suppressed=True, changed=store.suppress(customer_id, clock()))

    @router.post(
        "/customers/{customer_id:path}/opt-out",
        summary="Keep that a customer wants no messages",
        responses=documented.example("opt-out") | documented_refusals(Role.DECIDE),
        **needs(Role.DECIDE, Lane.MARK),
    )
    def opt_out(customer_id: CustomerId) -> OptOutAnswer:
        """Keep the no of a customer, known or not, as `opted_in: false` does; nothing takes it back."""
        with books(runtime, clock) as store:
            return OptOutAnswer(opted_out=True, changed=store.opt_out(customer_id, clock()))

    @router.delete(
        "/customers/{customer_id:path}",
        summary="Forget a customer",
        responses=documented.example("erase") | documented_refusals(Role.ADMIN),
        **needs(Role.ADMIN, Lane.MARK),
    )
    def erase(customer_id: CustomerId) -> EraseAnswer:
        """Erase id, name, messages, inputs and kept answers; sums and audit chain stay as they are."""
        with books(runtime, clock) as store:
            return EraseAnswer(erased=True, changed=store.erase(customer_id, clock()))


def add_traces(router: APIRouter, runtime: Runtime, clock: Clock) -> None:
    """Add the reading of one decision."""

    @router.get(
        "/decisions/{decision_id}",
        summary="Read a decision, whole",
        responses=documented.example("decision") | documented_refusals(Role.OPERATE, 404, 409, 410),
        **needs(Role.OPERATE, Lane.LOOK),
    )
    def read(decision_id: DecisionId, http: Request, wants_why: Explained = False) -> TraceAnswer:
        """Give all that the ledger holds of a decision: gates, scores, message, money, outcomes.

        With `explain=true` also why, with what serves now or was kept of its version: 410 when its customer
        was erased, 409 names each hash that it was made with and that is not there.
        """
        trace_of(http.scope).decision_id = decision_id
        with books(runtime, clock) as store:
            found = store.trace(decision_id, clock())
            record = found.record
            campaign = None if record.campaign_id is None else store.campaigns.get(record.campaign_id)
            answer = to_trace(found, None if campaign is None else campaign.currency)
            if not wants_why:
                return answer
            try:
                why = explain(record, campaign, *_had(record, runtime))
            except ArtifactError as error:
                raise HTTPException(409, str(error)) from None
        return answer.model_copy(update={"explanation": to_explanation(why)})

    @router.get(
        "/decisions/{decision_id}/replay",
        summary="Make a decision again",
        responses=documented.example("replay") | documented_refusals(Role.OPERATE, 404, 409, 410),
        **needs(Role.OPERATE, Lane.DECIDE),
    )
    def repeat(decision_id: DecisionId, http: Request) -> ReplayAnswer:
        """Make a decision again, with what serves now or was kept of its version, and compare it.

        410 when its customer was erased; 409 names each hash that it was made with and that is not there.
        """
        trace_of(http.scope).decision_id = decision_id
        with books(runtime, clock) as store:
            record = store.decision(decision_id)
            campaign = None if record.campaign_id is None else store.campaigns.get(record.campaign_id)
            try:
                found = replay(record, campaign, *_had(record, runtime))
            except ArtifactError as error:
                raise HTTPException(409, str(error)) from None
        return ReplayAnswer(
            decision_id=decision_id,
            same=not found.differing,
            compared=list(found.compared),
            differing=list(found.differing),
        )


def _had(record: DecisionRecord, runtime: Runtime) -> tuple[Predictors | None, Rules]:
    """Give predictors and rules that a decision was made with, as far as they are at hand."""
    means = runtime.means
    return recalled(record.models, record.policy, means.predictors, means.rules)

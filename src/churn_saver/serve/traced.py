"""A recorded decision, written as a response; what was erased is null."""

import json
from collections.abc import Sequence

from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS, Action, Reason
from churn_saver.domain.money import MINOR_PER_UNIT, to_units
from churn_saver.serve.answers import decision_part
from churn_saver.serve.reports import IntendedPart, MoneyPart, OutboxPart, OutcomePart, TraceAnswer
from churn_saver.serve.responses import DecisionPart
from churn_saver.store import DecisionRecord, Trace

_AS_RECORDED = (
    "decision_id", "decided_at", "number", "message_source", "message_entry", "channel", "churn_risk",
    "accept_prob", "probability", "arm_probability", "message_probability", "price", "policy", "valid_until",
    "next_decision_at",
)  # fmt: skip


def to_trace(found: Trace, currency: str | None) -> TraceAnswer:
    """Write all that is known of a decision.

    Args:
        found: As the books have it.
        currency: Of its campaign; None: there was none.
    """
    record = found.record
    is_known = found.erased_at is None
    value = record.expected_value
    return TraceAnswer.model_validate(
        {name: getattr(record, name) for name in _AS_RECORDED}
        | {
            "campaign": record.campaign_id,
            "currency": currency,
            "erased_at": found.erased_at,
            "customer_id": record.customer_id if is_known else None,
            "name": record.name if is_known else None,
            "message": record.message if is_known else None,
            "inputs": json.loads(record.features) if is_known and record.features is not None else None,
            "violations": list(record.violations) if is_known else [],
            "decision": recorded_part(record),
            "intended": _intended(record.intended),
            "expected_value": None if value is None else round(value / MINOR_PER_UNIT, 2),
            "model_version": record.models,
            "code_version": record.code,
            "reasons": Reason(record.reasons).words(),
            "excluded": excluded_words(record.excluded),
            "outcomes": [
                OutcomePart.model_validate({"outcome": kind.word, "happened_at": at})
                for kind, at in found.outcomes.items()
            ],
            "money": _money(found),
            "outbox": _outbox(found),
        }
    )


def recorded_part(record: DecisionRecord) -> DecisionPart:
    """Write what was decided, as the first answer had it."""
    return decision_part(
        Action.of_choice(record.choice, record.delay_days), record.send_at, record.retention_prob
    )


def excluded_words(flags: Sequence[int]) -> dict[str, list[str]]:
    """Name who ruled what out, by per cent; flags per choice, (5,)."""
    offers = zip(OFFER_PERCENTS, flags[NO_CONTACT + 1 :], strict=True)
    return {str(percent): Reason(found).words() for percent, found in offers if found}


def _intended(choice: int) -> IntendedPart:
    action = Action.of_choice(choice)
    percent = OFFER_PERCENTS[action.offer_idx] if action.contact else None
    return IntendedPart(contact=action.contact, offer_percentage=percent)


def _money(found: Trace) -> MoneyPart | None:
    held = found.money
    if held is None:
        return None
    return MoneyPart(
        contact=to_units(held.contact_minor),
        offer=to_units(held.offer_minor),
        reserved=to_units(held.reserved_minor),
        spent=to_units(held.spent_minor),
        expires_on=held.expires_on,
        sent_at=held.sent_at,
        accepted_at=held.accepted_at,
        released_at=held.voided_at,
    )


def _outbox(found: Trace) -> OutboxPart | None:
    waits = found.queued
    if waits is None:
        return None
    return OutboxPart(
        send_at=waits.send_at, attempts=waits.attempts, fault=waits.fault, gave_up_at=waits.gave_up_at
    )

"""What stands in the OpenAPI document beside the schemas: texts, and the documented requests and answers."""

from collections.abc import Mapping

from fastapi.openapi.models import Example

DESCRIPTION = """
Two requests, one engine: `/retain` takes an event of a customer, `/predict` a customer's columns. Both
decide whether to contact the customer now and with which discount, reserve what that can cost, record the
decision and write the message. What you send can tighten a rule (an opt-out, a recent contact), never
loosen it.

Each call is a new decision: the second one for the same customer meets the cooldown. With an
`Idempotency-Key`, or an `event_id` of the customer, the same request gets the same answer again.
Names may be written in any usual way: `MonthlyCharges`, `monthly charges` and `monthly_charges` are one
field, and the original columns of the Telco table are all known. A field that nobody knows is refused.
The answer is always valid. Where something was missing, `metadata.degraded` says so.
"""

RETAIN_REQUESTS: dict[str, Example] = {
    "event": {
        "summary": "An event, with a churn score of your own",
        "value": {
            "customer_id": "C12345",
            "churn_risk": 0.75,
            "tenure_months": 24,
            "monthly_spend": 89.99,
            "contacts_last_7d": 0,
            "days_since_last_contact": 30,
        },
    },
}

PREDICT_REQUESTS: dict[str, Example] = {
    "customer": {
        "summary": "A customer, to be scored",
        "value": {
            "customer_id": "C12345",
            "name": "Sam",
            "tenure": 12,
            "monthly_charges": 89.99,
            "contract": "Month-to-month",
            "payment_method": "Electronic check",
        },
    },
    "whole": {
        "summary": "A customer with every column of the Telco table",
        "value": {
            "customer_id": "7590-VHVEG",
            "gender": "Female",
            "SeniorCitizen": 0,
            "Partner": "Yes",
            "Dependents": "No",
            "tenure": 1,
            "PhoneService": "No",
            "MultipleLines": "No phone service",
            "InternetService": "DSL",
            "OnlineSecurity": "No",
            "OnlineBackup": "Yes",
            "DeviceProtection": "No",
            "TechSupport": "No",
            "StreamingTV": "No",
            "StreamingMovies": "No",
            "contract": "Month-to-month",
            "PaperlessBilling": "Yes",
            "payment_method": "Electronic check",
            "monthly_charges": 29.85,
            "total_charges": 29.85,
        },
    },
}

_DECISION = {
    "contact": True,
    "offer_level": 2,
    "offer_percentage": 10,
    "delay_days": 0,
    "send_at": "2026-01-15T14:00:00Z",
    "estimated_retention_prob": 0.73,
}
_METADATA = {
    "churn_risk": 0.68,
    "accept_prob": 0.73,
    "expected_value": 45.23,
    "currency": "USD",
    "decision_id": "0123456789abcdef0123456789abcdef",
    "campaign": "default",
    "policy": "knapsack",
    "model_version": "0123456789abcdef",
    "code_version": "5+settings.0123456789abcdef+bank.0123456789abcdef",
    "probability": 1.0,
    "arm_probability": 0.95,
    "message_probability": 0.25,
    "price": 1.4,
    "reasons": [],
    "excluded": {"15": ["allowance"]},
    "message_source": "bank",
    "message_entry": "0123456789abcdef",
    "channel": "email",
    "missing_features": ["internet_service"],
    "next_decision_at": "2026-01-16T14:00:00Z",
    "degraded": False,
    "degraded_reasons": [],
}
_OFFERED = (
    "thank you for {} months with us. For 10% off your next bill, reply to this email by 29 January 2026."
)
_ANSWERS: Mapping[str, dict[str, object]] = {
    "retain": {
        "decision": _DECISION,
        "offer": {"level": 2, "percentage": 10, "cost": 9.0, "valid_until": "2026-01-29"},
        "message": f"Hello, {_OFFERED.format(24)}",
        "safety_flags": [],
        "metadata": _METADATA,
    },
    "predict": {
        "decision": _DECISION,
        "message": f"Hi Sam, {_OFFERED.format(12)}",
        "safety": {"passed": True, "violations": []},
        "metadata": _METADATA,
    },
}


def answer(path: str) -> dict[int | str, dict[str, object]]:
    """Give the example of a path's answer, as FastAPI takes it."""
    example = {"summary": "A contact with 10 %", "value": _ANSWERS[path]}
    return {200: {"content": {"application/json": {"examples": {"contact": example}}}}}


BATCH_REQUESTS: dict[str, Example] = {
    "two": {
        "summary": "Two customers",
        "value": {"customers": [PREDICT_REQUESTS["customer"]["value"], PREDICT_REQUESTS["whole"]["value"]]},
    },
}
OUTCOME_REQUESTS: dict[str, Example] = {
    "accepted": {
        "summary": "The customer took the offer",
        "value": {
            "decision_id": "0123456789abcdef0123456789abcdef",
            "outcome": "accepted",
            "happened_at": "2026-01-16T09:30:00Z",
        },
    },
}
CONTROL_REQUESTS: dict[str, Example] = {
    "stop": {"summary": "Contact nobody", "value": {"baseline": False, "stopped": True}},
    "baseline": {"summary": "Decide without models", "value": {"baseline": True, "stopped": False}},
    "normal": {"summary": "As usual", "value": {"baseline": False, "stopped": False}},
    "budget": {
        "summary": "As usual, with another budget",
        "value": {"baseline": False, "stopped": False, "limit": 5000.0},
    },
}
_TRACE = {
    **{name: _METADATA[name] for name in (
        "decision_id", "campaign", "currency", "message_source", "message_entry", "channel", "churn_risk",
        "accept_prob", "expected_value", "probability", "arm_probability", "message_probability", "price",
        "policy", "model_version", "code_version", "reasons", "excluded", "next_decision_at",
    )},
    "decided_at": "2026-01-15T14:00:00Z",
    "erased_at": None,
    "customer_id": "C12345",
    "name": "Sam",
    "number": 0,
    "decision": _DECISION,
    "intended": {"contact": True, "offer_percentage": 10},
    "message": f"Hi Sam, {_OFFERED.format(12)}",
    "violations": [],
    "inputs": {"tenure_months": 12.0, "monthly_spend": 89.99, "bill_minor": 8999.0},
    "valid_until": "2026-01-29",
    "outcomes": [{"outcome": "accepted", "happened_at": "2026-01-16T09:30:00Z"}],
    "money": {
        "contact": 1.0, "offer": 9.0, "reserved": 0.0, "spent": 10.0, "expires_on": "2026-01-31",
        "sent_at": "2026-01-15T14:00:01Z", "accepted_at": "2026-01-16T09:31:00Z", "released_at": None,
    },
    "outbox": None,
    "explanation": None,
}  # fmt: skip
_ROW = {
    **{name: _METADATA[name] for name in (
        "decision_id", "reasons", "excluded", "churn_risk", "accept_prob", "expected_value", "probability",
        "arm_probability", "message_probability", "message_source", "message_entry", "channel",
        "next_decision_at", "policy",
    )},
    "customer_id": "C12345",
    "decision": _DECISION,
    "message": f"Hi Sam, {_OFFERED.format(12)}",
    "valid_until": "2026-01-29",
    "violations": [],
}  # fmt: skip
_EXAMPLES: Mapping[str, dict[str, object]] = {
    "outcomes": {
        "decision_id": "0123456789abcdef0123456789abcdef", "outcome": "accepted", "recorded": True,
    },
    "batch": {
        **{name: _METADATA[name] for name in (
            "campaign", "currency", "price", "policy", "model_version", "code_version",
        )},
        "decided_at": "2026-01-15T14:00:00Z",
        "contacts": 2,
        "reserved": 20.0,
        "decisions": [_ROW, _ROW | {
            "customer_id": "7590-VHVEG", "decision_id": "fedcba9876543210fedcba9876543210",
            "policy": "greedy",
        }],
        "challenger": {
            **{name: _METADATA[name] for name in ("model_version", "code_version")},
            "price": 0.0, "policy": "greedy", "customers": 1,
        },
        "left_out": ["9237-HQITU"],
    },
    "suppress": {"suppressed": True, "changed": True},
    "opt-out": {"opted_out": True, "changed": True},
    "erase": {"erased": True, "changed": True},
    "control": {
        "baseline": False, "stopped": True, "changed_at": "2026-01-15T14:00:00Z", "changed_by": "ops",
        "budget": {
            "campaign": "default", "currency": "USD", "limit": 5000.0, "free": 4990.0, "reserved": 0.0,
            "spent": 10.0,
        },
    },
    "decision": _TRACE,
    "replay": {
        "decision_id": "0123456789abcdef0123456789abcdef", "same": True,
        "compared": ["choice", "reasons", "message"], "differing": [],
    },
}  # fmt: skip


def example(name: str) -> dict[int | str, dict[str, object]]:
    """Give the example of an operator's answer, as FastAPI takes it."""
    shown = {name: {"summary": "An answer", "value": _EXAMPLES[name]}}
    return {200: {"content": {"application/json": {"examples": shown}}}}

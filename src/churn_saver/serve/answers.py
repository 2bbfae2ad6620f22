"""A settled decision, written as a response: money in currency units, an unknown number as null.

NaN never leaves. Personal data leaves only in the message.
"""

import math
from collections.abc import Sequence
from datetime import datetime

from churn_saver.decide import Outcome
from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS, Action, Reason
from churn_saver.domain.money import MINOR_PER_UNIT, to_units
from churn_saver.domain.proposal import Proposals
from churn_saver.serve.responses import (
    DecisionPart,
    MetadataPart,
    OfferPart,
    PredictResponse,
    RetainResponse,
    SafetyPart,
)

_DIGITS = 6


def to_retain(outcome: Outcome, degraded: Sequence[str], missing: Sequence[str]) -> RetainResponse:
    """Write an outcome as the answer of /retain.

    Args:
        outcome: Of one customer.
        degraded: Codes of what was not at hand.
        missing: Inputs of the models that were not sent.
    """
    made = outcome.proposals
    action = Action.of_choice(int(made.choice[0]))
    offer = OfferPart(
        level=action.offer_idx,
        percentage=OFFER_PERCENTS[action.offer_idx],
        cost=to_units(int(made.needs_minor[0] - made.contact_minor[0])),
        valid_until=made.valid_until[0],
    )
    return RetainResponse(
        decision=_decision(made),
        offer=offer if action.contact else None,
        message=made.texts[0],
        safety_flags=list(made.violations[0]),
        metadata=_metadata(outcome, degraded, missing),
    )


def to_predict(outcome: Outcome, degraded: Sequence[str], missing: Sequence[str]) -> PredictResponse:
    """Write an outcome as the answer of /predict; arguments as of `to_retain`."""
    made = outcome.proposals
    return PredictResponse(
        decision=_decision(made),
        message=made.texts[0],
        safety=SafetyPart(passed=not made.violations[0], violations=list(made.violations[0])),
        metadata=_metadata(outcome, degraded, missing),
    )


def decision_part(action: Action, send_at: datetime | None, retention_prob: float | None) -> DecisionPart:
    """Write what is to be done.

    Args:
        action: Decided on.
        send_at: When the message may go out; None: there is none.
        retention_prob: Chance that the customer stays; None: not known.
    """
    return DecisionPart(
        contact=action.contact,
        offer_level=action.offer_idx if action.contact else None,
        offer_percentage=OFFER_PERCENTS[action.offer_idx] if action.contact else None,
        delay_days=action.delay_days,
        send_at=send_at,
        estimated_retention_prob=retention_prob,
    )


def _decision(made: Proposals) -> DecisionPart:
    action = Action.of_choice(int(made.choice[0]), int(made.delay_days[0]))
    return decision_part(action, made.send_at[0], _known(made.retention_prob[0]))


def _metadata(outcome: Outcome, degraded: Sequence[str], missing: Sequence[str]) -> MetadataPart:
    made, campaign = outcome.proposals, outcome.campaign
    value = _known(made.expected_value[0])
    return MetadataPart(
        churn_risk=_known(made.churn_risk[0]),
        accept_prob=_known(made.accept_prob[0]),
        expected_value=None if value is None else round(value / MINOR_PER_UNIT, 2),
        currency=campaign.currency if campaign else None,
        decision_id=outcome.decision_id or None,
        campaign=campaign.campaign_id if campaign else None,
        policy=made.versions.policy,
        model_version=made.versions.models,
        code_version=made.versions.code,
        probability=_known(made.probability[0]),
        arm_probability=_known(made.arm_probability[0]),
        message_probability=_known(made.message_probability[0]),
        price=_known(made.price),
        reasons=made.reason_words(0),
        excluded=_excluded(made),
        message_source=made.message_sources[0],
        message_entry=made.message_entries[0],
        channel=made.channels[0],
        missing_features=list(missing),
        next_decision_at=made.next_decision_at[0],
        degraded=bool(degraded),
        degraded_reasons=list(degraded),
    )


def _excluded(made: Proposals) -> dict[str, list[str]]:
    flags = made.excluded[0, NO_CONTACT + 1 :]
    return {
        str(percent): Reason(int(found)).words()
        for percent, found in zip(OFFER_PERCENTS, flags, strict=True)
        if found
    }


def _known(value: float) -> float | None:
    """Give a number for JSON: null for NaN and infinity."""
    return round(float(value), _DIGITS) if math.isfinite(value) else None

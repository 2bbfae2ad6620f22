"""What callers get back: the documented shapes, every field described.

Knows nothing of how a decision came about; `answers` fills these in.
"""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from churn_saver.domain.action import OFFER_PERCENTS


class Part(BaseModel):
    """A part of a response: every field always there, nothing else, no number but finite ones."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class DecisionPart(Part):
    """What to do about the customer."""

    contact: bool = Field(description="true: send `message` at `send_at`. false: send nothing.")
    offer_level: int | None = Field(
        ge=0, le=len(OFFER_PERCENTS) - 1, description="Rung of the offer ladder; null without a contact."
    )
    offer_percentage: int | None = Field(
        description=f"Discount on the next bill in per cent, one of {', '.join(map(str, OFFER_PERCENTS))}; "
        "0 is a message without a discount; null without a contact."
    )
    delay_days: int = Field(ge=0, le=7, description="Decide again after 1 + this many days.")
    send_at: datetime | None = Field(
        description="UTC: now, or the end of the recipient's quiet hours; null without a contact."
    )
    estimated_retention_prob: float | None = Field(
        ge=0,
        le=1,
        description="Chance to be a customer in 30 days under this decision, not the chance that the offer "
        "is accepted; null where no model served.",
    )


class OfferPart(Part):
    """The discount that was decided and reserved."""

    level: int = Field(ge=0, le=len(OFFER_PERCENTS) - 1, description="Rung of the offer ladder.")
    percentage: int = Field(description="Discount on the next bill, per cent.")
    cost: float = Field(
        ge=0, description="What it costs if accepted, currency units; reserved until it expires."
    )
    valid_until: date | None = Field(
        description="Last day of the offer, stated in the message; null without a discount."
    )


class SafetyPart(Part):
    """What the shield said of the text."""

    passed: bool = Field(description="false: every draft was stopped and nothing is to be sent.")
    violations: list[str] = Field(
        description="Codes of the last draft that was stopped, such as banned_phrase."
    )


class MetadataPart(Part):
    """How the decision came about."""

    churn_risk: float | None = Field(ge=0, le=1, description="30-day churn probability, yours or predicted.")
    accept_prob: float | None = Field(
        ge=0,
        le=1,
        description="Chance that the intended offer (else a plain message) is accepted, fatigue included.",
    )
    expected_value: float | None = Field(
        description="Gain of the intended contact over never contacting, less expected cost, currency units."
    )
    currency: str | None = Field(description="Of all amounts; null without a campaign.")
    decision_id: str | None = Field(
        description="Name of the recorded decision; null: it could not be recorded."
    )
    campaign: str | None = Field(description="Campaign whose budget and caps hold; null: none could be read.")
    policy: str = Field(
        description="Who decided: a rung of the ladder, such as knapsack, and @version where it was trained."
    )
    model_version: str = Field(description="Version of the predictors, 'none' where none served.")
    code_version: str = Field(
        description="Of code, settings and bank: changes when the same inputs may lead to another decision."
    )
    probability: float | None = Field(ge=0, le=1, description="Of the intended action under the policy.")
    arm_probability: float | None = Field(
        ge=0, le=1, description="Of the customer's arm, holdout or treated."
    )
    message_probability: float | None = Field(
        ge=0,
        le=1,
        description="Of this wording among those that fit; null without a message, and of a live one.",
    )
    price: float | None = Field(
        ge=0,
        description="λ: margin that one unit of budget must bring, a pure number on the decider's own scale.",
    )
    reasons: list[str] = Field(description="Why nothing is sent, such as cooldown; empty with a contact.")
    excluded: dict[str, list[str]] = Field(
        description="Offers that were not allowed, by per cent, each with who ruled it out."
    )
    message_source: str = Field(
        description="bank: an approved message; live: written just now; template: a plain sentence of the "
        "service; none: no message. Every one has passed the shield."
    )
    message_entry: str | None = Field(
        description="Id of the bank's message; `churn-saver messages show ID` shows it."
    )
    channel: str | None = Field(
        description="How the message is to go out, email, sms or push: yours, else the configured one; null "
        "without a contact."
    )
    missing_features: list[str] = Field(description="Inputs of the models that were not sent.")
    next_decision_at: datetime = Field(description="When a batch decides again; an event is decided at once.")
    degraded: bool = Field(description="true: less than everything was at hand, see degraded_reasons.")
    degraded_reasons: list[str] = Field(
        description="force_baseline, predictors_unavailable, policy_unavailable, "
        "policy_of_other_assumptions, policy_not_certified_here, bank_unavailable, live_unavailable, "
        "toxicity_unavailable, version_unavailable, ledger_unavailable or overtaken: with either of the "
        "last two nothing was recorded, decision_id is null, and the same key may be asked again."
    )


_TEXT = (
    "Text to send; null without a contact. On the channel sms the opt-out line is in it, "
    "on others the channel adds its own."
)


class RetainResponse(Part):
    """Answer of POST /retain."""

    decision: DecisionPart = Field(description="What to do about the customer.")
    offer: OfferPart | None = Field(description="null without a contact.")
    message: str | None = Field(description=_TEXT)
    safety_flags: list[str] = Field(description="Codes of the last draft that the shield stopped.")
    metadata: MetadataPart = Field(description="How the decision came about.")


class PredictResponse(Part):
    """Answer of POST /predict."""

    decision: DecisionPart = Field(description="What to do about the customer.")
    message: str | None = Field(description=_TEXT)
    safety: SafetyPart = Field(description="What the shield said of the text.")
    metadata: MetadataPart = Field(description="How the decision came about.")

"""What operators and reporting systems send and get back: every field described.

Knows nothing of the books; `operations` and `control` fill the answers in.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from churn_saver.domain.money import MAX_UNITS
from churn_saver.serve.explained import ExplanationPart
from churn_saver.serve.responses import DecisionPart, Part

_YEARS = range(2000, 2200)
OutcomeWord = Literal["accepted", "declined", "retained", "churned"]


def _moment(raw: object) -> datetime | None:
    if raw is None:
        return None
    if not isinstance(raw, str):
        raise ValueError("wrong type: a text is wanted")
    try:
        found = datetime.fromisoformat(raw)
    except ValueError:
        raise ValueError("not a moment") from None
    if found.tzinfo is None or found.year not in _YEARS:
        raise ValueError("a moment without a zone, or of another century")
    return found.astimezone(UTC)


class OutcomeRequest(BaseModel):
    """What became of a decision."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    decision_id: str = Field(pattern=r"^[0-9a-f]{32}$", description="As `metadata.decision_id` named it.")
    outcome: OutcomeWord = Field(
        description="accepted: took the offer, which spends its money. declined: said no, which releases it. "
        "retained, churned: is still a customer, or has left; moves no money."
    )
    happened_at: Annotated[
        datetime | None,
        PlainValidator(_moment),
        WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}),
    ] = Field(None, description="When, with a zone; null: now.")


class OutcomeAnswer(Part):
    """Answer of POST /outcomes."""

    decision_id: str = Field(description="Of the decision.")
    outcome: OutcomeWord = Field(description="As it was told.")
    recorded: bool = Field(description="false: it was told before, and the first report stands.")


class SuppressAnswer(Part):
    """Answer of POST /customers/{customer_id}/suppress."""

    suppressed: Literal[True] = Field(description="No message goes out any more, planned ones included.")
    changed: bool = Field(description="false: was on the list before.")


class OptOutAnswer(Part):
    """Answer of POST /customers/{customer_id}/opt-out."""

    opted_out: Literal[True] = Field(description="No message goes out any more, planned ones included.")
    changed: bool = Field(description="false: it was known before.")


class EraseAnswer(Part):
    """Answer of DELETE /customers/{customer_id}."""

    erased: Literal[True] = Field(description="No table holds anything personal under this id any more.")
    changed: bool = Field(description="false: nothing was known under it.")


class ControlRequest(BaseModel):
    """The switches as they are to stand: both, so that none is thrown by leaving it out; and the budget."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    baseline: bool = Field(description="true: no model decides, the propensity rule does.")
    stopped: bool = Field(description="true: nobody is contacted and no message is sent, reason `stopped`.")
    limit: float | None = Field(
        None,
        ge=0,
        le=MAX_UNITS,
        description="New limit of the open campaign, currency units; null: as it is. Wants the role admin, "
        "and no less than is reserved and spent.",
    )


class BudgetPart(Part):
    """The money of the open campaign, currency units; limit = free + reserved + spent."""

    campaign: str = Field(description="Whose it is.")
    currency: str = Field(description="Of all amounts.")
    limit: float = Field(ge=0, description="Most that the campaign may cost.")
    free: float = Field(ge=0, description="Neither reserved nor spent.")
    reserved: float = Field(ge=0, description="Promised, and held until it is used or expires.")
    spent: float = Field(ge=0, description="On messages that were sent and offers that were accepted.")


class ControlAnswer(Part):
    """The switches and the budget as they stand."""

    baseline: bool = Field(description="true: no model decides, the propensity rule does.")
    stopped: bool = Field(description="true: nobody is contacted and no message is sent, reason `stopped`.")
    changed_at: datetime | None = Field(description="When one was last thrown; null: never.")
    changed_by: str | None = Field(description="Name of the key that threw it; null: nobody has.")
    budget: BudgetPart | None = Field(description="null: no campaign is open.")


class IntendedPart(Part):
    """What would have been done without holdout and without the shield."""

    contact: bool = Field(description="true: a message.")
    offer_percentage: int | None = Field(description="Discount, per cent; null without a contact.")


class OutcomePart(Part):
    """What was reported."""

    outcome: OutcomeWord = Field(description="What became of the decision.")
    happened_at: datetime = Field(description="When, as it was reported.")


class MoneyPart(Part):
    """What the contact can cost, and what became of it; currency units."""

    contact: float = Field(ge=0, description="Cost of the message.")
    offer: float = Field(ge=0, description="Cost of the discount, if it is accepted.")
    reserved: float = Field(ge=0, description="Still held of both.")
    spent: float = Field(ge=0, description="Spent of both.")
    expires_on: date | None = Field(description="Last day on which it is held.")
    sent_at: datetime | None = Field(description="When the message's cost was spent.")
    accepted_at: datetime | None = Field(description="When the discount's cost was spent.")
    released_at: datetime | None = Field(None, description="When the rest was given back.")


class OutboxPart(Part):
    """The message as it waits to be sent."""

    send_at: datetime = Field(description="Not before.")
    attempts: int = Field(ge=0, description="To send it, that failed.")
    fault: str | None = Field(description="Of the last attempt.")
    gave_up_at: datetime | None = Field(description="When it was given up; null: it will be tried.")


class ReplayAnswer(Part):
    """Answer of GET /decisions/{decision_id}/replay."""

    decision_id: str = Field(description="Name of the decision.")
    same: bool = Field(description="true: made again, it is the same to the bit.")
    compared: list[str] = Field(description="Columns that were made again; of a live text nothing is.")
    differing: list[str] = Field(description="Of these, those that are not as recorded.")


class TraceAnswer(Part):
    """Answer of GET /decisions/{decision_id}: all that the ledger holds of it."""

    decision_id: str = Field(description="Name of the decision.")
    decided_at: datetime = Field(description="When it was recorded.")
    campaign: str | None = Field(description="Whose budget and caps held; null: none was open.")
    currency: str | None = Field(description="Of all amounts; null without a campaign.")
    erased_at: datetime | None = Field(
        None, description="When the customer was forgotten; then customer, name, message and inputs are null."
    )
    customer_id: str | None = Field(description="Your own id of the customer.")
    name: str | None = Field(description="As the message greets.")
    number: int = Field(ge=0, description="Of this customer's decisions in the campaign, from 0.")
    decision: DecisionPart = Field(description="What was decided.")
    intended: IntendedPart = Field(description="What was wanted, which holdout and shield may forbid.")
    message: str | None = Field(description="Text of the message.")
    message_source: str = Field(description="bank, live, template or none.")
    message_entry: str | None = Field(description="Id of the bank's message.")
    channel: str | None = Field(description="How the message was to go out; null without a contact.")
    violations: list[str] = Field(description="Codes of the last draft that the shield stopped.")
    inputs: dict[str, float | str] | None = Field(
        description="What it was decided on: enough, with the versions, to make it again."
    )
    churn_risk: float | None = Field(description="30-day churn probability.")
    accept_prob: float | None = Field(description="Chance that the intended offer is accepted.")
    expected_value: float | None = Field(description="Gain of the intended contact, currency units.")
    probability: float | None = Field(description="Of the intended action under the policy.")
    arm_probability: float | None = Field(description="Of the customer's arm.")
    message_probability: float | None = Field(description="Of the wording.")
    price: float = Field(ge=0, description="λ that it was decided at.")
    policy: str = Field(description="Who decided.")
    model_version: str = Field(description="Version of the predictors.")
    code_version: str = Field(description="Of code, settings and bank.")
    reasons: list[str] = Field(description="Why nothing was sent.")
    excluded: dict[str, list[str]] = Field(description="Offers that the gates closed, by per cent, and why.")
    valid_until: date | None = Field(description="Last day of the offer.")
    next_decision_at: datetime = Field(description="When a batch decides again.")
    outcomes: list[OutcomePart] = Field(description="What was reported of it.")
    money: MoneyPart | None = Field(description="null: nobody was contacted.")
    outbox: OutboxPart | None = Field(None, description="null: sent, withdrawn or never there.")
    explanation: ExplanationPart | None = Field(
        None, description="Why it was decided so; null: it was not asked for."
    )

"""A decision explained, written as a part of a response: money in currency units, shares in log-odds.

Personal as the decision itself: it says what was known of one customer.
"""

from typing import Literal

from pydantic import Field

from churn_saver.adapters import plain_words
from churn_saver.adapters.explanation_words import (
    change_words,
    in_units,
    none_found,
    price_words,
    summary,
)
from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS, Action
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.evidence.explanation import Change, Explanation, Kind, Option, Score, Value
from churn_saver.serve.responses import Part

KindWord = Literal["holdout", "draw", "waiting", "gates", "price", "churn_risk", "bill", "input"]
DifferenceWord = Literal["none", "holdout", "message_blocked", "withheld"]


class GatePart(Part):
    """What closed a choice."""

    reason: str = Field(description="Code, as in `excluded`.")
    sentence: str = Field(description="The same in plain words.")


class ChoicePart(Part):
    """One choice as it stood."""

    choice: int = Field(ge=0, le=len(OFFER_PERCENTS), description="0: no contact; 1 to 4: the offers.")
    offer_percentage: int | None = Field(description="Discount, per cent; null: no contact.")
    closed_by: list[GatePart] = Field(description="Gates and caps that removed it; empty: it was open.")
    expected_value: float | None = Field(
        description="Gain over never contacting, less expected cost, currency units; null: not known."
    )
    cost: float = Field(ge=0, description="Most that it can cost: what is held back, currency units.")
    worth: float | None = Field(description="expected_value − λ · cost, currency units.")


class SharePart(Part):
    """What one input does to a score."""

    name: str = Field(description="Of the input.")
    value: float | str | None = Field(description="As it was; null: it was not known.")
    log_odds: float = Field(description="What it adds to the margin.")


class ScorePart(Part):
    """One score; base + shares + rest = margin, which calibration turns into the probability."""

    name: str = Field(description="churn_risk, or accept_prob_0 to accept_prob_3 of a rested customer.")
    probability: float = Field(ge=0, le=1, description="Calibrated.")
    margin: float | None = Field(description="Raw log-odds, not calibrated; null: the caller sent the score.")
    base: float = Field(description="What the trees start from, log-odds.")
    shares: list[SharePart] = Field(description="The five largest, of either sign.")
    rest: float = Field(description="Sum of the others, log-odds.")


class ChangePart(Part):
    """A change that changes the decision, with everything else as it was; it was decided again."""

    kind: KindWord = Field(description="What is changed.")
    what: str = Field(description="Which input, or which gates.")
    before: float | str | None = Field(description="As it was.")
    after: float | str | None = Field(
        description="In its own unit: days, λ, a probability, currency units of the bill, the input's own."
    )
    choice: int = Field(ge=0, le=len(OFFER_PERCENTS), description="What it leads to.")
    sentence: str = Field(description="The same in plain words.")


class ExplanationPart(Part):
    """Why a decision was made as it was."""

    summary: str = Field(description="What was done and why, for somebody who reads nothing else.")
    done: int = Field(ge=0, le=len(OFFER_PERCENTS), description="Choice.")
    intended: int = Field(ge=0, le=len(OFFER_PERCENTS), description="Choice, before holdout and checks.")
    own: int = Field(ge=0, le=len(OFFER_PERCENTS), description="Choice of the policy, before exploration.")
    difference: DifferenceWord = Field(description="Why what was done need not be what was intended.")
    price: float = Field(ge=0, description="λ that this customer was decided at.")
    price_sentence: str = Field(description="What λ means.")
    choices: list[ChoicePart] = Field(description="All five.")
    scores: list[ScorePart] = Field(description="Empty: nothing scored.")
    missing_features: list[str] = Field(description="Inputs of the models that were not known.")
    probability: float | None = Field(description="Of the intended action under the policy.")
    arm_probability: float | None = Field(description="Of the customer's arm.")
    message_probability: float | None = Field(description="Of the wording; null: no message, or a live one.")
    headline: str = Field(description="The change to name first; or that there is none, and within what.")
    changes: list[ChangePart] = Field(description="The smallest of each kind, and of each input.")
    changes_are_of: Literal["done", "intended"] = Field(
        description="intended: nothing was to be done in any case, so changes are of what was intended; "
        "only `holdout` is of what is done."
    )


def to_explanation(found: Explanation) -> ExplanationPart:
    """Write an explanation."""
    first = found.headline
    return ExplanationPart.model_validate(
        {
            "summary": summary(found),
            "done": found.choice,
            "intended": found.intended,
            "own": found.own,
            "difference": found.difference.value,
            "price": found.price,
            "price_sentence": price_words(found),
            "choices": [_choice(option) for option in found.options],
            "scores": [_score(score) for score in found.scores],
            "missing_features": list(found.missing),
            "probability": found.probability,
            "arm_probability": found.arm_probability,
            "message_probability": found.message_probability,
            "headline": none_found(found) if first is None else change_words(first, found.of_intended),
            "changes": [_change(one, found.of_intended) for one in found.changes],
            "changes_are_of": "intended" if found.of_intended else "done",
        }
    )


def _choice(option: Option) -> ChoicePart:
    offer = Action.of_choice(option.choice).offer_idx
    return ChoicePart(
        choice=option.choice,
        offer_percentage=None if option.choice == NO_CONTACT else OFFER_PERCENTS[offer],
        closed_by=[GatePart(reason=word, sentence=plain_words.reason(word)) for word in option.closed_by],
        expected_value=in_units(option.gain_minor),
        cost=option.cost_minor / MINOR_PER_UNIT,
        worth=in_units(option.worth_minor),
    )


def _score(score: Score) -> ScorePart:
    shares = [SharePart(name=one.name, value=one.value, log_odds=one.log_odds) for one in score.shares]
    return ScorePart(
        name=score.name,
        probability=score.probability,
        margin=score.margin,
        base=score.base,
        shares=shares,
        rest=score.rest,
    )


def _change(change: Change, of_intended: bool) -> ChangePart:
    is_bill = change.kind is Kind.BILL
    values: list[Value] = [
        one / MINOR_PER_UNIT if is_bill and isinstance(one, float | int) else one
        for one in (change.before, change.after)
    ]
    return ChangePart.model_validate(
        {
            "kind": change.kind.value,
            "what": change.what,
            "before": values[0],
            "after": values[1],
            "choice": change.choice,
            "sentence": change_words(change, of_intended),
        }
    )

"""The shapes of answers: closed, every field always there and described."""

import pytest
from pydantic import BaseModel, ValidationError

from churn_saver.domain.action import OFFER_PERCENTS
from churn_saver.serve.responses import (
    DecisionPart,
    MetadataPart,
    OfferPart,
    PredictResponse,
    RetainResponse,
    SafetyPart,
)

SHAPES = (DecisionPart, MetadataPart, OfferPart, PredictResponse, RetainResponse, SafetyPart)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_field_is_described_and_always_there(shape: type[BaseModel]) -> None:
    """A caller never has to ask whether a name exists."""
    assert all(info.description for info in shape.model_fields.values())
    assert all(info.is_required() for info in shape.model_fields.values())
    assert shape.model_json_schema()["additionalProperties"] is False


def test_the_documented_names_are_the_names() -> None:
    """Of the two documented answers."""
    assert list(RetainResponse.model_fields) == ["decision", "offer", "message", "safety_flags", "metadata"]
    assert list(PredictResponse.model_fields) == ["decision", "message", "safety", "metadata"]
    assert {"churn_risk", "accept_prob", "expected_value"} <= set(MetadataPart.model_fields)
    assert list(SafetyPart.model_fields) == ["passed", "violations"]


def test_nan_is_refused() -> None:
    """A number that is none cannot leave even by mistake."""
    with pytest.raises(ValidationError, match="finite"):
        OfferPart(level=0, percentage=0, cost=float("nan"), valid_until=None)


def test_a_level_stands_on_the_ladder() -> None:
    """There are as many levels as offers."""
    with pytest.raises(ValidationError, match="level"):
        OfferPart(level=len(OFFER_PERCENTS), percentage=20, cost=1.0, valid_until=None)

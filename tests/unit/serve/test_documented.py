"""Examples of the OpenAPI document: the documented requests and answers, and valid ones."""

import json
from datetime import date
from typing import Any

import pytest

from churn_saver.domain.slots import Facts
from churn_saver.serve import documented
from churn_saver.serve.batches import BatchAnswer
from churn_saver.serve.documented import (
    BATCH_REQUESTS,
    CONTROL_REQUESTS,
    OUTCOME_REQUESTS,
    PREDICT_REQUESTS,
    RETAIN_REQUESTS,
    answer,
)
from churn_saver.serve.reports import (
    ControlAnswer,
    ControlRequest,
    EraseAnswer,
    OptOutAnswer,
    OutcomeAnswer,
    OutcomeRequest,
    ReplayAnswer,
    SuppressAnswer,
    TraceAnswer,
)
from churn_saver.serve.responses import PredictResponse, RetainResponse
from churn_saver.serve.tables import read_batch
from churn_saver.serve.wire import PredictRequest, RetainRequest
from churn_saver.shield import violations
from tests.builders import rules
from tests.serving import PREDICT, RETAIN


def example(path: str) -> Any:
    """Give the example of a path's answer."""
    content: Any = answer(path)[200]["content"]
    return content["application/json"]["examples"]["contact"]["value"]


def test_the_documented_requests_are_the_examples() -> None:
    """As the description of the service has them."""
    assert RETAIN_REQUESTS["event"]["value"] == RETAIN
    assert PREDICT_REQUESTS["customer"]["value"] == PREDICT


def test_every_example_is_accepted() -> None:
    """By the request that it stands at."""
    for entry in RETAIN_REQUESTS.values():
        assert RetainRequest.model_validate(entry["value"]).customer_id
    for entry in PREDICT_REQUESTS.values():
        assert PredictRequest.model_validate(entry["value"]).customer_id


@pytest.mark.parametrize(("path", "shape"), [("retain", RetainResponse), ("predict", PredictResponse)])
def test_the_documented_answers_have_the_shape_of_answers(path: str, shape: Any) -> None:
    """Every field is there and none besides."""
    assert set(shape.model_validate(example(path)).model_dump()) == set(example(path))


def test_the_documented_figures_stand_in_the_example() -> None:
    """Level 2, 10 %, .73, .68 and 45.23, as the description has them."""
    found = example("predict")

    assert found["decision"]["contact"] is True
    assert (found["decision"]["offer_level"], found["decision"]["offer_percentage"]) == (2, 10)
    assert (found["decision"]["delay_days"], found["decision"]["estimated_retention_prob"]) == (0, 0.73)
    stated = Facts("Sam", 12, 10, "month-to-month", date(2026, 1, 29))
    assert violations(found["message"], stated, rules().shield) == ()
    assert found["safety"] == {"passed": True, "violations": []}
    metadata = found["metadata"]
    assert (metadata["churn_risk"], metadata["accept_prob"], metadata["expected_value"]) == (
        0.68,
        0.73,
        45.23,
    )


def test_the_requests_of_operators_are_valid() -> None:
    """Each as the route takes it."""
    for entry in OUTCOME_REQUESTS.values():
        assert OutcomeRequest.model_validate(entry["value"]).happened_at
    for entry in CONTROL_REQUESTS.values():
        assert ControlRequest.model_validate(entry["value"])
    for entry in BATCH_REQUESTS.values():
        assert len(read_batch(json.dumps(entry["value"]).encode()).customers) == 2


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("batch", BatchAnswer),
        ("outcomes", OutcomeAnswer),
        ("suppress", SuppressAnswer),
        ("opt-out", OptOutAnswer),
        ("erase", EraseAnswer),
        ("control", ControlAnswer),
        ("decision", TraceAnswer),
        ("replay", ReplayAnswer),
    ],
)
def test_the_answers_to_operators_have_the_shape_of_answers(name: str, shape: Any) -> None:
    """Every field is there and none besides."""
    content: Any = documented.example(name)[200]["content"]
    value = content["application/json"]["examples"][name]["value"]

    assert set(shape.model_validate(value).model_dump()) == set(value)

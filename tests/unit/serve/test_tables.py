"""A table as a body: what cannot be used is named, and looked for no longer than it takes to say so."""

import json

import pytest
from fastapi.exceptions import RequestValidationError

from churn_saver.serve.tables import MOST_NAMES, read_batch
from churn_saver.serve.wire import PredictRequest


def test_a_table_is_read_row_by_row() -> None:
    """In its order, under the names that a request may use; a customer has fewer fields than are let in."""
    rows = [
        {"customer_id": f"C{number}", "Tenure": number, "Monthly Charges": 20 + number}
        for number in (3, 1, 2)
    ]
    found = read_batch(json.dumps({"customers": rows}).encode())

    assert [one.customer_id for one in found.customers] == ["C3", "C1", "C2"]
    assert [one.model_dump()["monthly_spend"] for one in found.customers] == [23, 21, 22]
    assert len(PredictRequest.model_fields) < MOST_NAMES


def test_no_more_faults_are_looked_for_than_are_shown() -> None:
    """1,000 rows with 50 unknown names each: one row is enough for a full answer, the others stay unread."""
    row = {f"field_{number}": number for number in range(50)}
    with pytest.raises(RequestValidationError) as refused:
        read_batch(json.dumps({"customers": [row] * 1_000}).encode())

    # 50 unknown names, and the three fields that are missing: customer_id, tenure, monthly charges.
    assert len(refused.value.errors()) == 53
    assert {error["loc"][:3] for error in refused.value.errors()} == {("body", "customers", 0)}


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"customers": [{f"field_{number}": 0 for number in range(61)}] * 30}, 21),
        ({"customers": [5], **{f"field_{number}": 0 for number in range(60)}}, 1),
        ({"customers": [0] * 600_002}, 1),
        ({"customers": [[]] * 100_001}, 1),
        ({"customers": [{}] * 100_001}, 1),
    ],
)
def test_what_no_table_can_be_is_one_fault(body: object, faults: int) -> None:
    """More names than a customer has fields, more signs than 10,000 customers have: too many, and no list."""
    with pytest.raises(RequestValidationError) as refused:
        read_batch(json.dumps(body, separators=(",", ":")).encode())

    assert [error["type"] for error in refused.value.errors()] == ["too_long"] * faults

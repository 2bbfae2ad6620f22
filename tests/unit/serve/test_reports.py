"""What operators and reporting systems send: strict, with moments that have a zone."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from churn_saver.serve.reports import ControlRequest, OutcomeRequest

OUTCOME = {"decision_id": "0" * 32, "outcome": "accepted"}


def test_a_moment_is_taken_in_utc() -> None:
    """Whatever its zone; none is none."""
    found = OutcomeRequest.model_validate(OUTCOME | {"happened_at": "2026-03-02T12:00:00-05:00"})

    assert found.happened_at == datetime(2026, 3, 2, 17, tzinfo=UTC)
    assert OutcomeRequest.model_validate(OUTCOME).happened_at is None


@pytest.mark.parametrize(
    "raw", [0, 1.5, True, "", "now", "2026-03-02", "2026-03-02T12:00:00", "9999-12-31T23:59:59-12:00"]
)
def test_what_is_no_moment_is_refused(raw: object) -> None:
    """A number of seconds, a moment without a zone, one that no calendar of ours holds in UTC."""
    with pytest.raises(ValidationError, match="happened_at"):
        OutcomeRequest.model_validate(OUTCOME | {"happened_at": raw})


@pytest.mark.parametrize("body", [{}, {"stopped": True}, {"stopped": "true", "baseline": False}, {"stop": 1}])
def test_both_switches_are_named(body: dict[str, object]) -> None:
    """As true or false, nothing that could be taken for it."""
    with pytest.raises(ValidationError, match=r"baseline|stopped"):
        ControlRequest.model_validate(body)

"""Whether a service has everything it was configured with."""

import pytest

from churn_saver.serve.readiness import Readiness


@pytest.mark.parametrize(("codes", "status"), [((), "ready"), (("bank_unavailable",), "degraded")])
def test_less_than_everything_is_degraded(codes: tuple[str, ...], status: str) -> None:
    """It serves either way."""
    assert Readiness((), "knapsack", "told", "none", None, codes).status == status

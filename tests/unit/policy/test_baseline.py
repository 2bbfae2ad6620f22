"""The rule behind FORCE_BASELINE."""

from dataclasses import replace

import numpy as np
import pytest

from churn_saver.domain.action import Reason
from churn_saver.domain.customer import Customers
from churn_saver.errors import InputError
from churn_saver.policy.baseline import offer_at_most, propensity_rule

NAN = float("nan")
LOW = int(Reason.BELOW_THRESHOLD)


def customers(tenure: list[float], contract: list[float]) -> Customers:
    """Write customers of whom only tenure and contract are known."""
    n = len(tenure)
    blank = np.full(n, np.nan)
    fields = {
        "tenure_months": np.array(tenure, dtype=np.float32),
        "contract_type": np.array(contract, dtype=np.float32),
    }
    return Customers(
        ids=[f"C{i}" for i in range(n)], names=[None] * n, bill_minor=np.full(n, 5_000), fields=fields,
        churn_risk=blank, contacts_last_7d=blank, days_since_last_contact=blank,
        time_zones=[None] * n, countries=[None] * n, channels=[None] * n, opted_in=[None] * n,
    )  # fmt: skip


def test_a_score_decides_strictly_above_the_threshold() -> None:
    """.5 is not above .5; tenure and contract do not matter when there is a score."""
    who = customers([1, 1, 60], [0, 0, 2])

    choice, reasons = propensity_rule(
        who, np.array([0.5, 0.51, 0.9]), np.ones((3, 5), dtype=np.bool_), 0.5, 10
    )

    assert choice.tolist() == [0, 3, 3]
    assert choice.dtype == np.int8
    assert reasons.tolist() == [LOW, 0, 0]


def test_without_a_score_new_month_to_month_customers_are_contacted() -> None:
    """Tenure of at most 12 months and contract 0; what was not sent counts as no."""
    who = customers([12, 13, 5, NAN, 5], [0, 0, 1, 0, NAN])

    choice, reasons = propensity_rule(who, np.full(5, NAN), np.ones((5, 5), dtype=np.bool_), 0.5, 5)

    assert choice.tolist() == [2, 0, 0, 0, 0]
    assert reasons.tolist() == [0, LOW, LOW, LOW, LOW]


def test_fields_nobody_sent_contact_nobody() -> None:
    """No column at all is the same as no value."""
    who = customers([1], [0])
    bare = replace(who, fields={})

    choice, reasons = propensity_rule(bare, np.array([NAN]), np.ones((1, 5), dtype=np.bool_), 0.5, 10)

    assert (choice.tolist(), reasons.tolist()) == ([0], [LOW])


def test_the_next_lower_open_offer_is_taken() -> None:
    """10 % closed: 5 %, then 0 %, then nothing; a higher one is never given."""
    allowed = np.array([[1, 1, 1, 0, 1], [1, 1, 0, 0, 1], [1, 0, 0, 0, 1]], dtype=np.bool_)

    choice, reasons = propensity_rule(customers([1] * 3, [0] * 3), np.full(3, 0.9), allowed, 0.5, 10)

    assert choice.tolist() == [2, 1, 0]
    assert reasons.tolist() == [0, 0, 0]


def test_an_offer_off_the_ladder_is_refused() -> None:
    """7 % is no offer."""
    with pytest.raises(InputError, match="offer_pct is 7, wanted one of"):
        propensity_rule(customers([1], [0]), np.array([0.9]), np.ones((1, 5), dtype=np.bool_), 0.5, 7)


@pytest.mark.parametrize(
    ("offers", "pct", "choice"),
    [
        ([1, 1, 1, 1], 10, 3), ([1, 1, 0, 1], 10, 2), ([1, 0, 0, 1], 15, 4), ([0, 0, 0, 1], 10, 0),
        ([1, 0, 0, 0], 0, 1), ([0, 1, 1, 1], 0, 0),
    ],
)  # fmt: skip
def test_the_offer_or_the_next_lower_one_is_taken(offers: list[int], pct: int, choice: int) -> None:
    """Never a higher one, whatever is open there."""
    allowed = np.array([[1, *offers]], dtype=np.bool_)

    assert offer_at_most(allowed, pct).tolist() == [choice]

"""The optimum's limits and its proof."""

from dataclasses import replace

import numpy as np
import pytest

from churn_saver.errors import InputError
from churn_saver.policy.optimum.certificate import Limits, Optimum

KNOWN = Optimum(
    Limits(800.0, 0.02),
    value=1_490.0,
    never_value=1_000.0,
    spend=800.0,
    over_cap=0.02,
    price=2.0,
    over_cap_price=100.0,
    bound=1_500.0,
    rounds=7,
    prices=np.array([[np.inf, np.inf]]),
    weights=np.ones((1, 1)),
)


def test_gain_and_gap_by_hand() -> None:
    """490 over never; at most 500 can be had: 10 of them are not proven, 2 %."""
    assert KNOWN.gain == 490.0
    assert KNOWN.gap == pytest.approx(0.02)


def test_where_nothing_can_be_gained_the_gap_is_closed() -> None:
    """Never contacting is the optimum, to rounding: a share of nothing would be no number."""
    nothing = replace(KNOWN, value=1_000.0, bound=1_000.0 + 1e-10)

    assert nothing.gap == 0.0


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_a_budget_that_is_none_is_refused(bad: float) -> None:
    """By name, before any work."""
    with pytest.raises(InputError, match=r"budget_per_customer is .* minor units, wanted a finite number ab"):
        Limits(bad)


@pytest.mark.parametrize("bad", [-0.01, float("nan"), float("inf")])
def test_a_tolerance_that_is_none_is_refused(bad: float) -> None:
    """0 is a tolerance, and none at all is the mask."""
    assert Limits(1.0, 0.0).over_cap == 0.0
    with pytest.raises(InputError, match=r"over_cap_tolerance is .* contacts per customer, wanted a finite"):
        Limits(1.0, bad)

"""The figures by which policies are compared."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.errors import InputError
from churn_saver.policy.dynamics import Floats
from churn_saver.policy.evaluation import Evaluation
from churn_saver.policy.scores import (
    Scores,
    Yardstick,
    gain_percent,
    paired_interval,
    regret_percent,
)

YARDSTICK = Yardstick(never=1000.0, optimum=1200.0, dual=1201.0, price=2.0, budget=80.0)


def evaluated(
    reward: list[float], spend: list[float], over_cap: float = 0.0, slack: float = 0.0
) -> Evaluation:
    """Give the result of an evaluation with these rewards and spends."""
    zeros: Floats = np.zeros(len(reward))
    return Evaluation(
        np.array(reward),
        np.array(spend),
        zeros + over_cap,
        zeros,
        zeros,
        zeros,
        zeros,
        zeros,
        zeros + slack,
        0,
    )


def test_a_thrifty_policy_by_hand() -> None:
    """R = 1150, C = 70 of 80: gain 150/200 = 75 %; priced 1150 + 2·10 = 1170, short 31 of 200: 15.5 %."""
    result = Scores.of(evaluated([1100.0, 1200.0], [60.0, 80.0]), YARDSTICK)

    assert result == Scores(feasible=True, gain_pct=75.0, regret_pct=15.5, spend=70.0, over_cap=0.0)


def test_an_overspender_gains_more_and_regrets_it() -> None:
    """R = 1210 at C = 95: gain 105 %; priced 1210 − 2·15 = 1180, short 21 of 200: 10.5 %, not feasible."""
    evaluation = evaluated([1210.0], [95.0])

    assert gain_percent(evaluation, YARDSTICK.optimum, YARDSTICK.never) == pytest.approx(105.0)
    assert regret_percent(evaluation, YARDSTICK) == pytest.approx(10.5)
    assert not Scores.of(evaluation, YARDSTICK).feasible


@pytest.mark.parametrize(
    ("spend", "over_cap", "slack", "limit", "feasible"),
    [
        (80.0, 0.0, 0.0, 0.0, True),
        (80.0 + 1e-8, 0.0, 0.0, 0.0, True),
        (80.001, 0.0, 0.0, 0.0, False),
        (79.0, 0.0, 2.0, 0.0, False),
        (79.0, 0.01, 0.0, 0.0, False),
        (79.0, 0.01, 0.0, 0.02, True),
    ],
)
def test_feasible_is_within_both_limits_whatever_was_pruned(
    spend: float, over_cap: float, slack: float, limit: float, *, feasible: bool
) -> None:
    """Rounding of a billionth is forgiven, slack and contacts above the cap are not."""
    assert Scores.of(evaluated([1100.0], [spend], over_cap, slack), YARDSTICK, limit).feasible is feasible


def test_a_paired_interval_by_hand() -> None:
    """Differences 1, 2, 3, 6: mean 3, variance 14/3, error √(14/12); 1.959964 of them either way."""
    interval = paired_interval(np.array([2.0, 4.0, 6.0, 10.0]), np.array([1.0, 2.0, 3.0, 4.0]))

    half = 1.959963984540054 * (14 / 12) ** 0.5
    assert (interval.mean, interval.low, interval.high) == pytest.approx((3.0, 3.0 - half, 3.0 + half))


@given(st.integers(0, 1_000), st.floats(0.5, 0.98))
def test_a_paired_interval_turns_with_its_sides_and_widens_with_its_level(seed: int, level: float) -> None:
    """Turned round it is the mirror image; what all customers share drops out."""
    a, b = np.random.default_rng(seed).normal(size=(2, 20))
    interval, mirrored = paired_interval(a, b, level), paired_interval(b, a, level)
    wider = paired_interval(a + 7.0, b + 7.0, level + 0.01)

    assert (mirrored.low, mirrored.high) == pytest.approx((-interval.high, -interval.low))
    assert wider.low < interval.low < interval.mean < interval.high < wider.high


def test_what_cannot_be_compared_is_refused() -> None:
    """A yardstick without room, and numbers of other customers."""
    with pytest.raises(InputError, match=r"the optimum is 1000\.0 and never contacting 1000\.0, wanted"):
        replace(YARDSTICK, optimum=1000.0)
    with pytest.raises(InputError, match=r"the optimum is nan and never contacting 0\.0"):
        gain_percent(evaluated([1.0], [1.0]), float("nan"), 0.0)
    with pytest.raises(InputError, match=r"the yardstick holds .*nan.*, wanted finite numbers"):
        replace(YARDSTICK, dual=float("nan"))
    with pytest.raises(InputError, match=r"the price is -1\.0 and the budget 80\.0, wanted 0 or more"):
        replace(YARDSTICK, price=-1.0)
    with pytest.raises(InputError, match=r"a has shape \(3,\) and b \(2,\), wanted one number for each"):
        paired_interval(np.zeros(3), np.zeros(2))
    with pytest.raises(InputError, match=r"a has shape \(1,\) and b \(1,\)"):
        paired_interval(np.zeros(1), np.zeros(1))
    with pytest.raises(InputError, match=r"level is 95, wanted a share between 0 and 1"):
        paired_interval(np.zeros(3), np.zeros(3), 95)

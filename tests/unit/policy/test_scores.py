"""The figures by which policies are compared."""

from dataclasses import replace

import numpy as np
import pytest

from churn_saver.errors import InputError
from churn_saver.policy.dynamics import Floats
from churn_saver.policy.evaluation import Evaluation
from churn_saver.policy.scores import (
    Scores,
    Yardstick,
    gain_percent,
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


def test_what_cannot_be_compared_is_refused() -> None:
    """A yardstick without room, and numbers that are none."""
    with pytest.raises(InputError, match=r"the optimum is 1000\.0 and never contacting 1000\.0, wanted"):
        replace(YARDSTICK, optimum=1000.0)
    with pytest.raises(InputError, match=r"the optimum is nan and never contacting 0\.0"):
        gain_percent(evaluated([1.0], [1.0]), float("nan"), 0.0)
    with pytest.raises(InputError, match=r"the yardstick holds .*nan.*, wanted finite numbers"):
        replace(YARDSTICK, dual=float("nan"))
    with pytest.raises(InputError, match=r"the price is -1\.0 and the budget 80\.0, wanted 0 or more"):
        replace(YARDSTICK, price=-1.0)

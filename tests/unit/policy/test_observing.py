"""States as a policy sees them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.observing import observations
from churn_saver.policy.population import Population
from churn_saver.policy.state import FULL, States
from tests.tiny_campaigns import ENV, campaign

HALF = Population(np.zeros(2), np.array([[0.1, 0.2, 0.3, 0.4]] * 2), np.array([8_999, 4_000]))
"""Two customers who leave with even odds at the usual level."""


def state(**changes: int) -> States:
    """Give one state: day 40, usual level, nothing done; but for the named numbers."""
    plain = {"customer": 0, "day": 40, "level": 1, "protection": 0, "wait": 0, "fatigue": 0, "units": 6}
    return States(**{name: np.array([value]) for name, value in (plain | changes).items()})


def seen(states: States, dynamics: Dynamics | None = None) -> dict[str, float]:
    """Name the columns of the first row."""
    row = observations(dynamics or Dynamics.of(HALF, ENV), states)[0]
    return dict(zip(FULL, row.tolist(), strict=True))


def test_one_row_by_hand() -> None:
    """A contact three days ago, accepted at 10 %: 21 of 24 days protected, 4 of 6 units left.

    Risk: 21 days at a quarter of the hazard, 9 at the whole, ln 2 a month: 1 − .5^(21/120 + 9/30).
    Day 40 is the tenth of its period (counted from 0), and 50 of 90 days are left.
    """
    row = seen(state(protection=21, wait=4, fatigue=1, units=4))

    expected = {
        "churn_risk": 1 - 0.5 ** (21 / 120 + 9 / 30),
        "accept_prob_0": 0.1,
        "accept_prob_1": 0.2,
        "accept_prob_2": 0.3,
        "accept_prob_3": 0.4,
        "budget_remaining": 4 / 6,
        "days_since_contact": 3.0,
        "cooldown_active": 1.0,
        "fatigue_count": 1.0,
        "value": 89.99,
        "time_left": 50 / 90,
        "protection_left": 21.0,
        "day_in_period": 10.0,
        "risk_shift": 0.0,
    }
    assert row == pytest.approx(expected, rel=1e-6)


def test_at_another_level_the_risk_and_its_shift_move_together() -> None:
    """Level 'shock' adds 2.4 to the logit: 1 / (1 + e^−2.4)."""
    row = seen(state(level=3))

    assert row["churn_risk"] == pytest.approx(1 / (1 + np.exp(-2.4)), rel=1e-6)
    assert row["risk_shift"] == pytest.approx(2.4)
    assert row["cooldown_active"] == 0.0
    assert row["days_since_contact"] == 7.0


def test_more_than_thirty_protected_days_are_a_month() -> None:
    """A risk is over 30 days: day 31 is not in it."""
    long = Dynamics.of(HALF, ENV.model_copy(update={"protected_days": (8, 16, 24, 60)}))

    assert seen(state(protection=60), long)["churn_risk"] == seen(state(protection=30), long)["churn_risk"]


def test_who_surely_stays_or_surely_leaves_has_a_finite_risk() -> None:
    """The risk stays inside, so its logit is a number; an allowance of nothing is none left."""
    dynamics = campaign(n=2, allowance_units=0)
    survival = np.array(dynamics.survival)
    survival[:, 0], survival[:, 1] = 1.0, 0.0
    extreme = replace(dynamics, survival=survival)

    assert seen(state(units=0), extreme)["churn_risk"] == pytest.approx(1e-6)
    assert seen(state(customer=1, units=0), extreme)["churn_risk"] == pytest.approx(1 - 1e-6)
    assert seen(state(units=0), extreme)["budget_remaining"] == 0.0


@given(st.integers(0, 10_000), st.integers(1, 20))
def test_a_row_has_the_same_bits_alone_and_among_others(seed: int, m: int) -> None:
    """Finite, and not a function of who stands beside it."""
    dynamics, rng = campaign(n=3), np.random.default_rng(seed)
    tops = {"customer": 3, "day": 90, "level": 4, "protection": 31, "wait": 8, "fatigue": 3, "units": 7}
    many = States(**{name: rng.integers(0, top, m) for name, top in tops.items()})

    together = observations(dynamics, many)

    one = States(**{name: getattr(many, name)[-1:] for name in tops})
    assert together.shape == (m, 14)
    assert together.dtype == np.float32
    assert np.all(np.isfinite(together))
    assert observations(dynamics, one)[0].tolist() == together[-1].tolist()

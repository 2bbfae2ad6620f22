"""What one contact gains in any state."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.policy.contact_gains import contact_costs, contact_gains, gain_of_contact
from churn_saver.policy.dynamics import Dynamics, never_contacted
from churn_saver.policy.evaluation import evaluate
from churn_saver.policy.levels import RiskLevels
from churn_saver.policy.reward import contact_values
from churn_saver.policy.state import Decisions, States
from tests.tiny_campaigns import ENV, campaign, one_level, population, tiny


def at(n: int, day: int = 0, level: int = 0, protection: int = 0, fatigue: int = 0) -> States:
    """Put customers 0..n−1 into one state."""
    full = (np.full(n, x) for x in (day, level, protection, 0, fatigue, 6))
    return States(np.arange(n), *full)


def gains(dynamics: Dynamics, states: States) -> np.ndarray:
    """Give the gains with the values of the campaign."""
    return contact_gains(dynamics, never_contacted(dynamics), states)


def test_one_day_by_hand() -> None:
    """One day left: U = .81·6100 = 4941, protected .9·6100 = 5490, .9 stay, half accept.

    .9·.5·(5490 − 4941 − discount) − .1·4941 − 100 = 247.05 − .45·discount − 594.1.
    Costs 100 + .45·discount.
    """
    dynamics = one_level(horizon_days=1)
    discounts = np.array([0.0, 150.0, 300.0, 450.0])

    assert gains(dynamics, at(1))[0] == pytest.approx(-347.05 - 0.45 * discounts, abs=1e-9)
    assert contact_costs(dynamics, at(1))[0] == pytest.approx(100 + 0.45 * discounts, abs=1e-9)


def test_protection_that_is_there_is_worth_less_twice() -> None:
    """With two days left and both protected, an acceptance adds nothing: only losses stay.

    U = .9·(100 + .9·6100) = 5031; gain −.45·discount − .1·5031 − 100.
    """
    protected = gains(one_level(horizon_days=2), at(1, protection=2))[0]

    assert protected == pytest.approx(-603.1 - 0.45 * np.array([0.0, 150.0, 300.0, 450.0]), abs=1e-9)


def test_one_gain_for_use_in_loops() -> None:
    """stays·[a(U' − cost) + (1 − a)·U] − U − contact: .9·(.5·(5490 − 300) + .5·4941) − 4941 − 100."""
    assert gain_of_contact(4941.0, 5490.0, 0.5, 0.9, 300.0, 100.0) == pytest.approx(-482.05, abs=1e-9)


@pytest.mark.parametrize(("fatigue", "protection"), [(0, 0), (1, 0), (2, 0), (0, 5), (1, 20), (2, 30)])
@pytest.mark.parametrize(("level", "day"), [(0, 0), (1, 13), (2, 60), (3, 89)])
def test_the_service_values_a_contact_the_same(fatigue: int, protection: int, level: int, day: int) -> None:
    """Seen customers who are at a level, protected or not: to 1e-9 of what a customer is worth."""
    people = population(40, seed=2)
    dynamics = Dynamics.of(people, ENV)
    shift = RiskLevels.of(ENV).shifts[level]
    usual, now = (1.0 / (1.0 + np.exp(-(people.usual_logit + x))) for x in (0.0, shift))
    days_left = ENV.horizon_days - day

    served = contact_values(
        now, usual, people.accept, np.full(40, float(fatigue)), people.bill_minor, days_left, ENV,
        np.full(40, protection),
    )  # fmt: skip

    states = at(40, day, level, protection, fatigue)
    worth = never_contacted(dynamics)[:, day, protection, level]
    ours = gains(dynamics, states)
    assert np.max(np.abs(ours - served.gain[:, 1:]) / worth[:, None]) < 1e-9
    costs = dynamics.contact_cost_minor + dynamics.stays[fatigue] * (
        served.accept_effective * dynamics.offer_cost_minor
    )
    assert contact_costs(dynamics, states) == pytest.approx(costs, rel=1e-12)


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.integers(0, 3))
def test_the_gain_is_what_an_evaluation_finds(seed: int, offer: int) -> None:
    """Contacting all on day 0 and never again, less never contacting; looks are free here."""
    dynamics = replace(tiny(seed, horizon_days=9, cooldown_days=0), decision_cost_minor=0.0)

    def policy(states: States) -> Decisions:
        m = len(states)
        return Decisions.sure(states.day == 0, np.full(m, offer), np.full(m, 2))

    never = never_contacted(dynamics)
    by_level = [gains(dynamics, at(2, level=level))[:, offer] for level in range(dynamics.n_levels)]

    apart = evaluate(dynamics, policy).reward - never[:, 0, 0] @ dynamics.start
    assert apart == pytest.approx(np.stack(by_level, axis=1) @ dynamics.start, rel=1e-9, abs=1e-8)


def test_no_state_is_no_gain() -> None:
    """Nothing in, nothing out."""
    dynamics = campaign(2)
    nobody = at(0)

    assert gains(dynamics, nobody).shape == contact_costs(dynamics, nobody).shape == (0, 4)

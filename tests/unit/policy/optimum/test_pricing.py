"""The best plan of a customer at a price."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.errors import InputError
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.levels import RiskLevels
from churn_saver.policy.optimum.pricing import best_plans, best_values
from churn_saver.policy.reward import contact_values
from tests.best_plans import Recursion, lively
from tests.tiny_campaigns import ENV, campaign, one_level, population, tiny

THREE = {"levels": {"a": -1.0, "usual": 0.0, "b": 1.0}, "transitions": ((0.7, 0.2, 0.1),) * 3}
SIX = {
    "levels": {"a": -1.0, "usual": 0.0, "b": 0.5, "c": 1.0, "d": 1.5, "e": 3.0},
    "transitions": tuple(tuple(row) for row in (np.eye(6) * 0.4 + 0.1).tolist()),
}


def never(dynamics: Dynamics) -> Dynamics:
    """Take away every contact."""
    return replace(dynamics, contact_cap=0, max_fatigue=0)


def test_two_days_by_hand() -> None:
    """81 % survive a day, 90 % protected; 100 a day, 6000 at the end; a look costs 5, half accept.

    Never, one look: 100·(.81 + .6561) + 6000·.6561 − 5 = 4078.21.
    5 % of 30.00 protects both days, so no larger offer can be better: accepted 100·(.9 + .81) + 4860
    − 150 = 4881, refused 4083.21. With one in ten annoyed .9·(4881 + 4083.21)/2 − 100 − 5 = 3928.8945:
    never is better. Where nobody leaves for it: (4881 + 4083.21)/2 − 105 = 4377.105.
    A second look on day 1, .9 come to it protected and .81 not: 5 each, and to those not a message
    alone brings (.9·6100 + .81·6100)/2 − 100 − .81·6100 = 174.5.
    """
    annoying = one_level()
    nobody_leaves = replace(annoying, stays=np.ones_like(annoying.stays))

    assert best_values(annoying, 0.0).tolist() == pytest.approx([4078.21], abs=1e-9)
    assert best_plans(annoying, 0.0).spend.tolist() == [0.0]
    plan = best_plans(nobody_leaves, 0.0)
    assert plan.reward.tolist() == pytest.approx(
        [4377.105 - 0.5 * 0.9 * 5 + 0.5 * 0.81 * (174.5 - 5)], abs=1e-9
    )
    assert plan.spend.tolist() == pytest.approx([100 + 0.5 * 150 + 0.5 * 0.81 * 100], abs=1e-9)


@pytest.mark.parametrize(
    ("seed", "changes"),
    [
        (8, {}),
        (5, {"decision_cost": 0.0, "annoyance": 0.0}),
        (5, {"cooldown_days": 0, "per_period": 2, "horizon_days": 5}),
        (0, {"cooldown_days": 8, "horizon_days": 11}),
        (0, {"allowance_units": 0}),
        (1, {"horizon_days": 1}),
        (8, {"protected_days": (20, 30, 40, 50), "horizon_days": 9}),
        (1, {"annoyance": 0.02}),
        (5, {"cooldown_days": 1, "per_period": 3, "contact_cost": 0.0, "horizon_days": 6}),
        (1, {"decision_cost": 30.0}),
        (5, {**THREE, "horizon_days": 5}),
        (5, {**SIX, "horizon_days": 4}),
    ],
)
@pytest.mark.parametrize("over_cap_price", [None, 0.0, 40.0])
def test_the_value_equals_a_plain_recursion(
    seed: int, changes: dict[str, Any], over_cap_price: float | None
) -> None:
    """Every action in every state, looks inside the cooldown too; cap as a mask and as a price."""
    dynamics = lively(seed, **changes)

    for price in (0.0, 0.7):
        values = best_values(dynamics, price, over_cap_price)
        plans = best_plans(dynamics, price, over_cap_price)

        assert np.any(plans.spend > 0.0)
        expected = [Recursion(dynamics, c, price, over_cap_price).value() for c in range(len(dynamics))]
        assert values.tolist() == pytest.approx(expected, rel=1e-12, abs=1e-9)
        held = plans.reward - price * plans.spend - (over_cap_price or 0.0) * plans.over_cap
        assert held.tolist() == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_a_cap_of_nothing_leaves_everybody_alone() -> None:
    """Where no contact is open, the value is that of the recursion, and nothing is spent."""
    dynamics = lively(0, per_period=0)

    plans = best_plans(dynamics, 0.0)

    assert plans.spend.tolist() == [0.0, 0.0]
    assert plans.reward.tolist() == pytest.approx([Recursion(dynamics, c, 0.0).value() for c in (0, 1)])
    assert np.all(best_plans(dynamics, 0.0, 0.0).over_cap > 0.0)


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_one_contact_and_none_after_is_worth_what_the_reward_says(level: int) -> None:
    """Where a second look costs a fortune, the plan is now or never: another ruler, closed form in part.

    Eight days need one look; `contact_values` knows the gain of each offer from a seen risk and level.
    """
    env = ENV.model_copy(update={"horizon_days": 8, "decision_cost": 1e6, "annoyance": 0.0001})
    people = population(200, 3, env)
    dynamics = replace(Dynamics.of(people, env), start=np.eye(4)[level])
    usual = 1.0 / (1.0 + np.exp(-people.usual_logit))
    now = 1.0 / (1.0 + np.exp(-people.usual_logit - RiskLevels.of(env).shifts[level]))
    nobody = np.zeros(len(people))

    gain = contact_values(now, usual, people.accept, nobody, people.bill_minor, 8, env).gain

    over_never = best_values(dynamics, 0.0) - best_values(never(dynamics), 0.0)
    assert np.count_nonzero(gain.max(axis=1)) > 20
    assert over_never.tolist() == pytest.approx(gain.max(axis=1).tolist(), abs=1e-4)


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.floats(0.0, 5.0), st.floats(0.0, 5.0))
def test_a_higher_price_never_buys_more(seed: int, one: float, other: float) -> None:
    """Spend falls with the price; so does the value, and it is convex: a plan is a line below it."""
    dynamics = lively(seed)
    low, high = sorted((one, other))

    cheap, dear = best_plans(dynamics, low), best_plans(dynamics, high)

    assert np.all(dear.spend <= cheap.spend + 1e-9)
    assert np.all(dear.reward <= cheap.reward + 1e-9)
    assert np.all(best_values(dynamics, high) >= cheap.reward - high * cheap.spend - 1e-9)
    assert np.all(best_values(dynamics, low) >= dear.reward - low * dear.spend - 1e-9)


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_a_cap_that_is_a_price_can_only_help(seed: int) -> None:
    """At any price the plans within the cap are still there; at a huge one nothing else is."""
    dynamics = lively(seed)

    masked = best_values(dynamics, 0.3)

    assert np.all(best_values(dynamics, 0.3, 10.0) >= masked - 1e-9)
    assert best_values(dynamics, 0.3, 1e9).tolist() == pytest.approx(masked.tolist(), rel=1e-12)
    assert best_plans(dynamics, 0.3, 1e9).over_cap.tolist() == [0.0, 0.0]


def test_a_sure_thing_and_a_sleeping_dog_are_left_alone() -> None:
    """Who stays anyway, and who never accepts but leaves when annoyed, is not contacted at any price."""
    dynamics = campaign(n=3, seed=5, annoyance=0.05)
    survival, accept = np.array(dynamics.survival), np.array(dynamics.accept)
    survival[:, 0] = 1.0
    accept[0] = accept[2] = 0.9
    accept[1] = 0.0

    plans = best_plans(replace(dynamics, survival=survival, accept=accept), 0.0)

    assert plans.spend[:2].tolist() == [0.0, 0.0]
    assert plans.spend[2] > 0.0


def test_who_costs_nothing_is_left_alone_too() -> None:
    """A contact that changes nothing at all ties with idle, and idle comes first."""
    dynamics = replace(lively(2), contact_cost_minor=0.0, accept=np.zeros((2, 4)))
    harmless = replace(dynamics, stays=np.ones_like(dynamics.stays))

    assert best_plans(harmless, 0.0, 0.0).over_cap.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("bad", [-0.1, float("nan"), float("inf")])
def test_a_price_that_is_none_is_refused(bad: float) -> None:
    """Either price."""
    with pytest.raises(InputError, match=r"^price is .*, wanted a finite number of 0 or more"):
        best_plans(tiny(), bad)
    with pytest.raises(InputError, match=r"^over_cap_price is .*, wanted a finite number of 0 or more"):
        best_values(tiny(), 0.0, bad)


def test_a_cooldown_beyond_the_longest_delay_is_refused() -> None:
    """Nine days: no single delay reaches its end."""
    with pytest.raises(InputError, match=r"cooldown_days is 9, wanted at most 8: .*caps\.cooldown_days"):
        best_values(tiny(cooldown_days=9), 0.0)

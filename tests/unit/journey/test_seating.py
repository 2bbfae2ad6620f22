"""Who decides in a campaign, and at which price."""

from dataclasses import replace

import pytest

from churn_saver.domain.campaign import Caps
from churn_saver.errors import InputError
from churn_saver.journey import Decider, Rules, seated
from churn_saver.journey.seating import POLICY_NOT_CERTIFIED_HERE
from tests.builders import campaign, predictors, rules
from tests.trained import certificate, certified, served

RULES = rules()
POINTS = ((200.0, 7.0), (800.0, 3.0), (3_200.0, 1.0))
"""As `tests.trained.certificate` has them."""
PPO = Decider("ppo_price", served("full_price"))
EXACT = Decider("exact", exact_prices=POINTS)


def asking(decider: Decider) -> Rules:
    """Ask for a decider."""
    return replace(RULES, decider=decider)


def test_a_plain_rung_decides_at_the_campaigns_price() -> None:
    """Whatever the budget."""
    seat = seated(RULES, campaign(price=0.7, limit_minor=0), predictors())

    assert (seat.rules, seat.price, seat.degraded, seat.has_own_price) == (RULES, 0.7, (), False)


@pytest.mark.parametrize("decider", [PPO, EXACT])
@pytest.mark.parametrize(("customers", "price"), [(1, 3.0), (1_000, 3.0), (2_000, 32**0.5 - 1)])
def test_a_measured_policy_decides_at_its_own_price(decider: Decider, customers: int, price: float) -> None:
    """8,000.00 for 1,000 customers are 8.00 each, λ 3; for a table of 2,000 they are 4.00.

    That is half-way on a log scale: 1 + λ = √(8 · 4). A smaller table leaves the budget per customer as
    the campaign has it.
    """
    seat = seated(asking(decider), campaign(limit_minor=800_000, price=0.7), predictors(), customers)

    assert (seat.rung, seat.fault, seat.has_own_price) == (decider.rung, None, True)
    assert seat.price == pytest.approx(price, abs=1e-12)


@pytest.mark.parametrize("decider", [PPO, EXACT])
@pytest.mark.parametrize(
    ("limit", "covered"), [(0, False), (181_000, False), (182_000, True), (3_521_000, False)]
)
def test_elsewhere_the_knapsack_decides_at_the_campaigns_price(
    decider: Decider, limit: int, covered: bool
) -> None:
    """A tenth beyond 2.00 and 32.00 per customer is near: 200 / 1.1 = 181.8, 3,200 · 1.1 = 3,520."""
    seat = seated(asking(decider), campaign(limit_minor=limit, price=0.7), predictors())

    assert (seat.rung == decider.rung) is covered
    assert (seat.fault is None) is covered
    if not covered:
        assert (seat.rung, seat.price, seat.degraded) == ("knapsack", 0.7, (POLICY_NOT_CERTIFIED_HERE,))
        assert not seat.has_own_price
        assert "was measured at 2.00 to 32.00 per customer" in str(seat.fault)
        assert "make train-ppo" in str(seat.fault)


def test_a_table_larger_than_planned_can_leave_what_was_certified() -> None:
    """2,000.00 for 1,000 are 2.00 each; for 2,000 1.00."""
    given = campaign(limit_minor=200_000)

    assert seated(asking(PPO), given, predictors(), 1_000).degraded == ()
    assert seated(asking(PPO), given, predictors(), 2_000).degraded == (POLICY_NOT_CERTIFIED_HERE,)


def test_other_caps_and_other_days_are_another_campaign() -> None:
    """A policy knows its own; the exact one is worked out for any, as long as a delay ends the cooldown."""
    longer = campaign(limit_minor=800_000, horizon_days=60)
    stricter = campaign(limit_minor=800_000, caps=Caps(1, 2, 1, 7, 6))
    slower = campaign(limit_minor=800_000, caps=Caps(1, 2, 2, 9, 6))
    found = {
        decider.rung: [seated(asking(decider), one, predictors()).rung for one in (longer, stricter, slower)]
        for decider in (PPO, EXACT)
    }

    assert found == {"ppo_price": ["knapsack"] * 3, "exact": ["exact", "exact", "knapsack"]}


def test_a_policy_certified_nowhere_names_no_budget() -> None:
    """It was feasible at none."""
    policy = replace(served(), certificate=certificate(certified(800.0, 3.0, feasible=False)))
    seat = seated(asking(Decider("ppo", policy)), campaign(limit_minor=800_000), predictors())

    assert seat.rung == "knapsack"
    assert "measured at no budget per customer" in str(seat.fault)


def test_without_predictors_the_propensity_rule_decides_and_nothing_is_missed() -> None:
    """It needs no certificate."""
    seat = seated(asking(PPO), campaign(limit_minor=0, price=0.7), None)

    assert (seat.rung, seat.price, seat.degraded) == ("propensity_rule", 0.7, ())


@pytest.mark.parametrize("decider", [PPO, EXACT, Decider("knapsack")])
def test_without_a_campaign_nobody_is_contacted_by_whom_was_asked_for(decider: Decider) -> None:
    """There is no budget to hold against a certificate."""
    seat = seated(asking(decider), None, predictors())

    assert (seat.rung, seat.price, seat.degraded) == (decider.rung, 0.0, ())


def test_the_exact_policy_takes_no_large_table() -> None:
    """2,000 are taken; of one more it says what to do, before any work."""
    given = campaign(limit_minor=1_600_000)

    assert seated(asking(EXACT), given, predictors(), 2_000).rung == "exact"
    with pytest.raises(
        InputError, match=r"at most 2,000 customers at a time, the table has 2,001: set policy"
    ):
        seated(asking(EXACT), given, predictors(), 2_001)

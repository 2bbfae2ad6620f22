"""The campaign as numbers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.policy.dynamics import Dynamics, never_contacted
from churn_saver.policy.population import Population
from churn_saver.policy.reward import contact_values
from tests.tiny_campaigns import ENV, campaign, one_level, population, tiny


def test_the_shipped_numbers_by_hand() -> None:
    """A bill of 89.99 at even odds of leaving: money in minor units, a discount rounds up."""
    people = Population(np.zeros(2), np.full((2, 4), 0.5), np.array([8_999, 3_000]))

    d = Dynamics.of(people, ENV)

    assert (len(d), d.n_levels, d.horizon_days, d.period_days, d.max_protection) == (2, 4, 90, 30, 30)
    assert d.daily_margin_minor.tolist() == pytest.approx([8_999 / 30, 100.0])
    assert d.terminal_minor.tolist() == [53_994.0, 18_000.0]
    assert d.offer_cost_minor.tolist() == [[0, 450, 900, 1_350], [0, 150, 300, 450]]
    assert (d.contact_cost_minor, d.decision_cost_minor) == (100.0, 5.0)
    assert d.offer_units.tolist() == [0, 1, 2, 3]
    assert d.protected_days.tolist() == [8, 16, 24, 30]
    assert (d.allowance_units, d.cooldown_days, d.contact_cap) == (6, 7, 2)
    assert d.shifts.tolist() == [-0.8, 0.0, 1.2, 2.4]
    assert d.start.tolist() == pytest.approx([0.289, 0.578, 0.095, 0.037], abs=5e-4)


def test_a_contact_tires_by_hand() -> None:
    """Contacts on days 0, 7, 14, 21 and 28 of a period: 1 − .15 f accept, 1 − .003 (1 + f)² stay."""
    d = campaign()

    assert d.max_fatigue == 5
    assert d.rested.tolist() == pytest.approx([1.0, 0.85, 0.7, 0.55, 0.4, 0.25])
    assert d.stays.tolist() == pytest.approx([0.997, 0.988, 0.973, 0.952, 0.925, 0.892])


def test_daily_survival_by_hand() -> None:
    """Even odds of leaving in 30 days at the usual level: .5 stay; protected, a quarter of the hazard."""
    d = Dynamics.of(Population(np.zeros(2), np.full((2, 4), 0.5), np.full(2, 100)), ENV)

    assert d.survival.shape == (2, 2, 4)
    assert d.survival[0, 0, 1] ** 30 == pytest.approx(0.5)
    assert d.survival[1, 0, 1] ** 30 == pytest.approx(0.5**0.25)
    assert np.all(np.diff(d.survival, axis=2) < 0.0)
    assert np.all(d.survival[1] > d.survival[0])


@pytest.mark.parametrize(("cooldown", "most"), [(0, 30), (1, 30), (2, 15), (29, 2), (30, 1), (90, 1)])
def test_the_cooldown_limits_what_fits_into_a_period(cooldown: int, most: int) -> None:
    """One contact a day without a cooldown, then on every cooldown-th day; the cap is no larger."""
    d = campaign(cooldown_days=cooldown, per_period=40)

    assert (d.max_fatigue, d.contact_cap) == (most, most)
    assert len(d.rested) == len(d.stays) == most + 1


def test_chances_stay_chances() -> None:
    """However tired or annoyed: not below 0."""
    d = campaign(cooldown_days=1, fatigue_effect=1.0, annoyance=1.0)

    assert d.rested.tolist() == [1.0] + [0.0] * 30
    assert d.stays.tolist() == [0.0] * 31


def test_never_contacted_by_hand() -> None:
    """81 % survive a day, 90 % protected; 100 a day and 6000 at the end.

    Day 1: .81·6100 = 4941, protected .9·6100 = 5490.
    Day 0: .81·(100 + 4941) = 4083.21; one day left .9·5041 = 4536.9; two .9·(100 + 5490) = 5031.
    """
    values = never_contacted(one_level())

    assert values.shape == (1, 3, 5, 1)
    assert values[0, 2, :, 0].tolist() == [6000.0] * 5
    assert values[0, 1, :, 0].tolist() == pytest.approx([4941.0, 5490.0, 5490.0, 5490.0, 5490.0])
    assert values[0, 0, :, 0].tolist() == pytest.approx([4083.21, 4536.9, 5031.0, 5031.0, 5031.0])


def test_levels_move_after_the_day() -> None:
    """All move from the usual level to the ticket: day 0 is lived at the old level, day 1 at the new."""
    d = replace(tiny(1, horizon_days=2), transitions=np.array([[0.0, 1.0], [0.0, 1.0]]))
    usual, ticket = d.survival[0, 0]

    value = never_contacted(d)[0, 0, 0, 0]

    margin, terminal = d.daily_margin_minor[0], d.terminal_minor[0]
    assert value == pytest.approx(usual * (margin + ticket * (margin + terminal)))


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_protection_is_worth_what_the_reward_says(level: int) -> None:
    """An offer that is surely taken, costs the discount alone and annoys nobody: two rulers, one number."""
    env = ENV.model_copy(update={"annoyance": 0.0, "contact_cost": 0.0})
    people = replace(population(50, 2, env), accept=np.ones((50, 4)))
    d, places = Dynamics.of(people, env), people.usual_logit + env.levels[list(env.levels)[level]]
    risk, usual = 1 / (1 + np.exp(-places)), 1 / (1 + np.exp(-people.usual_logit))

    gain = contact_values(risk, usual, people.accept, np.zeros(50), people.bill_minor, 90, env).gain[:, 1:]

    values = never_contacted(d)[:, 0, :, level]
    expected = values[:, d.protected_days] - values[:, :1] - d.offer_cost_minor
    assert gain.ravel().tolist() == pytest.approx(expected.ravel().tolist(), abs=1e-4)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_protection_never_hurts_and_risk_always_does(seed: int) -> None:
    """Values rise with protected days and lie between nothing and surviving for sure."""
    d = tiny(seed)
    values = never_contacted(d)

    most = d.terminal_minor + d.horizon_days * d.daily_margin_minor
    assert np.all(np.diff(values, axis=2) >= -1e-9)
    assert np.all(values >= 0.0)
    assert np.all(values <= most[:, None, None, None] + 1e-9)

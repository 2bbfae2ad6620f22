"""What a trained policy is shown of customers, by hand and against the simulator."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.domain.campaign import Caps
from churn_saver.domain.customer import ContactHistory
from churn_saver.journey import Appraisal, appraise
from churn_saver.journey.observing import day_of, observed, seeable
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.observing import observations
from churn_saver.policy.population import Population
from churn_saver.policy.state import FULL, NINE, PRICE, Matrix, States
from tests.builders import NOON, campaign, customers, predictors, rules, situation

RULES = rules()
ALL = (*FULL, PRICE)


def appraised(risks: list[float], history: ContactHistory | None = None, **changes: Any) -> Appraisal:
    """Appraise customers of these risks in the plain campaign, a day after it began."""
    n = len(risks)
    known = ContactHistory.unseen(n) if history is None else history
    table = customers(n, churn_risk=np.array(risks), **changes.pop("table", {}))
    where = situation(n, history=known, campaign=campaign(**changes.pop("campaign", {})), **changes)
    return appraise(table, where, predictors(), RULES)


def shown(appraisal: Appraisal, names: tuple[str, ...] = ALL, price: float = 2.5) -> Matrix:
    """Show them in their own campaign."""
    assert appraisal.situation.campaign is not None
    return observed(appraisal, appraisal.situation.campaign, names, price, RULES.env)


def test_every_column_of_one_customer_by_hand() -> None:
    """At risk 0.6 where 0.5 is usual, 2 of 6 units used, one contact 3½ days ago, a day after the start.

    logit .6 = ln 1.5 = .405465, logit .5 = 0; 1 − 2/6 = .666667; 89 of 90 days left.
    """
    history = replace(
        ContactHistory.unseen(1), contacts_period=np.array([1]), days_since_contact=np.array([3.5]),
        units_used=np.array([2]), usual_risk=np.array([0.5]),
    )  # fmt: skip
    seen = shown(appraised([0.6], history))

    assert seen.dtype == np.float32
    np.testing.assert_allclose(
        seen,
        [[0.6, 0.1, 0.25, 0.5, 0.55, 2 / 3, 3, 1, 1, 89.99, 89 / 90, 0, 1, np.log(1.5), 2.5]],
        rtol=1e-6,
    )


def test_a_customer_never_seen_is_rested_whole_and_usual() -> None:
    """Never is the end of the cooldown; the allowance is whole; the score is the usual one."""
    seen = dict(zip(ALL, shown(appraised([0.6]))[0].tolist(), strict=True))

    assert (seen["days_since_contact"], seen["cooldown_active"], seen["fatigue_count"]) == (7, 0, 0)
    assert (seen["budget_remaining"], seen["risk_shift"], seen["protection_left"]) == (1, 0, 0)


def test_the_callers_own_figures_tighten() -> None:
    """Three contacts in 7 days, the last 2 days ago, by the caller; more than the store knows."""
    told = {"contacts_last_7d": np.array([3.0]), "days_since_last_contact": np.array([2.0])}
    seen = dict(zip(ALL, shown(appraised([0.6], table=told))[0].tolist(), strict=True))

    assert (seen["fatigue_count"], seen["days_since_contact"], seen["cooldown_active"]) == (3, 2, 1)


def test_the_allowance_is_a_fraction_whatever_was_used() -> None:
    """More used than a lowered cap allows is nothing left; no allowance is none left."""
    spent = replace(ContactHistory.unseen(1), units_used=np.array([4]))
    lowered, none = Caps(1, 2, 2, 7, 3), Caps(1, 2, 2, 7, 0)

    assert shown(appraised([0.6], spent, campaign={"caps": lowered}))[0, 5] == 0.0
    assert shown(appraised([0.6], campaign={"caps": none}))[0, 5] == 0.0


def test_the_day_counts_from_the_start_and_stays_in_the_campaign() -> None:
    """35 days and a bit after the start it is day 35, the sixth of the second period; at the end the last."""
    later = appraised([0.6], now=NOON + timedelta(days=34, hours=3))
    last = appraised([0.6], now=NOON + timedelta(days=88, hours=23))

    assert (day_of(later.situation), shown(later)[0, 12]) == (35, 5)
    assert (day_of(last.situation), round(float(shown(last)[0, 10] * 90))) == (89, 1)
    assert day_of(situation(campaign=None)) is None


def test_a_policy_sees_the_columns_it_was_made_for() -> None:
    """Nine, fourteen, or all with the price; the first ones are the same."""
    appraisal = appraised([0.6, 0.1])
    nine, full, priced = (shown(appraisal, names) for names in (NINE, FULL, ALL))

    assert (nine.shape, full.shape, priced.shape) == ((2, 9), (2, 14), (2, 15))
    np.testing.assert_array_equal(full[:, :9], nine)
    np.testing.assert_array_equal(priced[:, :14], full)


def test_nothing_is_seen_without_a_score_or_a_bill() -> None:
    """Row 1 has no score, row 2 no bill; a stand-in keeps every number finite."""
    appraisal = appraised([0.6, 0.6, 0.6], table={"bill_minor": np.array([8_999, 8_999, 0])})
    blind = replace(appraisal, churn_risk=np.array([0.6, np.nan, 0.6]))

    assert seeable(blind).tolist() == [True, False, False]
    assert np.isfinite(shown(blind)).all()


def _last_taken(protection: NDArray[np.int64], part_of_day: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tell days of protection as the acceptance of 15 %, which protects for 30; 0: of 10 %, 24 days ago."""
    since = np.full((len(protection), 4), np.inf)
    since[:, 3] = np.where(protection > 0, 30 - protection + part_of_day, np.inf)
    since[:, 2] = np.where(protection > 0, np.inf, 24.0)
    return since


def test_the_longest_protection_counts_and_lowers_the_risk() -> None:
    """Of 8/16/24/30 days: 0 % taken 7.9 days ago leaves 1, 10 % taken 20 days ago 4, both together 4.

    Risk .5 with 4 days at a quarter of the hazard: 1 − .5^((4/4 + 26)/30) = 1 − .5^.9 = .464113. All 30
    days: 1 − .5^.25 = .159104. A day too long ago, or never: nothing, and .5 stays .5.
    """
    never = np.inf
    history = replace(
        ContactHistory.unseen(6),
        days_since_accepted=np.array([
            [7.9, never, never, never], [7.9, never, 20.0, never], [never, never, never, 0.0],
            [8.0, 16.0, 24.0, 30.0], [never, never, never, never], [never, 15.0, never, 29.99],
        ]),
    )  # fmt: skip
    seen = shown(appraised([0.5] * 6, history))

    assert seen[:, 11].tolist() == [1, 4, 30, 0, 0, 1]
    one_day = 1 - 0.5 ** (29.25 / 30)
    np.testing.assert_allclose(seen[:, 0], [one_day, 0.464113, 0.159104, 0.5, 0.5, one_day], atol=1e-6)
    np.testing.assert_allclose(seen[:, 13], 0.0, atol=1e-12)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_service_sees_what_the_simulator_shows(seed: int) -> None:
    """The same states, told as a store would: same columns, to the rounding of 32 bits."""
    rng = np.random.default_rng(seed)
    n, day, env = 25, int(rng.integers(0, 90)), RULES.env
    bill = rng.integers(500, 20_000, n)
    dynamics = Dynamics.of(
        Population(rng.normal(-1, 1.5, n), np.tile([0.1, 0.25, 0.5, 0.55], (n, 1)), bill), env
    )
    level, wait = rng.integers(0, 4, n), rng.integers(0, 8, n)
    fatigue, units = rng.integers(0, 3, n), rng.integers(0, 7, n)
    where, protection = np.full(n, day), rng.integers(0, 31, n)
    states = States(np.arange(n), where, level, protection, wait, fatigue, units)
    usual = 1 - dynamics.survival[0, :, np.flatnonzero(dynamics.shifts == 0.0)[0]] ** 30
    now = 1 - dynamics.survival[0, np.arange(n), level] ** 30
    history = replace(
        ContactHistory.unseen(n), contacts_period=fatigue, units_used=6 - units, usual_risk=usual,
        days_since_contact=np.where(wait > 0, 7.0 - wait, np.where(rng.random(n) < 0.5, np.inf, 9.0)),
        days_since_accepted=_last_taken(protection, rng.random(n)),
    )  # fmt: skip
    appraisal = appraised(
        now.tolist(), history, table={"bill_minor": bill},
        campaign={"starts_at": NOON - timedelta(days=day, hours=int(rng.integers(0, 24)))},
    )  # fmt: skip

    np.testing.assert_allclose(shown(appraisal, FULL), observations(dynamics, states), rtol=2e-5, atol=2e-5)

"""The rung of learned effects: gain by hand, and what it truly brings."""

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from churn_saver.errors import InputError
from churn_saver.evidence.learner import LearnedEffects, Learner
from churn_saver.journey import Appraisal, Decider, appraise
from churn_saver.journey.learned import known_of, learned_gain, stakes, uplift_choice
from churn_saver.policy.reward import staying_value
from tests.builders import campaign, customers, predictors, rules, situation
from tests.persuadables import learned, portfolio

RULES = rules()
EFFECTS = learned().effects


@dataclass(frozen=True)
class Told:
    """A learner that says the same effects of everybody."""

    ladder: tuple[float, ...]

    def effects(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Say them. Shapes: (n, d) → (n, k)."""
        return np.tile(np.array((0.0, *self.ladder)), (len(x), 1))


def told(*ladder: float, choices: tuple[int, ...] = (0, 1, 2, 3, 4)) -> LearnedEffects:
    """Give effects that were not learned but told."""
    return LearnedEffects(cast(Learner, Told(ladder)), ("churn_risk", "tenure_months"), choices, 30, "v1")


def asked(n: int = 1, **changes: Any) -> Appraisal:
    """Appraise customers of 80.00 and risk .3."""
    table = customers(n, churn_risk=np.full(n, 0.3), bill_minor=np.full(n, 8_000))
    return appraise(table, situation(n, **changes), predictors(), RULES)


def gain(found: Appraisal, effects: LearnedEffects) -> NDArray[np.float64]:
    """Value every choice."""
    assert found.values is not None
    return learned_gain(found, found.values, effects, RULES.env)


def test_the_gain_by_hand() -> None:
    """V is the stake; a contact costs 100; 10 % off 8,000 is 800, accepted by half, 15 % is 1,200, by .55."""
    found = asked()
    v = float(stakes(found, 30, RULES.env)[0])

    expected = [0, 0.01 * v - 100, 0.02 * v - 100 - 0.25 * 400, 0.03 * v - 100 - 0.5 * 800,
                0.05 * v - 100 - 0.55 * 1_200]  # fmt: skip
    assert gain(found, told(0.01, 0.02, 0.03, 0.05))[0].tolist() == pytest.approx(expected)


def test_the_stake_is_what_is_left_after_the_window() -> None:
    """89 days are left at noon of the second day: 59 after a window of 30; after 120 days only the end."""
    found, bill, risk = asked(), np.array([8_000]), np.array([0.3])
    unseen = np.array([np.nan])

    assert stakes(found, 30, RULES.env) == staying_value(risk, unseen, bill, 59, RULES.env)
    assert stakes(found, 120, RULES.env) == pytest.approx([6 * 8_000])


def test_an_offer_that_was_not_learned_is_never_worth_it() -> None:
    """Of no contact and 10 % alone."""
    found = gain(asked(), told(0.9, choices=(0, 3)))[0]

    assert np.isneginf(found[[1, 2, 4]]).all()
    assert found[0] == 0
    assert found[3] > 0


def test_without_a_score_nothing_is_worth_it() -> None:
    """Nobody knows what there is to lose."""
    found = asked(2)
    blind = replace(found, churn_risk=np.array([0.3, np.nan]))

    assert np.isneginf(gain(blind, told(0.9, 0.9, 0.9, 0.9))[1, 1:]).all()
    assert np.isfinite(gain(blind, told(0.9, 0.9, 0.9, 0.9))[0]).all()


def test_a_contact_that_drives_away_is_not_made() -> None:
    """However likely its offer is to be accepted."""
    found = asked()
    assert found.values is not None

    made = uplift_choice(found, found.values, 0.0, Decider("uplift"), told(-0.1, -0.1, -0.1, -0.1), RULES.env)

    assert (made.choice.tolist(), made.policy) == ([0], "uplift")


@pytest.mark.parametrize("price", [0.0, 0.5, 2.0, 10.0])
def test_the_choice_gains_most_at_the_price(price: float) -> None:
    """Customer by customer, by looking at all that is open."""
    found = portfolio(60, np.random.default_rng(3)).appraisal
    assert found.values is not None
    net = np.where(found.standing.allowed, gain(found, EFFECTS) - price * found.costs_minor, -np.inf)
    net[:, 0] = 0.0

    made = uplift_choice(found, found.values, price, Decider("uplift", effects=EFFECTS), EFFECTS, RULES.env)

    np.testing.assert_allclose(net[np.arange(60), made.choice], net.max(axis=1))
    assert made.policy == f"uplift@{EFFECTS.version}"


def test_columns_are_found_by_name() -> None:
    """Churn risk wherever it stands; a field nobody sent is missing."""
    table = customers(2)

    x = known_of(table, np.array([0.25, np.nan]), ("tenure_months", "churn_risk", "support_tickets"))

    np.testing.assert_array_equal(x, np.array([[12, 0.25, np.nan], [12, np.nan, np.nan]], dtype=np.float32))
    with pytest.raises(InputError, match=r"unknown features shoe_size"):
        known_of(table, np.zeros(2), ("shoe_size",))


def test_a_campaign_that_is_over_leaves_the_worth_at_its_end() -> None:
    """Its last day: no day is left after the window."""
    late = asked(campaign=campaign(horizon_days=2))

    assert stakes(late, 30, RULES.env) == pytest.approx([6 * 8_000])

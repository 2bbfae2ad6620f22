"""The rungs: whom each would contact, with what, and with which probability."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, cast, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.config.serving import Rung
from churn_saver.domain.action import Reason
from churn_saver.errors import ArtifactError, ConfigError
from churn_saver.journey import Appraisal, Decider, Rules, appraise
from churn_saver.journey.chosen import Chosen
from churn_saver.journey.learned import learned_gain
from churn_saver.journey.rungs import NEVER, choose, priced_gain, require
from churn_saver.policy.network import PolicyNetwork
from churn_saver.policy.state import Matrix
from tests.builders import campaign, customers, predictors, rules, situation
from tests.persuadables import learned, portfolio
from tests.trained import eager, served

RULES = rules(random_share=0.4)
SIMPLE = ("knapsack", "propensity_rule", "risk_value", "greedy", "random", "never")
SERVING = (*SIMPLE, "exact")
LACKING = {
    "champion": "recorded",
    "uplift": "effects learned from a log, churn-saver train-uplift",
    "ppo": "a trained network",
    "ppo_nine": "a trained network",
    "ppo_price": "a trained network",
    "ppo_cloned": "a trained network",
}
LOW, LEFT_ALONE = int(Reason.BELOW_THRESHOLD), int(Reason.NOT_CHOSEN)


def appraised(risks: list[float], bill_minor: int = 8_999, **changes: Any) -> Appraisal:
    """Appraise customers of these risks and one bill, never seen before."""
    n = len(risks)
    table = customers(n, churn_risk=np.array(risks), bill_minor=np.full(n, bill_minor))
    return appraise(table, situation(n, **changes), predictors(), RULES)


def flat(n: int, **changes: Any) -> Appraisal:
    """Appraise n equal customers, money for all of them at hand."""
    return appraised([0.6] * n, free_minor=10**9, **changes)


def named(name: str, rules: Rules = RULES) -> Rules:
    """Let a rung decide."""
    return replace(rules, decider=Decider(name))


def chosen(name: str, appraisal: Appraisal, price: float = 0.0, rules: Rules = RULES) -> Chosen:
    """Let a rung choose, and see that it has no say in when to decide again."""
    made = choose(appraisal, price, named(name, rules))

    assert (made.policy, made.prices) == (name, price)
    assert (made.delay_days.dtype, made.choice.dtype) == (np.dtype(np.int8), np.dtype(np.int8))
    assert made.delay_days.tolist() == [0] * len(made.choice)
    return made


def test_every_name_that_serve_yaml_takes_is_served_or_lacks_something() -> None:
    """No name is forgotten here, and none is known here only."""
    assert set(get_args(Rung)) == {*SERVING, *LACKING}
    for name in SERVING:
        require(name)


@pytest.mark.parametrize("name", sorted(LACKING))
def test_what_is_not_there_is_refused_by_name(name: str) -> None:
    """It says what is missing and what can be set instead."""
    wanted = rf"policy '{name}' cannot serve: it needs .*{LACKING[name]}.* one of: exact, greedy, knapsack, "

    with pytest.raises(ConfigError, match=wanted):
        choose(flat(1), 0.0, named(name))


def test_an_unknown_name_is_answered_with_the_rungs() -> None:
    """All that can serve are listed."""
    every = "exact, greedy, knapsack, never, propensity_rule, random, risk_value"

    with pytest.raises(ConfigError, match=rf"policy 'best' is no rung of the ladder.* one of: {every}\."):
        require("best")


@pytest.mark.parametrize("name", sorted({*SERVING, *LACKING} - {NEVER}))
def test_without_predictors_the_propensity_rule_decides_whatever_the_name(name: str) -> None:
    """Risk 0.75 is above 0.5: 10 %."""
    table = customers(churn_risk=np.array([0.75]))
    made = choose(appraise(table, situation(), None, RULES), 0.0, named(name))

    assert (made.policy, made.choice.tolist()) == ("propensity_rule", [3])


def test_the_lowest_rung_needs_nothing() -> None:
    """Without predictors too it leaves everybody alone."""
    made = choose(
        appraise(customers(churn_risk=np.array([0.75])), situation(), None, RULES), 0.0, named(NEVER)
    )

    assert (made.policy, made.choice.tolist(), made.unwanted.tolist()) == (
        NEVER,
        [0],
        [int(Reason.NOT_CHOSEN)],
    )


@dataclass(frozen=True)
class Wild:
    """A policy that wants for the first of two customers what it is told, whatever the gates say."""

    offer: int
    delay: int
    observation: str = "full_price"

    def act(
        self, observation: Matrix, open_contact: NDArray[np.bool_], open_offers: NDArray[np.bool_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
        """Want it."""
        return np.array([True, False]), np.array([self.offer, 0]), np.array([self.delay, 0])


@pytest.mark.parametrize(("offer", "delay"), [(3, 0), (7, 0), (-2, 0), (0, 8), (0, -1)])
def test_what_is_closed_or_no_choice_is_refused_whoever_wants_it(offer: int, delay: int) -> None:
    """15 % is closed to a budget of 5.00, and there is no offer 7, no choice -1, no delay of 8 days."""
    network = cast(PolicyNetwork, Wild(offer, delay))
    policy = replace(served("full_price"), network=network, version="0123456789abcdef")
    wild = replace(RULES, decider=Decider("ppo_price", policy))
    table = appraise(customers(2), situation(2, free_minor=500), predictors(), RULES)

    with pytest.raises(ArtifactError, match=r"policy ppo_price@0123456789abcdef wants for 1 of 2 customers"):
        choose(table, 2.5, wild)


def test_a_trained_rung_decides_by_its_policy() -> None:
    """Whatever its name, at the price that is handed in."""
    policy = replace(eager(served("full_price")), version="0123456789abcdef")
    trained = replace(RULES, decider=Decider("ppo_price", policy))

    made = choose(flat(3), 2.5, trained)
    without = choose(appraise(customers(3), situation(3), None, trained), 2.5, trained)

    assert (made.policy, made.prices) == ("ppo_price@0123456789abcdef", 2.5)
    assert (made.choice > 0).all()
    assert without.policy == "propensity_rule"


def test_the_propensity_rule_is_a_rung_with_predictors_too() -> None:
    """0.5 is not above 0.5, 0.51 is."""
    made = chosen("propensity_rule", appraised([0.5, 0.51]))

    assert (made.choice.tolist(), made.unwanted.tolist()) == ([0, 3], [LOW, 0])


def test_risk_value_contacts_where_more_than_the_threshold_is_at_stake() -> None:
    """Of 96.00: 0.5 is 48.00, not above 48.00; 0.51 is 48.96; nobody knows what is at stake at no risk."""
    made = chosen("risk_value", appraised([0.5, 0.51], bill_minor=9_600))
    unknown = replace(appraised([0.9]), churn_risk=np.array([np.nan]))

    assert (made.choice.tolist(), made.unwanted.tolist()) == ([0, 3], [LOW, 0])
    assert chosen("risk_value", unknown).choice.tolist() == [0]


@pytest.mark.parametrize(("free_minor", "choice"), [(1_000, 3), (999, 2), (549, 1), (99, 0)])
def test_risk_value_takes_the_next_lower_offer_that_is_open(free_minor: int, choice: int) -> None:
    """1.00 and 10 % of 89.99 are 10.00, 5 % makes 5.50, a plain message 1.00; 15 % is never taken."""
    assert chosen("risk_value", appraised([0.6], free_minor=free_minor)).choice.tolist() == [choice]


def test_greedy_knows_no_price() -> None:
    """15 % gains most; at λ = 1,000 the knapsack contacts nobody, greedy does as before."""
    appraisal = appraised([0.6])

    assert chosen("knapsack", appraisal, 0.0).choice.tolist() == [4]
    assert chosen("knapsack", appraisal, 1_000.0).choice.tolist() == [0]
    assert chosen("greedy", appraisal, 1_000.0).choice.tolist() == [4]


@given(seed=st.integers(0, 2**32 - 1))
def test_greedy_takes_the_largest_gain_among_what_is_open(seed: int) -> None:
    """Customer by customer, by looking at all five; nothing where no gain is above 0."""
    rng = np.random.default_rng(seed)
    n = 30
    table = customers(n, bill_minor=rng.integers(100, 20_000, n), churn_risk=rng.uniform(0, 1, n))
    appraisal = appraise(table, situation(n, free_minor=int(rng.integers(0, 2_000))), predictors(), RULES)
    assert appraisal.values is not None
    gains = np.where(appraisal.standing.allowed, appraisal.values.gain, -np.inf)

    made = choose(appraisal, 0.0, named("greedy"))

    np.testing.assert_array_equal(gains[np.arange(n), made.choice], np.maximum(gains.max(axis=1), 0.0))


def test_never_leaves_everybody_alone() -> None:
    """At any risk, with certainty, and says that it is not a matter of worth."""
    made = chosen("never", appraised([0.1, 0.99]))

    assert (made.choice.tolist(), made.probability.tolist()) == ([0, 0], [1.0, 1.0])
    assert made.unwanted.tolist() == [LEFT_ALONE, LEFT_ALONE]


def test_random_contacts_its_share_with_every_open_offer_alike() -> None:
    """0.4 over 4 offers: none 0.6, each offer 0.1, and so they are counted, within 4 standard errors."""
    n = 4_000
    made = chosen("random", flat(n))
    seen = Counter(made.choice.tolist())

    np.testing.assert_allclose(made.probability, np.where(made.choice == 0, 0.6, 0.1))
    assert made.chances is not None
    np.testing.assert_allclose(made.chances, np.tile([0.6, 0.1, 0.1, 0.1, 0.1], (n, 1)))
    assert abs(seen[0] - 0.6 * n) < 4 * (0.6 * 0.4 * n) ** 0.5
    assert all(abs(seen[k] - 0.1 * n) < 4 * (0.1 * 0.9 * n) ** 0.5 for k in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("free_minor", "share", "chances"),
    [
        (549, 0.4, [0.6, 0.4, 0.0, 0.0, 0.0]),
        (550, 0.4, [0.6, 0.2, 0.2, 0.0, 0.0]),
        (99, 0.4, [1.0, 0.0, 0.0, 0.0, 0.0]),
        (550, 1.0, [0.0, 0.5, 0.5, 0.0, 0.0]),
        (550, 0.0, [1.0, 0.0, 0.0, 0.0, 0.0]),
    ],
)
def test_random_draws_among_what_is_open_only(free_minor: int, share: float, chances: list[float]) -> None:
    """1.00 and 5.50 fit into 5.50, only 1.00 into 5.49, nothing into 0.99; no draw is of chance 0."""
    appraisal = appraised([0.6] * 40, free_minor=free_minor)

    made = chosen("random", appraisal, rules=rules(random_share=share))

    assert made.chances is not None
    np.testing.assert_allclose(made.chances, np.tile(chances, (40, 1)))
    assert (made.probability > 0.0).all()


def test_random_draws_the_same_for_the_same_decision() -> None:
    """The draw belongs to customer and number: repeated it stays, the next decision draws anew."""
    appraisal = flat(200)
    next_time = replace(appraisal.situation.history, decisions_made=np.ones(200, dtype=np.int64))
    later = replace(appraisal, situation=replace(appraisal.situation, history=next_time))

    first, again = chosen("random", appraisal), chosen("random", appraisal)

    assert first.choice.tolist() == again.choice.tolist()
    assert first.choice.tolist() != chosen("random", later).choice.tolist()


def test_random_without_a_campaign_contacts_nobody() -> None:
    """There is nothing that may be done, and no key to draw with."""
    made = chosen("random", appraised([0.9], campaign=None))

    assert (made.choice.tolist(), made.probability.tolist()) == ([0], [1.0])


def test_the_holdout_is_chosen_for_as_everybody_else() -> None:
    """The arm comes later: a rung wants for the holdout what it would want."""
    held = flat(50, campaign=campaign(holdout_share=1.0))

    assert chosen("greedy", held).choice.tolist() == [4] * 50
    assert chosen("random", held).choice.any()


def test_learned_effects_decide_where_they_are_at_hand() -> None:
    """Under the name and the version of what was learned; without predictors the propensity rule does."""
    effects = replace(learned().effects, version="0123456789abcdef")
    by_effects = replace(RULES, decider=Decider("uplift", effects=effects))
    found = portfolio(200, np.random.default_rng(5)).appraisal

    made = choose(found, 0.0, by_effects)
    without = choose(appraise(customers(3), situation(3), None, by_effects), 0.0, by_effects)

    assert made.policy == "uplift@0123456789abcdef"
    assert (made.choice > 0).any()
    assert without.policy == "propensity_rule"


def test_who_spends_by_price_says_by_which_gain() -> None:
    """The knapsack by the simulator's, learned effects by their own; nobody else, and none without scores."""
    found, effects = flat(2), learned().effects
    assert found.values is not None
    unscored = appraise(customers(2), situation(2), None, RULES)
    by_effects = replace(RULES, decider=Decider("uplift", effects=effects))

    assert priced_gain(found, named("knapsack")) is found.values.gain
    np.testing.assert_array_equal(
        np.asarray(priced_gain(found, by_effects)), learned_gain(found, found.values, effects, RULES.env)
    )
    assert priced_gain(found, named("greedy")) is None
    assert priced_gain(unscored, by_effects) is None

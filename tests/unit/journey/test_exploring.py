"""Exploring: its share, its probability, and what it leaves alone."""

from collections import Counter
from dataclasses import replace

import numpy as np

from churn_saver.journey import appraise, propose
from churn_saver.journey.exploring import explored, is_explored
from churn_saver.journey.rungs import choose
from tests.builders import campaign, customers, predictors, rules, situation

RULES = rules()


def test_exploration_has_its_share_and_states_its_probability() -> None:
    """ε = 0.5 over 5 options: greedy has .5 + .5/5 = .6, each other .1; within 4 standard errors."""
    n, eager = 4_000, situation(4_000, free_minor=10**9, campaign=campaign(exploration_share=0.5))
    appraisal = appraise(customers(n, names=[None] * n), eager, predictors(), RULES)
    made = propose(appraisal, 0.0, RULES)
    seen = Counter(made.intended.tolist())

    assert abs(seen[4] - 0.6 * n) < 4 * (0.6 * 0.4 * n) ** 0.5
    assert all(abs(seen[k] - 0.1 * n) < 4 * (0.1 * 0.9 * n) ** 0.5 for k in (0, 1, 2, 3))
    np.testing.assert_allclose(made.probability, np.where(made.intended == 4, 0.6, 0.1))


def test_exploring_on_top_of_a_rung_that_draws_states_the_mixture() -> None:
    """ε = 0.5 over 5 options on 0.6 for none and 0.1 for each offer: 0.4 and 0.15, and counted so."""
    n, drawing = 4_000, rules(policy="random", random_share=0.4)
    eager = situation(n, free_minor=10**9, campaign=campaign(exploration_share=0.5))
    made = propose(appraise(customers(n, names=[None] * n), eager, predictors(), drawing), 0.0, drawing)
    seen = Counter(made.intended.tolist())

    np.testing.assert_allclose(made.probability, np.where(made.intended == 0, 0.4, 0.15))
    assert made.versions.policy == "random"
    assert abs(seen[0] - 0.4 * n) < 4 * (0.4 * 0.6 * n) ** 0.5
    assert all(abs(seen[k] - 0.15 * n) < 4 * (0.15 * 0.85 * n) ** 0.5 for k in (1, 2, 3, 4))


def test_whether_a_choice_was_drawn_is_known_afterwards() -> None:
    """Of 400 alone a quarter, and all whose choice is another one; without an open contact nobody."""
    seen = situation(1, free_minor=10**9, campaign=campaign(exploration_share=0.25))
    drawn = 0
    for row in range(400):
        appraisal = appraise(customers(1, ids=[f"X{row}"]), seen, predictors(), RULES)
        own = choose(appraisal, 0.0, RULES)
        drawn += is_explored(appraisal)
        if explored(own, appraisal).choice[0] != own.choice[0]:
            assert is_explored(appraisal)
    none_open = replace(appraisal, standing=replace(appraisal.standing, allowed=np.eye(1, 5, dtype=np.bool_)))

    assert abs(drawn - 100) < 4 * (400 * 0.25 * 0.75) ** 0.5
    assert not is_explored(none_open)


def test_without_a_share_or_a_campaign_nothing_is_explored() -> None:
    """The very same choice comes back."""
    for where in (situation(), situation(campaign=None)):
        appraisal = appraise(customers(), where, predictors(), RULES)
        own = choose(appraisal, 0.0, RULES)

        assert explored(own, appraisal) is own


def test_who_may_not_be_contacted_is_not_explored_on() -> None:
    """Nothing is open but no contact: it stays certain."""
    closed = situation(campaign=campaign(exploration_share=1.0), free_minor=0)
    appraisal = appraise(customers(), closed, predictors(), RULES)

    made = explored(choose(appraisal, 0.0, RULES), appraisal)

    assert (made.choice.tolist(), made.probability.tolist()) == ([0], [1.0])

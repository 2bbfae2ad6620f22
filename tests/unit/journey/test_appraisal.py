"""Appraisal: whose score counts, and what competes for budget."""

import numpy as np

from churn_saver.journey import appraise
from tests.builders import campaign, customers, predictors, rules, situation

RULES = rules()


def test_the_callers_score_wins_over_the_models() -> None:
    """Row 0 brings 0.9; row 1 brings none and gets the model's 0.6."""
    table = customers(2, churn_risk=np.array([0.9, np.nan]))
    appraisal = appraise(table, situation(2), predictors(risk=0.6), RULES)

    assert appraisal.churn_risk.tolist() == [0.9, 0.6]
    assert appraisal.models == "told"


def test_without_predictors_nothing_is_valued() -> None:
    """The propensity rule has to do with the caller's own score."""
    appraisal = appraise(customers(churn_risk=np.array([0.9])), situation(), None, RULES)

    assert appraisal.values is None
    assert appraisal.models == "none"
    assert appraisal.churn_risk.tolist() == [0.9]


def test_costs_are_those_of_the_ladder() -> None:
    """Contact 1.00; 5, 10, 15 % of 89.99 rounded up: 4.50, 9.00, 13.50."""
    appraisal = appraise(customers(), situation(), predictors(), RULES)

    assert appraisal.costs_minor.tolist() == [[0, 100, 550, 1_000, 1_450]]


def test_the_holdout_does_not_compete_for_budget() -> None:
    """With everybody held out nobody competes, though every choice is allowed."""
    held = situation(campaign=campaign(holdout_share=1.0))
    appraisal = appraise(customers(), held, predictors(), RULES)

    assert appraisal.standing.allowed.all()
    assert not appraisal.competing.any()


def test_a_shorter_rest_of_the_campaign_changes_the_worth() -> None:
    """Ten days before the end a contact is worth something else than ninety days before."""
    late = campaign(starts_at=campaign().starts_at, horizon_days=11)
    whole = appraise(customers(), situation(), predictors(), RULES)
    rest = appraise(customers(), situation(campaign=late), predictors(), RULES)

    assert whole.values is not None
    assert rest.values is not None
    assert not np.allclose(whole.values.gain, rest.values.gain)

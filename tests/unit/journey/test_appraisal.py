"""Appraisal: whose score counts, and what competes for budget."""

from dataclasses import replace

import numpy as np
import pytest

from churn_saver.domain.customer import ContactHistory
from churn_saver.errors import ArtifactError
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


@pytest.mark.parametrize(
    ("risk", "ladder", "told"),
    [
        (np.nan, (0.1, 0.2, 0.3, 0.4), r"churn_risk nan for 1 of 1"),
        (1.5, (0.1, 0.2, 0.3, 0.4), r"churn_risk 1\.5 for 1 of 1"),
        (-0.1, (0.1, 0.2, 0.3, 0.4), r"churn_risk -0\.1 for 1 of 1"),
        (0.5, (0.1, np.nan, 0.3, 7.0), r"accept_prob nan for 2 of 4"),
        (0.5, (0.1, 0.2, 0.3, np.inf), r"accept_prob inf for 1 of 4"),
    ],
)
def test_what_is_no_probability_is_refused(
    risk: float, ladder: tuple[float, float, float, float], told: str
) -> None:
    """What the caller sent was looked at before."""
    with pytest.raises(ArtifactError, match=rf"the predictors give {told}, wanted 0 to 1.*make train-risk"):
        appraise(customers(), situation(), predictors(risk, ladder), RULES)


def test_how_long_the_service_waits_is_no_setting_of_a_decision() -> None:
    """A record can be made again under another deadline; under another threshold it cannot."""
    guard = RULES.serve.guard.model_copy(update={"deadline_ms": 1})

    assert rules(guard=guard).settings == RULES.settings
    assert rules(deadline_ms=RULES.serve.deadline_ms + 1).settings == RULES.settings
    assert rules(deadline_ms=RULES.serve.deadline_ms + 1).former_settings != RULES.former_settings
    assert rules(risk_threshold=0.9).settings != RULES.settings


def test_an_accepted_offer_protects_in_what_a_contact_is_worth() -> None:
    """10 % accepted ten days ago protects 14 days more: a plain message, of 8 days, adds nothing to that.

    Risk .6: .4^((14/4 + 16)/30) = .4^.65 stay by themselves; 15 %, 30 days, of which .55 accept: .4^.25.
    """
    since = np.array([[np.inf, np.inf, 10.5, np.inf], [np.inf] * 4])
    history = replace(ContactHistory.unseen(2), days_since_accepted=since)
    values = appraise(customers(2), situation(2, history=history), predictors(), RULES).values
    unseen = appraise(customers(2), situation(2), predictors(), RULES).values

    assert values is not None
    assert unseen is not None
    alone, stays = 0.4**0.65, 1 - 0.003
    assert values.retention[0, 0] == pytest.approx(alone, abs=1e-12)
    assert values.retention[0, 1] == pytest.approx(stays * alone, abs=1e-12)
    assert values.retention[0, 4] == pytest.approx(stays * (0.55 * 0.4**0.25 + 0.45 * alone), abs=1e-12)
    assert (values.gain[0, 1:] < unseen.gain[0, 1:]).all()
    np.testing.assert_array_equal(values.gain[1], unseen.gain[1])

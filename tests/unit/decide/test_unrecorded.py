"""Without the books: scored, never contacted, nothing promised."""

from dataclasses import replace

import numpy as np
import pytest

from churn_saver.decide.guarding import Guards
from churn_saver.decide.laddering import Means
from churn_saver.decide.unrecorded import decide_unrecorded
from churn_saver.domain.action import Reason
from churn_saver.journey import Decider
from churn_saver.tabular.predictors import Predictors
from tests.builders import NOON, customers, predictors, rules
from tests.failing import RAISES, Failing, failing_predictors
from tests.trained import eager, served


@pytest.mark.parametrize("models", [predictors(), None])
def test_nobody_is_contacted_and_nothing_is_reserved(models: Predictors | None) -> None:
    """The only reason is that the state could not be read: campaign and budget are not known."""
    found = decide_unrecorded(customers(), Means(models, rules()), NOON)

    assert (found.decision_id, found.campaign) == ("", None)
    assert found.proposals.choice.tolist() == [0]
    assert found.proposals.needs_minor.tolist() == [0]
    assert list(found.proposals.texts) == [None]
    assert found.proposals.reason_words(0) == ["state_unreadable"]
    assert found.proposals.excluded.tolist() == [[0, 2, 2, 2, 2]]


@pytest.mark.parametrize("name", ["ppo_price", "exact"])
def test_whoever_was_asked_for_contacts_nobody(name: str) -> None:
    """Without a campaign there is no budget to decide for."""
    decider = Decider(name, eager(served("full_price")) if name != "exact" else None)
    found = decide_unrecorded(customers(), Means(predictors(), replace(rules(), decider=decider)), NOON)

    assert (found.proposals.choice.tolist(), found.degraded) == ([0], ())
    assert found.proposals.versions.policy == decider.label


def test_what_the_caller_says_still_counts() -> None:
    """An opt-out is named beside it."""
    found = decide_unrecorded(customers(opted_in=[False]), Means(predictors(), rules()), NOON)

    assert Reason(int(found.proposals.reasons[0])) == Reason.STATE_UNREADABLE | Reason.OPTED_OUT


def test_the_score_is_still_given() -> None:
    """At risk 0.6 the customer stays with 0.4 when nothing is done."""
    found = decide_unrecorded(customers(), Means(predictors(risk=0.6), rules()), NOON).proposals

    assert found.churn_risk.tolist() == [0.6]
    np.testing.assert_allclose(found.retention_prob, [0.4])


def test_what_fails_without_the_books_is_left_out_too() -> None:
    """A broken model is no reason to give no answer."""
    models = failing_predictors(Failing(RAISES), Failing())
    found = decide_unrecorded(customers(), Means(models, rules(), Guards.of(rules().serve.guard)), NOON)

    assert found.degraded == ("predictors_unavailable",)
    assert found.proposals.versions.policy == "propensity_rule"
    assert found.proposals.reason_words(0) == ["state_unreadable"]

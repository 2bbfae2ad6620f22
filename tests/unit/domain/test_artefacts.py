"""What can fail, and how a failure is told."""

import pytest

from churn_saver import opening
from churn_saver.domain.artefacts import Artefact, Cause, tried
from churn_saver.errors import Unusable
from churn_saver.opening.policies import POLICY_UNAVAILABLE
from churn_saver.opening.toxicity import TOXICITY_UNAVAILABLE


def test_to_fail_has_the_code_of_being_absent() -> None:
    """A caller need not know when something went missing."""
    assert [one.unavailable for one in Artefact] == [
        opening.PREDICTORS_UNAVAILABLE,
        POLICY_UNAVAILABLE,
        opening.LIVE_UNAVAILABLE,
        opening.BANK_UNAVAILABLE,
        TOXICITY_UNAVAILABLE,
    ]


def test_an_answer_is_passed_on() -> None:
    """Nothing else happens to it."""
    assert tried(Artefact.BANK, lambda: 7) == 7


def test_what_is_raised_is_kept_as_the_cause() -> None:
    """The message names the artefact, and nothing of the error's own text, which may be personal."""

    def broken() -> int:
        raise ValueError("Sam")

    with pytest.raises(Unusable, match=r"^bank cannot be used now: raised\.") as found:
        tried(Artefact.BANK, broken)
    assert isinstance(found.value.__cause__, ValueError)
    assert (found.value.artefact, found.value.cause) == (Artefact.BANK, Cause.RAISED)


def test_who_is_to_blame_stays_to_blame() -> None:
    """A classifier that fails while the bank is asked is no fault of the bank."""

    def judging() -> int:
        raise Unusable(Artefact.TOXICITY, Cause.RAISED)

    with pytest.raises(Unusable, match=r"^toxicity cannot"):
        tried(Artefact.BANK, judging)

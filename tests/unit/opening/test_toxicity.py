"""The classifier as it is opened: there, or missed with a reason."""

from pathlib import Path

from churn_saver.opening.toxicity import TOXICITY_UNAVAILABLE, open_toxicity


def test_the_shipped_classifier_judges() -> None:
    """It knows an insult from a thank-you."""
    judge, lacks = open_toxicity()

    assert lacks == ()
    assert judge is not None
    assert judge("What a stupid idiot you are.")
    assert not judge("Thank you for being with us.")


def test_without_it_words_judge_and_it_is_said(tmp_path: Path) -> None:
    """A missing file is a lack with its fix, no end."""
    judge, (lack,) = open_toxicity(tmp_path)

    assert judge is None
    assert lack.code == TOXICITY_UNAVAILABLE
    assert lack.fault is not None
    assert "by words alone" in lack.fault

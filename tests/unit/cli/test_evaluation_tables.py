"""An evaluation on the screen."""

from typing import Any

import pytest

from churn_saver.adapters.evaluation_report import NEVER_COVERED
from churn_saver.cli.evaluation_tables import show_evaluation
from tests.evaluations import evaluation


def shown(capsys: pytest.CaptureFixture[str], **how: Any) -> str:
    """Print an evaluation and give its words, one space between them."""
    show_evaluation(evaluation(**how))
    return " ".join(capsys.readouterr().out.split())


def test_log_estimates_weights_and_arms_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever words a log uses, none of them is markup."""
    text, found = shown(capsys), evaluation()

    assert "log log.csv: 400 decisions of 400 customers, arms none, <b>10</b>, 20;" in text
    assert "left out 3,400 decisions younger than 30 days" in text
    for words in ("doubly robust", "self-normalised", "inverse propensity", "direct method"):
        assert words in text
    assert f"{found.value.dr.low:.3f} … {found.value.dr.high:.3f}" in text
    assert " ".join(found.headline.split()) in text
    assert NEVER_COVERED in text


def test_cautions_and_notes_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    """In words, with what was cut."""
    text = shown(capsys, clip=2.0, estimated=True)

    assert "propensities estimated" in text
    assert "note columns not used: <i>" in text
    assert "note weights were cut" in text


def test_a_value_alone_has_one_column(capsys: pytest.CaptureFixture[str]) -> None:
    """No other policy, no difference."""
    text = shown(capsys, against=False)

    assert "difference" not in text
    assert "logged" in text

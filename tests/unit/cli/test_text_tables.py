"""The message models on the screen."""

import pytest

from churn_saver.cli.text_tables import curve_line, show_figures
from tests.text_reports import text_report


def test_a_line_says_what_was_measured() -> None:
    """In the order of interest; what was not measured, and what is no figure of a line, is left out."""
    point = {"iteration": 3.0, "kl": 1.5, "loss": 0.25, "valid_loss": float("nan"), "learning_rate": 0.1}

    assert curve_line(point) == "loss 0.25  kl 1.5"


def test_figures_are_shown_with_what_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """And how many numbers were trained; notes are said."""
    show_figures(text_report(notes=["mechanics only"]))
    shown = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")

    assert "Drawn drafts pass" in shown
    assert "97.5 %" in shown
    assert "trained    4,884,480 of 139,399,488 numbers of smollm2-135m" in shown
    assert "note mechanics only" in shown
    assert "kind of rejection" not in shown


def test_kinds_are_shown_where_there_are_any(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its pairs."""
    show_figures(text_report(kinds=[{"kind": "wrong_offer", "pairs": 1_200, "accuracy": 0.925}]))
    shown = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")

    assert "wrong offer" in shown
    assert "1,200" in shown
    assert "92.5 %" in shown

"""What a person sees."""

import pytest

from churn_saver.cli.screen import bars, counted


def test_things_are_counted_in_words() -> None:
    """One is one, thousands are grouped."""
    assert counted(1, "customer") == "1 customer"
    assert counted(7032, "customer") == "7,032 customers"


def test_each_kind_of_work_has_its_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """Two kinds, two bars, each at its own end."""
    with bars() as progress:
        for done in (1, 2):
            progress("scoring", done, 2)
        progress("recording", 5, 5)

    shown = capsys.readouterr().out
    assert "scoring" in shown
    assert "2/2" in shown
    assert "5/5" in shown


def test_bars_that_pass_leave_nothing_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """Not even the empty line in which they stood."""
    with bars(passing=True) as progress:
        progress("sending", 1, 2)

    assert capsys.readouterr().out == ""

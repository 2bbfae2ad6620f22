"""How the jobs of a run stand, on the screen."""

import pytest
from rich.console import Console

from churn_saver.cli.job_running import settings_of
from churn_saver.cli.job_tables import Shown, show_brief_figures, table_of
from churn_saver.domain.jobs import Job, Seen
from churn_saver.pipeline import jobs
from tests.job_runs import fresh


def drawn(run: jobs.Run) -> str:
    """Draw a table as text."""
    screen = Console(width=160)
    with screen.capture() as shown:
        screen.print(table_of(run))
    return shown.get()


def test_a_table_says_how_each_job_stands_and_why() -> None:
    """A note in brackets is a note, not a colour."""
    run = jobs.submitting(fresh(Job("a", (), 1), Job("b", ("a",), 1)), "a")
    run = jobs.seen(jobs.submitted(run, "a", "x"), "a", Seen("failed", "[bold] exit code 3"))

    output = drawn(run)

    assert "[bold] exit code 3" in output
    assert "not started: a failed" in output
    assert "skipped" in output
    assert "being cancelled" in drawn(jobs.cancelling(run))


def test_only_what_has_changed_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing of a job that is being handed over: the next line says that it runs."""
    run = fresh(Job("a", (), 2), Job("b", (), 1))
    shown = Shown(run)

    with shown.shown():
        shown.change(jobs.submitting(run, "a"))
        running = jobs.submitted(jobs.submitting(run, "a"), "a", "x")
        shown.change(running)
        shown.change(jobs.seen(running, "a", Seen("failed", "no luck")))

    assert capsys.readouterr().out.splitlines() == [
        "a            running, attempt 1",
        "a            waiting, attempt 1: attempt 1 failed: no luck",
    ]


def test_the_figures_of_the_brief_are_labelled_so(capsys: pytest.CaptureFixture[str]) -> None:
    """On the other stream, so that specifications can be piped."""
    show_brief_figures(settings_of())

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "From the brief, not measured" in printed.err

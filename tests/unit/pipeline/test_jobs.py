"""The graph of training jobs: what may start, and what follows from an end. Worked by hand."""

import pytest

from churn_saver.domain.jobs import Job, Seen, Standing
from churn_saver.errors import InputError
from churn_saver.pipeline import jobs
from churn_saver.pipeline.jobs import Run
from tests.job_runs import ends, fresh

ALL = ("risk", "accept", "sft", "rm", "ppo-decision", "ppo-text")
DONE, FAILED, CANCELLED = Seen("succeeded"), Seen("failed", "out of memory"), Seen("cancelled", "by hand")


def after(run: Run, stage: str, said: Seen) -> Run:
    """Hand a stage over, and take in what is said of it."""
    return jobs.seen(jobs.submitted(jobs.submitting(run, stage), stage, f"at/{stage}"), stage, said)


def test_four_jobs_may_begin_at_once() -> None:
    """Those that need nothing, in the order of the graph."""
    assert jobs.startable(fresh(), ALL) == ["risk", "accept", "sft", "rm"]


def test_a_job_waits_for_all_that_it_needs() -> None:
    """Risk alone starts nothing new; risk and accept start the decision policy."""
    one = after(fresh(), "risk", DONE)
    both = after(one, "accept", DONE)

    assert jobs.startable(one, ALL) == ["accept", "sft", "rm"]
    assert jobs.startable(both, ALL) == ["sft", "rm", "ppo-decision"]


def test_only_what_is_wanted_may_start() -> None:
    """The others wait, and do not keep the run from being over."""
    run = fresh()

    assert jobs.startable(run, ("sft",)) == ["sft"]
    assert not jobs.is_over(run, ("sft",))
    assert jobs.is_over(after(run, "sft", DONE), ("sft",))


def test_a_failed_attempt_is_followed_by_another_up_to_the_stated_number() -> None:
    """Three attempts: the third failure is the end."""
    first = after(fresh(), "risk", FAILED)
    second = after(first, "risk", FAILED)
    third = after(second, "risk", FAILED)

    assert first.standings["risk"] == Standing("waiting", 1, 0, "", "attempt 1 failed: out of memory")
    assert ends(second)["risk"] == ("waiting", 2)
    assert third.standings["risk"] == Standing("failed", 3, 0, "at/risk", "out of memory")


def test_what_depends_on_a_failed_job_is_not_started_and_says_why() -> None:
    """Everything behind it, however far; what stands beside it goes on."""
    run = fresh(Job("a", (), 1), Job("b", ("a",), 1), Job("c", ("b",), 1), Job("d", (), 1))

    ended = after(run, "a", FAILED)

    assert ends(ended) == {"a": ("failed", 1), "b": ("skipped", 0), "c": ("skipped", 0), "d": ("waiting", 0)}
    assert ended.standings["b"].note == "not started: a failed"
    assert ended.standings["c"].note == "not started: b was not started"
    assert jobs.startable(ended, ("a", "b", "c", "d")) == ["d"]


def test_a_job_that_somebody_cancelled_is_not_tried_again() -> None:
    """It was no accident."""
    ended = after(fresh(), "rm", CANCELLED)

    assert ends(ended)["rm"] == ("cancelled", 1)
    assert ended.standings["ppo-text"].note == "not started: rm was cancelled"


def test_a_job_that_runs_stays_as_it_is() -> None:
    """The very same state, so nothing is written."""
    run = jobs.submitted(jobs.submitting(fresh(), "sft"), "sft", "at/sft")

    assert jobs.seen(run, "sft", Seen("running")) is run
    assert jobs.live(run) == ["sft"]


def test_a_run_that_is_called_off_starts_nothing_and_tries_nothing_again() -> None:
    """What waits ends at once; what lives ends as it ends."""
    run = jobs.submitted(jobs.submitting(fresh(), "risk"), "risk", "at/risk")

    off = jobs.cancelling(run)

    assert jobs.startable(off, ALL) == []
    assert {state for stage, (state, _) in ends(off).items() if stage != "risk"} == {"cancelled"}
    assert not jobs.is_over(off, ALL)
    assert ends(jobs.seen(off, "risk", FAILED))["risk"] == ("failed", 1)
    assert jobs.is_over(jobs.seen(off, "risk", CANCELLED), ALL)


def test_a_job_that_was_being_handed_over_and_is_nowhere_is_cancelled() -> None:
    """It had not begun."""
    off = jobs.cancelling(jobs.submitting(fresh(), "rm"))

    gone = jobs.never_arrived(off, "rm")

    assert gone.standings["rm"].note == "it had not begun"
    assert jobs.is_over(gone, ALL)


def test_a_run_that_is_taken_up_again_tries_anew_what_did_not_succeed() -> None:
    """With as many attempts as before, under new numbers; what succeeded stays."""
    run = fresh(Job("a", (), 1), Job("b", ("a",), 1), Job("c", (), 1))
    run = after(after(run, "c", DONE), "a", FAILED)

    again = jobs.taken_up(run)
    failed_again = after(again, "a", FAILED)

    assert ends(again) == {"a": ("waiting", 1), "b": ("waiting", 0), "c": ("succeeded", 1)}
    assert ends(failed_again)["a"] == ("failed", 2)
    assert jobs.taken_up(jobs.cancelling(run)).is_cancelling is False


def test_what_a_wanted_job_lacks_is_named() -> None:
    """A need that is neither wanted nor made; one that was made will do."""
    run = fresh()

    assert jobs.lacking(run, ("ppo-text", "sft")) == {"ppo-text": ["rm"]}
    assert jobs.lacking(run, ALL) == {}
    assert jobs.lacking(after(run, "rm", DONE), ("ppo-text", "sft")) == {}


def test_jobs_are_counted_by_state() -> None:
    """States that no job is in are left out."""
    assert jobs.counted(after(fresh(), "risk", DONE)) == {"succeeded": 1, "waiting": 5}


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        ((Job("a", (), 1), Job("a", (), 1)), "two jobs are called 'a'"),
        ((Job("a", ("b",), 1), Job("b", (), 1)), "a needs b, which must stand before it"),
        ((Job("a", ("a",), 1),), "a needs a, which must stand before it"),
        ((Job("a", (), 0),), "a has 0 attempts, wanted at least 1"),
    ],
)
def test_a_graph_that_could_not_end_is_refused(graph: tuple[Job, ...], said: str) -> None:
    """Each stage once, after all that it needs, tried at least once: so there is no circle."""
    with pytest.raises(InputError, match=said):
        jobs.begun("r", graph)

"""Runs driven to their end: by hand for the six jobs, and as laws for any graph, killed at any event."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.domain.jobs import FINAL, Job
from churn_saver.errors import InputError, NoAnswer
from churn_saver.pipeline.jobs_runner import Means, Runner
from tests.job_runs import DictJobs, driven, ends, fresh, order_of

STAGES = "abcdef"
KILLS = st.frozensets(st.integers(0, 200), max_size=12)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Job, ...]:
    """Draw up to six jobs, each needing some of those before it."""
    n = draw(st.integers(1, len(STAGES)))
    return tuple(
        Job(
            STAGES[i],
            tuple(sorted(draw(st.sets(st.sampled_from(STAGES[:i]))))) if i else (),
            draw(st.integers(1, 3)),
        )
        for i in range(n)
    )


FAILS = st.sets(st.tuples(st.sampled_from(STAGES), st.integers(1, 3)), max_size=9)


def test_six_jobs_that_succeed_are_handed_over_once_each() -> None:
    """Four side by side, then the two that wait for them."""
    place = DictJobs()

    run = driven(fresh(), place)

    assert set(ends(run).values()) == {("succeeded", 1)}
    assert list(place.orders) == [
        f"churn-saver-r-{s}-1" for s in ("risk", "accept", "sft", "rm", "ppo-decision", "ppo-text")
    ]
    assert place.most == 4


def test_a_failure_is_tried_again_and_a_last_failure_stops_what_depends_on_it() -> None:
    """Risk succeeds at its second attempt; the reward model fails three times."""
    place = DictJobs(fails={("risk", 1), ("rm", 1), ("rm", 2), ("rm", 3)})

    run = driven(fresh(), place)

    assert ends(run) == {
        "risk": ("succeeded", 2), "accept": ("succeeded", 1), "sft": ("succeeded", 1), "rm": ("failed", 3),
        "ppo-decision": ("succeeded", 1), "ppo-text": ("skipped", 0),
    }  # fmt: skip


def test_no_more_jobs_live_at_a_time_than_there_is_room_for() -> None:
    """Room for two; all six are done all the same."""
    place = DictJobs()

    run = driven(fresh(), place, at_once=2)

    assert place.most == 2
    assert {state for state, _ in ends(run).values()} == {"succeeded"}


def test_one_stage_alone() -> None:
    """The others are left waiting."""
    run = driven(fresh(), DictJobs(), wanted=("sft",))

    assert ends(run)["sft"] == ("succeeded", 1)
    assert {state for stage, (state, _) in ends(run).items() if stage != "sft"} == {"waiting"}


def test_a_stage_whose_needs_were_not_made_is_refused() -> None:
    """Before anything is handed over; what to name is said."""
    place = DictJobs()

    with pytest.raises(InputError, match=r"ppo-text needs sft, rm, which run r has not made.*name them"):
        driven(fresh(), place, wanted=("ppo-text",))

    assert not place.orders


def test_a_job_that_arrived_although_no_answer_came_is_found_and_not_handed_over_again() -> None:
    """Call 0 looks for risk, call 1 would hand it over; call 2 looks for accept, call 3 hands it over."""
    place = DictJobs(mute={1, 2})

    run = driven(fresh(), place)

    assert {state for state, _ in ends(run).values()} == {"succeeded"}
    assert len(place.orders) == 6


def test_a_place_that_stays_silent_is_given_up_and_nothing_is_lost() -> None:
    """After the stated number of rounds; the state says that risk may have arrived."""
    place, kept = DictJobs(mute=set(range(1_000))), [fresh()]
    means = Means(place, order_of, kept.append, lambda: False, lambda: None, 6, unanswered=3)

    with pytest.raises(
        NoAnswer, match=r"run r could not be followed, 4 times in a row.*the same command again"
    ):
        Runner(kept[-1], ("risk",), means).go()

    assert ends(kept[-1])["risk"] == ("submitting", 1)


def test_a_run_that_is_called_off_leaves_nothing_alive() -> None:
    """What ran was asked to stop; what waited never started."""
    place = DictJobs()

    run = driven(fresh(), place, call_off_after=20)

    assert place.live() == []
    assert run.is_cancelling
    assert "cancelled" in {state for state, _ in ends(run).values()}


@settings(deadline=None)
@given(graphs(), FAILS, st.integers(1, 6))
def test_nothing_starts_before_what_it_needs_is_done(
    graph: tuple[Job, ...], fails: set[tuple[str, int]], at_once: int
) -> None:
    """For any graph: parents first, room kept, every job ends, and none is skipped without a reason."""
    place = DictJobs(fails=fails)

    run = driven(fresh(*graph), place, at_once=at_once)

    needs = {job.stage: set(job.needs) for job in graph}
    for name, order in place.orders.items():
        assert needs[order.stage] <= place.started_after[name]
    assert place.most <= at_once
    assert {state for state, _ in ends(run).values()} <= FINAL
    for job in graph:
        bad = [need for need in job.needs if ends(run)[need][0] != "succeeded"]
        assert (ends(run)[job.stage][0] == "skipped") is bool(bad)
        tried = sum(order.stage == job.stage for order in place.orders.values())
        assert tried == ends(run)[job.stage][1] <= job.attempts


@settings(deadline=None)
@given(graphs(), FAILS, st.integers(1, 6), KILLS, st.sets(st.integers(0, 60), max_size=20))
def test_a_runner_killed_at_any_event_comes_to_the_same_end(
    graph: tuple[Job, ...], fails: set[tuple[str, int]], at_once: int, kills: frozenset[int], mute: set[int]
) -> None:
    """However often it is killed, whatever is not answered; the place refuses two live ones of a stage."""
    undisturbed = driven(fresh(*graph), DictJobs(fails=fails), at_once=at_once)
    place = DictJobs(fails=fails, mute=mute)

    run = driven(fresh(*graph), place, at_once=at_once, kills=kills)

    assert ends(run) == ends(undisturbed)
    assert place.live() == []


@settings(deadline=None)
@given(graphs(), FAILS, KILLS, st.integers(0, 80))
def test_a_run_called_off_at_any_event_ends_and_leaves_nothing_alive(
    graph: tuple[Job, ...], fails: set[tuple[str, int]], kills: frozenset[int], moment: int
) -> None:
    """Killed on the way or not."""
    place = DictJobs(fails=fails)

    run = driven(fresh(*graph), place, kills=kills, call_off_after=moment)

    assert place.live() == []
    assert {state for state, _ in ends(run).values()} <= FINAL

"""The graph of training jobs: what may start now, and what follows from an end, state → state.

Pure: who runs the jobs, and where the state is kept, is `jobs_runner` and `jobs_file`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from churn_saver.domain.jobs import FINAL, LIVE, Job, Seen, Standing, State
from churn_saver.errors import InputError, listed


@dataclass(frozen=True, slots=True)
class Run:
    """All jobs of one run, and how each stands."""

    name: str
    jobs: tuple[Job, ...]
    """Each after all that it needs."""
    standings: Mapping[str, Standing]
    """By stage, in the order of the jobs."""
    is_cancelling: bool = False
    """Nothing is started any more, and what runs is asked to stop."""

    def job(self, stage: str) -> Job:
        """Give the job of a stage."""
        return next(job for job in self.jobs if job.stage == stage)


def begun(name: str, jobs: Sequence[Job]) -> Run:
    """Begin a run: all wait.

    Raises:
        InputError: two jobs of one stage, a job before one that it needs, or one that is never tried.
    """
    known: set[str] = set()
    for job in jobs:
        if job.stage in known:
            raise InputError(f"two jobs are called {job.stage!r}, wanted each stage once")
        if missing := [need for need in job.needs if need not in known]:
            raise InputError(f"{job.stage} needs {listed(missing)}, which must stand before it in the graph")
        if job.attempts < 1:
            raise InputError(f"{job.stage} has {job.attempts} attempts, wanted at least 1")
        known.add(job.stage)
    return Run(name, tuple(jobs), {job.stage: Standing() for job in jobs})


def startable(run: Run, wanted: Iterable[str]) -> list[str]:
    """List the wanted stages that may start now, in the order of the graph."""
    asked = frozenset(wanted)
    if run.is_cancelling:
        return []
    return [
        job.stage
        for job in run.jobs
        if job.stage in asked
        and run.standings[job.stage].state == "waiting"
        and all(run.standings[need].state == "succeeded" for need in job.needs)
    ]


def live(run: Run) -> list[str]:
    """List the stages of which there may be a job somewhere."""
    return [stage for stage, standing in run.standings.items() if standing.state in LIVE]


def is_over(run: Run, wanted: Iterable[str]) -> bool:
    """Say whether every wanted stage has ended, and no other one lives."""
    return not live(run) and all(run.standings[stage].state in FINAL for stage in wanted)


def lacking(run: Run, wanted: Iterable[str]) -> dict[str, list[str]]:
    """Name, by wanted stage, what it needs that has not succeeded and is not wanted itself."""
    asked = frozenset(wanted)
    found = {
        job.stage: [n for n in job.needs if n not in asked and run.standings[n].state != "succeeded"]
        for job in run.jobs
        if job.stage in asked and run.standings[job.stage].state != "succeeded"
    }
    return {stage: needs for stage, needs in found.items() if needs}


def submitting(run: Run, stage: str) -> Run:
    """Note, before it is done, that the next attempt at a waiting stage is handed over."""
    standing = run.standings[stage]
    return _with(run, stage, replace(standing, state="submitting", attempt=standing.attempt + 1, where=""))


def submitted(run: Run, stage: str, where: str) -> Run:
    """Note that the attempt has arrived."""
    return _with(run, stage, replace(run.standings[stage], state="running", where=where, note=""))


def seen(run: Run, stage: str, said: Seen) -> Run:
    """Take in what is said of a running job: it may end, wait for another attempt, or end others with it."""
    standing = run.standings[stage]
    if said.state == "running":
        return run
    if said.state == "failed" and not run.is_cancelling and _may_try_again(run.job(stage), standing):
        note = f"attempt {standing.attempt} failed: {said.why}"
        return _with(run, stage, replace(standing, state="waiting", where="", note=note))
    return _skipping(_with(run, stage, replace(standing, state=said.state, note=said.why)))


def cancelling(run: Run) -> Run:
    """Call a run off: what waits never starts; what lives has to be asked to stop."""
    stopped = {
        stage: replace(one, state="cancelled", note="") if one.state == "waiting" else one
        for stage, one in run.standings.items()
    }
    return replace(run, standings=stopped, is_cancelling=True)


def never_arrived(run: Run, stage: str) -> Run:
    """Note that a job which was being handed over when the run was called off is nowhere."""
    return _with(run, stage, replace(run.standings[stage], state="cancelled", note="it had not begun"))


def taken_up(run: Run) -> Run:
    """Take up a run again: what failed, was cancelled or skipped waits anew, what succeeded stays."""
    return replace(run, standings=_mapped(run, _afresh), is_cancelling=False)


def counted(run: Run) -> dict[State, int]:
    """Count the jobs by state."""
    states = [one.state for one in run.standings.values()]
    return {state: states.count(state) for state in dict.fromkeys(states)}


def _afresh(standing: Standing) -> Standing:
    if standing.state in FINAL - {"succeeded"}:
        return Standing(attempt=standing.attempt, before=standing.attempt)
    return standing


def _may_try_again(job: Job, standing: Standing) -> bool:
    return standing.attempt - standing.before < job.attempts


def _skipping(run: Run) -> Run:
    """End what waits for something that has ended otherwise than well; jobs stand after what they need."""
    for job in run.jobs:
        bad = [n for n in job.needs if run.standings[n].state in FINAL - {"succeeded"}]
        if bad and run.standings[job.stage].state == "waiting":
            why = ", ".join(f"{need} {_ENDED[run.standings[need].state]}" for need in bad)
            note = f"not started: {why}"
            run = _with(run, job.stage, replace(run.standings[job.stage], state="skipped", note=note))
    return run


_ENDED = {"failed": "failed", "cancelled": "was cancelled", "skipped": "was not started"}


def _with(run: Run, stage: str, standing: Standing) -> Run:
    return replace(run, standings={**run.standings, stage: standing})


def _mapped(run: Run, change: Callable[[Standing], Standing]) -> dict[str, Standing]:
    return {stage: change(one) for stage, one in run.standings.items()}

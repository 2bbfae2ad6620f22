"""Begin a run of training jobs or take one up, follow it to its end, call it off, bring home what it made."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from churn_saver.adapters.files import remove, write_bytes
from churn_saver.adapters.local_jobs import LocalJobs
from churn_saver.adapters.locks import locked
from churn_saver.adapters.vertex import open_vertex
from churn_saver.adapters.vertex_specs import Ground, plain_run
from churn_saver.cli.job_tables import Shown, table_of
from churn_saver.cli.options import CHECKPOINTS
from churn_saver.cli.screen import console, note, say
from churn_saver.config import JobsSettings, environment
from churn_saver.config.jobs import STAGES
from churn_saver.errors import InputError, TrainingError, listed, quoted
from churn_saver.opening import MODEL_DIR, config_folder, read_text_settings
from churn_saver.opening.settings import read_jobs_settings
from churn_saver.pipeline import jobs
from churn_saver.pipeline.jobs import Run
from churn_saver.pipeline.jobs_file import CALLED_OFF, LOCK, STATE, Kept, Target, read_state, write_state
from churn_saver.pipeline.jobs_inputs import require_tables, send_base, send_inputs
from churn_saver.pipeline.jobs_outputs import fetch
from churn_saver.pipeline.jobs_runner import Backend, Means, Runner
from churn_saver.pipeline.jobs_stages import TEXT_STAGES, jobs_of, order_of

RUNS = Path("var/jobs")
"""A folder for each run, relative to the working folder."""
LOCAL, FETCHED, TREES = "local", "fetched", "trees"
LOCAL_POLL_SECONDS = 0.5
"""Between two looks at the processes of this machine."""

OpenBackend = Callable[[Target, Path, JobsSettings], Backend]
"""Opens the place where the jobs of a run run; its folder is that of the run."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    run: str
    only: tuple[str, ...]
    data: Path


def settings_of() -> JobsSettings:
    """Read jobs.yaml."""
    return read_jobs_settings(environment(os.environ))


def new_run(name: str, settings: JobsSettings) -> Run:
    """Draw the graph of a new run."""
    return jobs.begun(name, jobs_of(settings, read_text_settings(environment(os.environ))[1]))


def stages_of(only: Sequence[str]) -> tuple[str, ...]:
    """Give the stages that are wanted, in their order; none named: all six.

    Raises:
        InputError: there is no such stage.
    """
    for stage in only:
        if stage not in STAGES:
            raise InputError(f"--only is {quoted(stage)}, wanted one of {listed(STAGES)}")
    return tuple(stage for stage in STAGES if not only or stage in only)


def known_runs() -> list[str]:
    """Name the runs of this working folder, the one that changed last first."""
    found = sorted(RUNS.glob(f"*/{STATE}"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.parent.name for path in found]


def known_run(name: str | None) -> str:
    """Give the name of a run back, or that of the one that changed last.

    Raises:
        InputError: there is none.
    """
    if name is not None:
        return plain_run(name)
    if not (names := known_runs()):
        raise InputError(f"there is no run in {RUNS}. Next step: churn-saver jobs submit, or train-all")
    return names[0]


def unfinished(kind: str, project: str = "", region: str = "") -> str | None:
    """Name the run of this place that changed last, unless all of it has succeeded."""
    for name in known_runs():
        kept = read_state(RUNS / name)
        if (kept.target.kind, kept.target.project, kept.target.region) == (kind, project, region):
            done = jobs.counted(kept.run).get("succeeded", 0) == len(kept.run.jobs)
            return None if done else name
    return None


def follow(
    wish: Wish, target: Target, settings: JobsSettings, open_backend: OpenBackend | None = None
) -> Kept:
    """Begin the run or take it up, and go on until all that is wanted has ended.

    Args:
        wish: Which run, and what of it.
        target: Where a new run would run; one that is taken up keeps its own image.
        settings: jobs.yaml.
        open_backend: Opens the place where the jobs run.

    Raises:
        InputError: another process follows it, it belongs elsewhere, or an input is missing.
        TrainingError: a job has not succeeded.
    """
    folder, wanted = RUNS / wish.run, stages_of(wish.only)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / LOCK, wait=False):
        is_there = (folder / STATE).exists()
        kept = _taken_up(folder, target, wanted) if is_there else _begun(wish, target, settings)
        remove(folder / CALLED_OFF)
        backend = (open_backend or backend_of)(kept.target, folder, settings)
        kept = replace(kept, run=drive(folder, kept, backend, settings, wanted))
    console.print(table_of(kept.run))
    require_success(kept.run, wanted)
    return kept


def drive(folder: Path, kept: Kept, backend: Backend, settings: JobsSettings, wanted: Sequence[str]) -> Run:
    """Follow a run whose lock this process holds."""
    is_local = kept.target.kind == "local"
    shown = Shown(kept.run)

    def keep(run: Run) -> None:
        write_state(folder, replace(kept, run=run))
        shown.change(run)

    means = Means(
        backend,
        lambda run, stage: order_of(run, stage, kept.target.place, settings, kept.target.has_base),
        keep,
        (folder / CALLED_OFF).exists,
        lambda: time.sleep(LOCAL_POLL_SECONDS if is_local else settings.poll_seconds),
        settings.local_at_once if is_local else len(STAGES),
        settings.unanswered,
    )
    with shown.shown():
        return Runner(kept.run, wanted, means).go()


def call_off(name: str) -> Run:
    """Cancel a run: whoever follows it is told; if nobody does, this process sees it through."""
    folder = RUNS / name
    read_state(folder)
    write_bytes(folder / CALLED_OFF, b"")
    with locked(folder / LOCK, wait=True):
        # Once more: whoever took the run up in between has taken the mark away, and what waits would go on.
        write_bytes(folder / CALLED_OFF, b"")
        kept, settings = read_state(folder), settings_of()
        if jobs.live(kept.run) or not kept.run.is_cancelling:
            run = drive(folder, kept, backend_of(kept.target, folder, settings), settings, STAGES)
        else:
            run = kept.run
    console.print(table_of(run))
    return run


def backend_of(target: Target, folder: Path, settings: JobsSettings) -> Backend:
    """Open the place where the jobs of a run run."""
    if target.kind == "local":
        return LocalJobs(folder / LOCAL)
    return open_vertex(Ground(target.project, target.region, target.image), settings)


def bring_home(kept: Kept) -> None:
    """Fetch what a run has made into the working folder, and say what it is."""
    beside = RUNS / kept.run.name / FETCHED
    for line in fetch(kept.run, kept.target.place, beside, MODEL_DIR, CHECKPOINTS):
        say(line)


def require_success(run: Run, wanted: Sequence[str]) -> None:
    """Let a run pass whose wanted jobs have all succeeded.

    Raises:
        TrainingError: one has not; names all of them.
    """
    bad = {stage: run.standings[stage] for stage in wanted if run.standings[stage].state != "succeeded"}
    if bad:
        told = "\n".join(
            f"  {stage} {one.state}{f': {one.note}' if one.note else ''}" for stage, one in bad.items()
        )
        raise TrainingError(
            f"{len(bad)} of {len(wanted)} jobs of run {run.name} have not succeeded:\n{told}\nWhat succeeded "
            f"stays. Next step: the same command with --run {run.name} tries the others again"
        )


@contextmanager
def left_running(name: str) -> Iterator[None]:
    """Say, when somebody stops following jobs that run elsewhere, that they go on."""
    try:
        yield
    except KeyboardInterrupt:
        note(
            f"the jobs of run {name} go on by themselves; the same command follows them again, churn-saver "
            f"jobs cancel --run {name} stops them"
        )
        raise


def _begun(wish: Wish, target: Target, settings: JobsSettings) -> Kept:
    """Send what the jobs begin with and write the first state."""
    variables, wanted = environment(os.environ), stages_of(wish.only)
    run = new_run(wish.run, settings)
    if lacks := jobs.lacking(run, wanted):
        stage, needs = next(iter(lacks.items()))
        raise InputError(
            f"{stage} needs {listed(needs)}, which run {run.name} has not made. Name them with --only too"
        )
    require_tables(wish.data, wanted)
    sent = send_inputs(wish.data, config_folder(variables), target.place)
    say(f"inputs     {target.place}/{sent.name}  {sent.files} files, {sent.bytes:,} bytes")
    tuning, judging, _ = read_text_settings(variables)
    names = (tuning.base_model, judging.base_model) if set(wanted) & set(TEXT_STAGES) else ()
    base = send_base(CHECKPOINTS, names, target.place)
    kept = Kept(replace(target, has_base=base is not None), run)
    write_state(RUNS / wish.run, kept)
    return kept


def _taken_up(folder: Path, target: Target, wanted: Sequence[str]) -> Kept:
    """Go on with a run; what has failed, was cancelled or was skipped is tried again once all has ended."""
    kept = read_state(folder)
    there, here = replace(kept.target, has_base=False, image=""), replace(target, has_base=False, image="")
    if there != here:
        raise InputError(
            f"run {folder.name} belongs to {there.project} {there.region} {there.place}, not to "
            f"{here.project} {here.region} {here.place}. Begin another one with --run NAME"
        )
    if kept.run.is_cancelling and jobs.live(kept.run):
        raise InputError(
            f"run {folder.name} is being cancelled. Next step: churn-saver jobs cancel --run {folder.name}"
        )
    say(f"goes on    run {folder.name}, with the inputs that it began with; --run NAME begins another")
    return replace(kept, run=jobs.taken_up(kept.run)) if jobs.is_over(kept.run, wanted) else kept

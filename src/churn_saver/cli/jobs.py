"""`churn-saver jobs`: all models trained as a graph of jobs on Vertex AI; `train-all`: the same graph here.

Heavy imports stand inside the commands.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from churn_saver.cli.options import DATA

SIGNALLED = 128
"""Exit code after a signal: so much more than its number, as a shell says it."""

app = typer.Typer(
    help="Train all models as jobs on Vertex AI; a run that was stopped goes on.", no_args_is_help=True
)
beside = typer.Typer()

RunName = Annotated[
    str | None,
    typer.Option("--run", help="Its name; default: the last unfinished one of this place, else a new one."),
]
KnownRun = Annotated[str | None, typer.Option("--run", help="Its name; default: the one that changed last.")]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", help="risk | accept | sft | rm | ppo-decision | ppo-text; repeat as needed."),
]
DataFolder = Annotated[Path, typer.Option("--data", help="Folder of own tables and prepared ones.")]


@app.command()
def submit(
    project: Annotated[str, typer.Option(help="Project id of Google Cloud.")],
    region: Annotated[str, typer.Option(help="Such as us-central1.")],
    bucket: Annotated[
        str | None,
        typer.Option(
            envvar="GCS_MODEL_BUCKET", help="Bucket of the models, without gs://.", show_envvar=False
        ),
    ] = None,
    image: Annotated[
        str | None, typer.Option(help="Training image; default the repository's train:latest.")
    ] = None,
    repository: Annotated[
        str, typer.Option(envvar="AR_REPO", help="Repository of the default image.", show_envvar=False)
    ] = "churn-saver-repo",
    run: RunName = None,
    only: Only = None,
    data: DataFolder = DATA,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be sent, and send nothing.")
    ] = False,
) -> None:
    """Train on Vertex AI and follow the jobs; after a kill the same command goes on where it stopped."""
    from churn_saver.cli.job_submitting import Cloud, show, train

    cloud = Cloud(project, region, bucket, image, repository)
    if dry_run:
        show(cloud, run, tuple(only or ()))
    else:
        train(cloud, run, tuple(only or ()), data)


@app.command()
def status(run: KnownRun = None) -> None:
    """Show how a run stood when it was last followed, and which others there are."""
    from churn_saver.cli.job_running import RUNS, known_run, known_runs
    from churn_saver.cli.job_tables import table_of
    from churn_saver.cli.screen import console, say
    from churn_saver.pipeline.jobs_file import read_state

    name = known_run(run)
    kept = read_state(RUNS / name)
    console.print(table_of(kept.run))
    say(f"runs       {' '.join([kept.target.kind, kept.target.project, kept.target.region]).strip()}")
    say(f"trees      {kept.target.place}")
    if others := [other for other in known_runs() if other != name]:
        say(f"others     {', '.join(others)}")


@app.command()
def cancel(run: KnownRun = None) -> None:
    """Stop the jobs of a run; what has succeeded stays."""
    from churn_saver.cli.job_running import call_off, known_run

    call_off(known_run(run))


@app.command()
def fetch(run: KnownRun = None) -> None:
    """Bring what a run has made into models/ and checkpoints/."""
    from churn_saver.cli.job_running import RUNS, bring_home, known_run
    from churn_saver.pipeline.jobs_file import read_state

    bring_home(read_state(RUNS / known_run(run)))


@app.command("run")
def run_stage(
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="One of the six.")],
    place: Annotated[str, typer.Option(help="Folder or gs://bucket/prefix of the run's trees.")],
    attempt: Annotated[int, typer.Option(help="Number of this attempt.", min=1)] = 1,
    take: Annotated[list[str] | None, typer.Option(help="A tree to begin with; repeat as needed.")] = None,
    ladder: Annotated[bool, typer.Option(help="ppo-decision measures the whole ladder.")] = True,
) -> None:
    """Do one job, as its machine does it: take the inputs, train, hand the outputs on."""
    import tempfile

    from churn_saver.adapters.local_jobs import run_here
    from churn_saver.cli.screen import say
    from churn_saver.pipeline.jobs_stages import Task, run_task

    with _stoppable(), tempfile.TemporaryDirectory(prefix="churn-saver-job-") as work:
        tree = run_task(Task(stage, place, attempt, tuple(take or ()), ladder), Path(work), run_here)
    say(f"left       {place}/{tree.name}  {tree.files} files, {tree.bytes:,} bytes, list {tree.sha256[:16]}")


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM end the block as an error does: copies of customers' tables are not left behind."""

    def stop(number: int, _: FrameType | None) -> None:
        raise SystemExit(SIGNALLED + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@beside.command("train-all")
def train_all(run: RunName = None, only: Only = None, data: DataFolder = DATA) -> None:
    """Train all models on this machine, as the same graph of jobs; it goes on where it was stopped."""
    from churn_saver.cli.job_submitting import train_here

    train_here(run, tuple(only or ()), data)

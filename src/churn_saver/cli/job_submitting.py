"""Where a run of training jobs goes: to Vertex AI, to this machine, or nowhere but the screen."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from churn_saver.adapters.vertex_specs import Ground, custom_job, plain_run
from churn_saver.cli.job_running import (
    RUNS,
    TREES,
    OpenBackend,
    Wish,
    bring_home,
    call_off,
    follow,
    left_running,
    new_run,
    settings_of,
    stages_of,
    unfinished,
)
from churn_saver.cli.job_tables import show_brief_figures
from churn_saver.cli.screen import note, say
from churn_saver.errors import ConfigError
from churn_saver.pipeline import jobs
from churn_saver.pipeline.jobs_file import Target
from churn_saver.pipeline.jobs_stages import order_of

_BUCKET = "<bucket>"
"""Stands in a dry run where no bucket was named."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """What the command line says of Google Cloud."""

    project: str
    region: str
    bucket: str | None
    image: str | None
    repository: str

    @property
    def ground(self) -> Ground:
        """Give project, region and image, all of them checked."""
        host = f"{self.region}-docker.pkg.dev"
        return Ground(
            self.project, self.region, self.image or f"{host}/{self.project}/{self.repository}/train:latest"
        )


def train(
    cloud: Cloud, run: str | None, only: tuple[str, ...], data: Path, opened: OpenBackend | None = None
) -> None:
    """Train on Vertex AI.

    Raises:
        ConfigError: no bucket was named.
    """
    ground, settings = cloud.ground, settings_of()
    if not cloud.bucket:
        raise ConfigError(
            "the bucket of the models is not named. Next step: --bucket NAME, or GCS_MODEL_BUCKET in the "
            "environment; terraform output bucket_names lists yours"
        )
    name = plain_run(run or unfinished("vertex", ground.project, ground.region) or _new_name())
    say(f"run        {name}")
    target = Target("vertex", _place(cloud.bucket, name), ground.project, ground.region, ground.image)
    with left_running(name):
        follow(Wish(name, only, data), target, settings, opened)
    note(f"churn-saver jobs fetch --run {name} brings the models here")


def train_here(run: str | None, only: tuple[str, ...], data: Path) -> None:
    """Train on this machine and put the models where serving looks for them."""
    name = plain_run(run or unfinished("local") or _new_name())
    say(f"run        {name}  {RUNS / name}")
    target = Target("local", str((RUNS / name / TREES).resolve()))
    try:
        kept = follow(Wish(name, only, data), target, settings_of())
    except KeyboardInterrupt:
        note("stopping the jobs; the same command goes on afterwards")
        call_off(name)
        raise
    bring_home(kept)


def show(cloud: Cloud, run: str | None, only: tuple[str, ...]) -> None:
    """Print what would be sent, a list of the API's own messages, and the brief's figures beside it."""
    settings, name = settings_of(), plain_run(run or _new_name())
    graph, place, specs = new_run(name, settings), _place(cloud.bucket or _BUCKET, name), []
    for stage in stages_of(only):
        graph = jobs.submitting(graph, stage)
        order = order_of(graph, stage, place, settings, has_base=True)
        specs.append(custom_job(order, settings, cloud.ground))
    typer.echo(json.dumps(specs, indent=2))
    show_brief_figures(settings)


def _place(bucket: str, run: str) -> str:
    return f"gs://{bucket.removeprefix('gs://').strip('/')}/runs/{run}"


def _new_name() -> str:
    return f"run-{datetime.now(UTC):%Y%m%d-%H%M%S}"

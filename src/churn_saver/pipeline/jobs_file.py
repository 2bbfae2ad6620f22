"""The state of a run on disk: one JSON file, replaced as a whole, from which any process can go on.

Knows nothing of what the jobs do.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import read_bytes, write_bytes
from churn_saver.domain.jobs import Job, Standing, State
from churn_saver.domain.plain import object_of, record_of
from churn_saver.errors import ArtifactError, InputError, quoted
from churn_saver.pipeline.jobs import Run, begun

SCHEMA = 1
"""Raised when a reader of the old files could no longer read the new ones."""
STATE, LOCK, CALLED_OFF = "state.json", "runner.lock", "called_off"
"""Below the folder of a run: how it stands; who drives it; there when somebody wants it cancelled."""
Kind = Literal["local", "vertex"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where the jobs of a run run, and with what; the same for its whole life."""

    kind: Kind
    place: str
    """Where its trees lie: a folder, or 'gs://bucket/prefix'."""
    project: str = ""
    region: str = ""
    image: str = ""
    has_base: bool = False
    """A base model was sent along for the text stages."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the file holds."""

    target: Target
    run: Run


@dataclass(frozen=True, slots=True)
class _Head:
    """The flat part of the file."""

    kind: str
    place: str
    project: str
    region: str
    image: str
    has_base: bool
    name: str
    is_cancelling: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """One job and how it stands."""

    stage: str
    needs: str
    """Parted by spaces."""
    attempts: int
    state: str
    attempt: int
    before: int
    where: str
    note: str


def write_state(folder: Path, kept: Kept) -> None:
    """Write the state over the last one, beside its place and then moved there.

    Raises:
        InputError: the folder cannot be written to.
    """
    run = kept.run
    head = asdict(kept.target) | {"name": run.name, "is_cancelling": run.is_cancelling}
    rows = [
        {"stage": job.stage, "needs": " ".join(job.needs), "attempts": job.attempts}
        | asdict(run.standings[job.stage])
        for job in run.jobs
    ]
    write_bytes(folder / STATE, canonical({"schema": SCHEMA, "run": head, "jobs": rows}))


def read_state(folder: Path) -> Kept:
    """Read the state of a run.

    Raises:
        InputError: there is none, or it is none of ours.
    """
    path = folder / STATE
    raw = read_bytes(path, "see which runs there are: churn-saver jobs status")
    try:
        return _kept(json.loads(raw))
    except (ValueError, RecursionError, ArtifactError, InputError) as error:
        raise InputError(
            f"{path} is no state of a run ({error}). Next step: bring it back from a copy, or begin a run of "
            "another name"
        ) from error


def _kept(raw: object) -> Kept:
    found = object_of(raw, ("schema", "run", "jobs"), "file")
    if found["schema"] != SCHEMA:
        raise ValueError(f"schema is {found['schema']!r}, wanted {SCHEMA}")
    head = record_of(_Head, found["run"], "run")
    listed = found["jobs"]
    if not isinstance(listed, list):
        raise ValueError("jobs are no list")
    rows = [record_of(_Row, row, f"jobs[{place}]") for place, row in enumerate(listed)]
    jobs = tuple(Job(row.stage, tuple(row.needs.split()), row.attempts) for row in rows)
    standings: Mapping[str, Standing] = {
        row.stage: Standing(_state(row.state), row.attempt, row.before, row.where, row.note) for row in rows
    }
    begun(head.name, jobs)
    target = Target(_kind(head.kind), head.place, head.project, head.region, head.image, head.has_base)
    return Kept(target, Run(head.name, jobs, standings, head.is_cancelling))


def _state(value: str) -> State:
    for state in get_args(State):
        if value == state:
            known: State = state
            return known
    raise ValueError(f"state is {quoted(value)}, wanted one of {', '.join(get_args(State))}")


def _kind(value: str) -> Kind:
    if value == "local":
        return "local"
    if value == "vertex":
        return "vertex"
    raise ValueError(f"kind is {quoted(value)}, wanted local or vertex")

"""The state of a run on disk."""

import json
from pathlib import Path
from typing import Any

import pytest

from churn_saver.domain.jobs import Seen
from churn_saver.errors import InputError
from churn_saver.pipeline import jobs
from churn_saver.pipeline.jobs_file import STATE, Kept, Target, read_state, write_state
from tests.job_runs import fresh

TARGET = Target("vertex", "gs://models/runs/r", "my-project", "us-central1", "host/train:1", has_base=True)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    """Every field: one job that runs, one that failed once, one whose note has quotes, a run called off."""
    run = jobs.submitted(jobs.submitting(fresh(), "risk"), "risk", "projects/1/customJobs/2")
    run = jobs.submitted(jobs.submitting(run, "rm"), "rm", "projects/1/customJobs/3")
    run = jobs.cancelling(jobs.seen(run, "rm", Seen("failed", 'said "no"\nand left')))

    write_state(tmp_path, Kept(TARGET, run))

    assert read_state(tmp_path) == Kept(TARGET, run)


def test_the_last_state_replaces_the_one_before(tmp_path: Path) -> None:
    """One file, and nothing half-written beside it."""
    write_state(tmp_path, Kept(TARGET, fresh()))
    write_state(tmp_path, Kept(TARGET, jobs.submitting(fresh(), "sft")))

    assert jobs.live(read_state(tmp_path).run) == ["sft"]
    assert [path.name for path in tmp_path.iterdir()] == [STATE]


def test_no_state_is_said_with_what_to_do(tmp_path: Path) -> None:
    """The runs that there are can be listed."""
    with pytest.raises(InputError, match=r"state\.json cannot be read.*churn-saver jobs status"):
        read_state(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 2}, "schema is 2, wanted 1"),
        ({"jobs": {}}, "jobs are no list"),
        ({"jobs": [{"stage": "risk"}]}, r"jobs\[0\] lacks needs"),
        ({"run": {}}, "run lacks kind"),
        ({"more": 1}, "holds more"),
    ],
)
def test_what_is_no_state_of_ours_is_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    """With what is wrong in it."""
    write_state(tmp_path, Kept(TARGET, fresh()))
    raw = json.loads((tmp_path / STATE).read_text()) | change
    (tmp_path / STATE).write_text(json.dumps(raw))

    with pytest.raises(InputError, match=rf"no state of a run \(.*{said}"):
        read_state(tmp_path)


@pytest.mark.parametrize(
    ("part", "name", "said"),
    [
        ("run", "kind", "kind is 'x', wanted local or vertex"),
        ("job", "state", "state is 'x', wanted one of waiting"),
        ("job", "needs", "risk needs x, which must stand before it"),
    ],
)
def test_a_word_that_nobody_wrote_is_refused(tmp_path: Path, part: str, name: str, said: str) -> None:
    """Of the place, of how a job stands, and of what it needs."""
    write_state(tmp_path, Kept(TARGET, fresh()))
    raw = json.loads((tmp_path / STATE).read_text())
    (raw["run"] if part == "run" else raw["jobs"][0])[name] = "x"
    (tmp_path / STATE).write_text(json.dumps(raw))

    with pytest.raises(InputError, match=said):
        read_state(tmp_path)


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    """Cut short, say."""
    (tmp_path / STATE).write_text("{")

    with pytest.raises(InputError, match="no state of a run"):
        read_state(tmp_path)

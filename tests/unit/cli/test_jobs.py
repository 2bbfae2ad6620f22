"""The commands of the training jobs: what they print and refuse. What they do is in job_running and cloud."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from churn_saver.cli import app
from churn_saver.cli.job_running import RUNS
from churn_saver.errors import ConfigError, InputError
from churn_saver.pipeline import jobs
from churn_saver.pipeline.jobs_file import Kept, Target, write_state
from tests.job_runs import fresh
from tests.tiny_configs import CONFIGS


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty working folder with the shipped settings."""
    monkeypatch.setenv("CONFIG_DIR", str(CONFIGS))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("GCS_MODEL_BUCKET", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> str:
    """Run a command that must succeed and give what it printed."""
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_standing_of_a_run_is_shown() -> None:
    """The one that changed last, with what it needs and where it runs; the others by name."""
    target = Target("vertex", "gs://b/runs/second", "my-project", "us-central1", "image")
    write_state(RUNS / "first", Kept(Target("local", "trees"), fresh()))
    write_state(RUNS / "second", Kept(target, jobs.submitting(fresh(), "sft")))

    output = run("jobs", "status")

    assert "Run r" in output
    assert "risk, accept" in output
    assert "submitting" in output
    assert "runs       vertex my-project us-central1" in output
    assert "others     first" in output
    assert "trees      trees" in run("jobs", "status", "--run", "first")


@pytest.mark.parametrize("command", ["status", "cancel", "fetch"])
def test_without_a_run_there_is_nothing_to_show(command: str) -> None:
    """What begins one is named."""
    with pytest.raises(InputError, match=r"there is no run in var/jobs\. Next step: churn-saver jobs submit"):
        run("jobs", command)


def test_a_bucket_has_to_be_named() -> None:
    """Before anything else happens."""
    with pytest.raises(ConfigError, match=r"bucket of the models is not named.*GCS_MODEL_BUCKET"):
        run("jobs", "submit", "--project", "my-project", "--region", "us-central1")

    assert not RUNS.exists()


def test_a_stage_that_there_is_not_is_refused() -> None:
    """By submit, train-all and run alike."""
    for command in (
        [
            "jobs",
            "submit",
            "--project",
            "my-project",
            "--region",
            "us-central1",
            "--dry-run",
            "--only",
            "all",
        ],
        ["train-all", "--only", "all"],
        ["jobs", "run", "all", "--place", "nowhere"],
    ):
        with pytest.raises(InputError, match=r"'all', wanted one of risk, accept"):
            run(*command)


@pytest.fixture
def spared() -> Iterator[None]:
    """Let these tests outlive the signal where the command does not take it."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("spared")
def test_a_job_that_is_stopped_leaves_no_copy_of_its_tables(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends as a shell says of SIGTERM, what it worked with is gone, and nothing was handed on."""
    seen: list[bool] = []

    def stopped(_: object, folder: Path, __: object) -> int:
        (folder / "customers.csv").write_text("C1")
        seen.append((folder / "customers.csv").exists())
        os.kill(os.getpid(), signal.SIGTERM)
        return 0

    monkeypatch.setattr(tempfile, "tempdir", str(workplace))
    monkeypatch.setattr("churn_saver.adapters.local_jobs.run_here", stopped)
    result = CliRunner().invoke(app, ["jobs", "run", "sft", "--place", "trees"])

    assert seen == [True]
    assert result.exit_code == 128 + signal.SIGTERM
    assert list(workplace.iterdir()) == []

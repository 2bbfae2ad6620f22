"""Where a run of training jobs goes: to Vertex AI, to this machine, or nowhere but the screen."""

import json
from pathlib import Path

import pytest

from churn_saver.cli.job_running import RUNS
from churn_saver.cli.job_submitting import Cloud, show, train_here
from churn_saver.errors import InputError
from churn_saver.pipeline import jobs
from churn_saver.pipeline.jobs_file import Kept, Target, write_state
from tests.job_runs import fresh
from tests.tiny_configs import CONFIGS

CLOUD = Cloud("my-project", "us-central1", "gs://my-models/", None, "repo")


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty working folder with the shipped settings."""
    monkeypatch.setenv("CONFIG_DIR", str(CONFIGS))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_training_image_is_the_repositorys_unless_another_is_named() -> None:
    """REGION-docker.pkg.dev/PROJECT/REPOSITORY/train:latest."""
    other = Cloud("my-project", "us-central1", None, "elsewhere/train:7", "repo")

    assert CLOUD.ground.image == "us-central1-docker.pkg.dev/my-project/repo/train:latest"
    assert other.ground.image == "elsewhere/train:7"


def test_a_dry_run_shows_what_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """One stage of six; the bucket with or without its scheme; nothing is written."""
    show(CLOUD, "autumn", ("rm",))

    (spec,) = json.loads(capsys.readouterr().out)
    arguments = spec["jobSpec"]["workerPoolSpecs"][0]["containerSpec"]["args"]
    assert spec["displayName"] == "churn-saver-autumn-rm-1"
    assert arguments[arguments.index("--place") + 1] == "gs://my-models/runs/autumn"
    assert not RUNS.exists()


def test_without_tables_nothing_is_started() -> None:
    """What makes them is named."""
    with pytest.raises(InputError, match=r"risk needs .*churn_train\.csv .*make prepare-data"):
        train_here("r", (), Path("data"))


def test_a_run_elsewhere_is_not_taken_for_one_of_this_machine() -> None:
    """The last unfinished one is another place's: a new one is begun, and fails for its tables here."""
    write_state(RUNS / "cloudy", Kept(Target("vertex", "gs://b", "p", "r"), jobs.submitting(fresh(), "sft")))

    with pytest.raises(InputError, match=r"risk needs"):
        train_here(None, (), Path("data"))

    assert len([path for path in RUNS.iterdir() if path.name.startswith("run-")]) == 1

"""What the jobs of a run have left, brought into the working folder."""

from pathlib import Path

import pytest

from churn_saver.adapters import artifacts
from churn_saver.adapters.artifact_parts import save_part
from churn_saver.adapters.trees import push_tree
from churn_saver.domain.jobs import Seen
from churn_saver.errors import ArtifactError
from churn_saver.pipeline import jobs
from churn_saver.pipeline.jobs import Run
from churn_saver.pipeline.jobs_outputs import fetch
from churn_saver.pipeline.jobs_stages import PARTS
from tests.job_runs import fresh
from tests.tiny_predictors import tiny_predictors


def done(*stages: str) -> Run:
    """Give a run in which these stages have succeeded at their first attempt."""
    run = fresh()
    for stage in stages:
        run = jobs.seen(jobs.submitted(jobs.submitting(run, stage), stage, "x"), stage, Seen("succeeded"))
    return run


def left(folder: Path, place: Path, stage: str, **files: str) -> None:
    """Leave files as the first attempt at a stage."""
    for name, words in files.items():
        (folder / stage / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / stage / name).write_text(words)
    push_tree(folder / stage, str(place), f"{stage}/1")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give the trees of both predictors and of a fine-tuned model."""
    found, about = tiny_predictors(), {"hold_out": {"seed": 1}, "preset": "best"}
    for name, model in (("risk", found.risk), ("accept", found.accept)):
        page = {"report.html": name.encode(), "report.json": b"{}"}
        save_part(tmp_path / "jobs" / name / PARTS[name], model, about, {}, page)
        left(tmp_path / "jobs", tmp_path / "place", name)
    tuned = {"checkpoints/sft_model/manifest.json": "new", "checkpoints/sft_model/layer": "new"}
    left(tmp_path / "jobs", tmp_path / "place", "sft", **tuned, **{"checkpoints/sft_model.html": "page"})
    return tmp_path / "place"


def fetched(run: Run, place: Path, folder: Path) -> list[str]:
    """Bring a run into a folder."""
    return fetch(run, str(place), folder / "beside", folder / "models", folder / "checkpoints")


def test_both_predictors_become_one_folder_with_their_reports(place: Path, tmp_path: Path) -> None:
    """It serves; a report of a former training is gone."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "report.html").write_text("old")

    lines = fetched(done("risk", "accept"), place, tmp_path)

    assert lines == [
        f"models       {tmp_path / 'models'}  version {artifacts.load(tmp_path / 'models').version}"
    ]
    assert (tmp_path / "models" / "report_accept.html").read_text() == "accept"
    assert not (tmp_path / "models" / "report.html").exists()


def test_one_predictor_alone_changes_nothing(place: Path, tmp_path: Path) -> None:
    """There is nothing to vouch for."""
    assert fetched(done("risk"), place, tmp_path) == []
    assert not (tmp_path / "models").exists()


def test_a_model_replaces_the_one_before_as_a_whole(place: Path, tmp_path: Path) -> None:
    """A file that only the old one had is gone; what else stands there stays."""
    (tmp_path / "checkpoints" / "sft_model").mkdir(parents=True)
    (tmp_path / "checkpoints" / "sft_model" / "old layer").touch()
    (tmp_path / "checkpoints" / "ladder.json").write_text("mine")

    lines = fetched(done("sft"), place, tmp_path)

    folder = tmp_path / "checkpoints"
    assert sorted(path.name for path in (folder / "sft_model").iterdir()) == ["layer", "manifest.json"]
    assert (folder / "sft_model.html").read_text() == "page"
    assert (folder / "ladder.json").read_text() == "mine"
    assert lines == [f"sft          {folder / 'sft_model'}", f"sft          {folder / 'sft_model.html'}"]


def test_the_ladder_comes_after_the_policies_that_it_vouches_for(place: Path, tmp_path: Path) -> None:
    """Whoever looks in between finds the old ladder with the old policies' names, or the new one with all."""
    names = ("ladder.html", "ladder.json", "ppo_policy_ppo.safetensors", "curves/ppo/events")
    left(tmp_path / "jobs", place, "ppo-decision", **{f"checkpoints/{name}": name for name in names})

    lines = fetched(done("ppo-decision"), place, tmp_path)

    assert [line.rsplit("/", 1)[1] for line in lines] == [
        "ladder.html",
        "ppo_policy_ppo.safetensors",
        "ladder.json",
    ]
    assert (tmp_path / "checkpoints" / "curves" / "ppo" / "events").read_text() == "curves/ppo/events"


def test_what_was_altered_is_not_brought_home(place: Path, tmp_path: Path) -> None:
    """What stood there stands there."""
    (place / "sft" / "1" / "checkpoints" / "sft_model" / "layer").write_text("bad")

    with pytest.raises(ArtifactError, match="it was altered"):
        fetched(done("sft"), place, tmp_path)

    assert not (tmp_path / "checkpoints").exists()

"""The six jobs: their graph, their orders, and one attempt from its inputs to its outputs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml

from churn_saver.adapters import artifacts
from churn_saver.adapters.artifact_parts import save_part
from churn_saver.adapters.trees import pull_tree, push_tree
from churn_saver.config import JobsSettings
from churn_saver.config.jobs import STAGES
from churn_saver.domain.jobs import Seen
from churn_saver.errors import ArtifactError, InputError, TrainingError
from churn_saver.pipeline import jobs
from churn_saver.pipeline.jobs_stages import (
    ARTEFACTS,
    BASE_MODELS,
    PARTS,
    Execute,
    Task,
    command_of,
    jobs_of,
    order_of,
    run_task,
)
from tests.tiny_configs import CONFIGS
from tests.tiny_predictors import tiny_predictors
from tests.tiny_texts import rm_settings

SETTINGS = JobsSettings.model_validate(yaml.safe_load((CONFIGS / "jobs.yaml").read_text()))


def leaving(*files: str, code: int = 0) -> Execute:
    """Run commands that write these files, and end with this code."""

    def execute(arguments: Sequence[str], root: Path, variables: Mapping[str, str]) -> int:
        for file in files:
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(" ".join(arguments))
        return code

    return execute


def sent(folder: Path, place: Path, name: str, **files: str) -> None:
    """Send a tree of files: words by name."""
    for path, words in files.items():
        (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / name / path).write_text(words)
    push_tree(folder / name, str(place), name)


def test_the_reward_model_waits_for_the_one_that_it_starts_from() -> None:
    """start: sft; with start: base both train side by side."""
    after_sft = {job.stage: job.needs for job in jobs_of(SETTINGS, rm_settings(start="sft"))}
    from_base = {job.stage: job.needs for job in jobs_of(SETTINGS, rm_settings(start="base"))}

    assert after_sft == {
        "risk": (), "accept": (), "sft": (), "rm": ("sft",), "ppo-decision": ("risk", "accept"),
        "ppo-text": ("sft", "rm"),
    }  # fmt: skip
    assert from_base == after_sft | {"rm": ()}


def test_an_order_names_what_the_job_begins_with() -> None:
    """The trees of the attempts that succeeded; a base model for the text stages alone."""
    run = jobs.begun("r", jobs_of(SETTINGS, rm_settings(start="base")))
    for stage, ends in {"risk": ["succeeded"], "accept": ["failed", "succeeded"]}.items():
        for end in ends:
            said = Seen("failed") if end == "failed" else Seen("succeeded")
            run = jobs.seen(jobs.submitted(jobs.submitting(run, stage), stage, "x"), stage, said)
    run = jobs.submitting(jobs.submitting(run, "ppo-decision"), "rm")

    policy = order_of(run, "ppo-decision", "gs://b/runs/r", SETTINGS, has_base=True)
    reward = order_of(run, "rm", "gs://b/runs/r", SETTINGS, has_base=True)

    assert policy.name == "churn-saver-r-ppo-decision-1"
    assert policy.arguments == (
        "jobs", "run", "ppo-decision", "--place", "gs://b/runs/r", "--attempt", "1", "--take", "inputs",
        "--take", "risk/1", "--take", "accept/2",
    )  # fmt: skip
    assert policy.timeout_seconds == 480 * 60
    assert reward.arguments[-4:] == ("--take", "inputs", "--take", "base")


def test_the_ladder_is_left_out_by_a_word_of_the_settings() -> None:
    """ladder: false."""
    run = jobs.submitting(jobs.begun("r", jobs_of(SETTINGS, rm_settings())), "ppo-decision")

    order = order_of(run, "ppo-decision", "p", SETTINGS.changed({"ladder": False}, "a test"), has_base=False)

    assert order.arguments[-1] == "--no-ladder"
    assert command_of("ppo-decision", ladder=False)[0] == "train-ppo"


@pytest.mark.parametrize(
    ("stage", "command"),
    [
        ("risk", "train-risk --only risk --data data --out models/risk_accept/risk"),
        ("accept", "train-risk --only accept --data data --out models/risk_accept/accept"),
        ("sft", "train-sft --data data --out checkpoints"),
        ("rm", "train-rm --data data --out checkpoints"),
        ("ppo-decision", "bench --data data --out checkpoints"),
        ("ppo-text", "train-ppo-text --out checkpoints"),
    ],
)
def test_each_stage_is_a_command_that_there_is(stage: str, command: str) -> None:
    """With the folders of a project; the command line knows it."""
    from churn_saver.cli import app

    names = {found.name or found.callback.__name__ for found in app.registered_commands if found.callback}
    names |= {
        found.name or found.callback.__name__
        for group in app.registered_groups
        if group.typer_instance
        for found in group.typer_instance.registered_commands
        if found.callback
    }

    assert " ".join(command_of(stage, ladder=True)) == command
    assert command.split()[0] in names


def test_a_job_hands_on_what_it_added_and_no_more(tmp_path: Path) -> None:
    """Not its inputs, and not what an interrupted training keeps for itself."""
    place = tmp_path / "place"
    sent(tmp_path, place, "inputs", **{"data/churn_train.csv": "rows", "ops/configs/rm.yaml": "start: base"})
    sent(tmp_path, place, "base", **{f"{BASE_MODELS}/tiny/config.json": "{}"})
    execute = leaving("checkpoints/sft_model/manifest.json", "checkpoints/trainings/sft_model/state")

    tree = run_task(Task("sft", str(place), 2, ("inputs", "base"), True), tmp_path / "work", execute)
    pull_tree(str(place), "sft/2", tmp_path / "back")

    assert (tree.name, tree.files) == ("sft/2", 1)
    assert (tmp_path / "work/root/checkpoints/base_models/tiny/config.json").read_text() == "{}"
    back = tmp_path / "back/checkpoints/sft_model/manifest.json"
    assert back.read_text() == "train-sft --data data --out checkpoints"


def test_the_decision_policy_begins_with_both_predictors_as_one(tmp_path: Path) -> None:
    """Two parts come, a whole is what MODEL_DIR names; it is no output of this job."""
    found, about = tiny_predictors(), {"hold_out": {"seed": 1}, "preset": "best"}
    for name, model in (("risk", found.risk), ("accept", found.accept)):
        folder = tmp_path / name
        save_part(folder / PARTS[name], model, about, {}, {"report.json": b"{}"})
        push_tree(folder, str(tmp_path / "place"), f"{name}/1")
    seen: list[str] = []

    def execute(arguments: Sequence[str], root: Path, variables: Mapping[str, str]) -> int:
        seen.append(artifacts.load(root / variables["MODEL_DIR"]).version)
        return leaving("checkpoints/ladder.json", "checkpoints/ladder/a")(arguments, root, variables)

    task = Task("ppo-decision", str(tmp_path / "place"), 1, ("risk/1", "accept/1"), True)
    tree = run_task(task, tmp_path / "work", execute)

    assert tree.files == 1
    assert len(seen) == 1
    assert (tmp_path / "work/root" / ARTEFACTS / "MANIFEST.json").is_file()


def test_an_attempt_that_has_left_its_outputs_is_not_done_again(tmp_path: Path) -> None:
    """Its machine was started anew after the end, say."""
    task = Task("sft", str(tmp_path / "place"), 1, (), True)
    first = run_task(task, tmp_path / "one", leaving("checkpoints/a"))

    again = run_task(task, tmp_path / "two", leaving(code=1))

    assert again == first


def test_a_command_that_fails_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    """With its exit code; nor does one that succeeded without a file count."""
    task = Task("sft", str(tmp_path / "place"), 1, (), True)
    said = "churn-saver train-sft --data data --out checkpoints"

    with pytest.raises(TrainingError, match=rf"sft failed: {said} ended with exit code 3"):
        run_task(task, tmp_path / "one", leaving("checkpoints/a", code=3))
    with pytest.raises(TrainingError, match=rf"sft left no file: {said}"):
        run_task(task, tmp_path / "two", leaving())

    assert not (tmp_path / "place").exists()


def test_a_tree_that_is_missing_is_named(tmp_path: Path) -> None:
    """Before any command is run."""
    with pytest.raises(ArtifactError, match=r"inputs has no tree\.json"):
        run_task(Task("sft", str(tmp_path), 1, ("inputs",), True), tmp_path / "work", leaving("a"))


def test_a_stage_that_there_is_not_is_refused(tmp_path: Path) -> None:
    """The six are named."""
    with pytest.raises(InputError, match=rf"STAGE is 'x', wanted one of {', '.join(STAGES)}"):
        run_task(Task("x", str(tmp_path), 1, (), True), tmp_path / "work", leaving("a"))


def test_base_models_lie_where_the_text_stages_look_for_them() -> None:
    """The name stands twice, for the other one brings torch in."""
    from churn_saver.opening.text_models import base_folder

    assert base_folder(Path("checkpoints")) == Path(BASE_MODELS)

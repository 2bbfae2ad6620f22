"""The six training jobs: what each waits for, what it takes, which command it is, and what it leaves.

A job works in a folder that looks like the root of a project. What it begins with comes as trees, and the
files that it adds go on as one tree, by which the next job takes them: on a bucket and on this machine alike.
"""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from churn_saver.adapters.artifact_parts import join
from churn_saver.adapters.plain_files import plain_names
from churn_saver.adapters.tree_lists import TREE
from churn_saver.adapters.trees import Tree, pull_tree, push_tree, read_tree
from churn_saver.config import JobsSettings, RmSettings
from churn_saver.config.jobs import STAGES, Stage
from churn_saver.domain.jobs import Job, Order
from churn_saver.errors import ArtifactError, InputError, TrainingError, listed
from churn_saver.pipeline.jobs import Run

INPUTS, BASE = "inputs", "base"
"""Trees that a run begins with: tables and settings; the base model of the text stages."""
CONFIGS, CHECKPOINTS, DATA = "ops/configs", "checkpoints", "data"
"""Where things lie in the folder of a job."""
BASE_MODELS = "checkpoints/base_models"
"""As `opening.text_models` has it, which brings torch in."""
ARTEFACTS = "models/risk_accept/artifacts"
PARTS: Mapping[str, str] = {"risk": "models/risk_accept/risk", "accept": "models/risk_accept/accept"}
"""Where the two halves of the predictors lie, which train side by side."""
TEXT_STAGES: tuple[Stage, ...] = ("sft", "rm", "ppo-text")
_UNFINISHED = ("checkpoints/trainings/", "checkpoints/ladder/")
"""What a stage keeps to go on with when it is interrupted; nobody else needs it."""

Execute = Callable[[Sequence[str], Path, Mapping[str, str]], int]
"""Runs `churn-saver` with arguments in a folder, under some variables; → exit code."""


@dataclass(frozen=True, slots=True)
class Task:
    """One attempt at a job, where it runs."""

    stage: str
    place: str
    """Folder or 'gs://bucket/prefix' of the run's trees."""
    attempt: int
    takes: tuple[str, ...]
    """Names of the trees to begin with."""
    ladder: bool
    """ppo-decision measures the whole ladder."""


def jobs_of(settings: JobsSettings, judging: RmSettings) -> tuple[Job, ...]:
    """Draw the graph.

    The reward model waits for the fine-tuned one when rm.yaml says that it starts from it; else both train
    side by side.
    """
    needs: Mapping[Stage, tuple[str, ...]] = {
        "rm": ("sft",) if judging.start == "sft" else (),
        "ppo-decision": ("risk", "accept"),
        "ppo-text": ("sft", "rm"),
    }
    return tuple(Job(stage, needs.get(stage, ()), settings.attempts) for stage in STAGES)


def order_of(run: Run, stage: str, place: str, settings: JobsSettings, has_base: bool) -> Order:
    """Write the order for the present attempt at a stage: the command that its machine runs."""
    (known,) = (one for one in STAGES if one == stage)
    takes = [INPUTS, *([BASE] if has_base and known in TEXT_STAGES else [])]
    takes += [tree_of(need, run.standings[need].attempt) for need in run.job(stage).needs]
    arguments = ["jobs", "run", stage, "--place", place, "--attempt", str(run.standings[stage].attempt)]
    arguments += [word for name in takes for word in ("--take", name)]
    if known == "ppo-decision" and not settings.ladder:
        arguments.append("--no-ladder")
    seconds = settings.stages[known].timeout_minutes * 60
    return Order(run.name, stage, run.standings[stage].attempt, tuple(arguments), seconds)


def tree_of(stage: str, attempt: int) -> str:
    """Name what an attempt at a stage leaves: each attempt writes to a place of its own."""
    return f"{stage}/{attempt}"


def run_task(task: Task, work: Path, execute: Execute) -> Tree:
    """Take what the job begins with, run its command, and hand on what it added, the list last.

    Args:
        task: Which.
        work: An empty folder to work in.
        execute: Runs a command.

    Returns:
        What it left; where the same attempt has left it already, that.

    Raises:
        InputError: no such stage, or a place cannot be read or written to.
        ArtifactError: a tree that it begins with is missing or altered.
        TrainingError: the command failed, or left nothing.
    """
    if task.stage not in STAGES:
        raise InputError(f"STAGE is {task.stage!r}, wanted one of {listed(STAGES)}")
    name = tree_of(task.stage, task.attempt)
    if (left := _left_before(task.place, name)) is not None:
        return left
    root = work / "root"
    root.mkdir(parents=True)
    for take in task.takes:
        _take(task.place, take, work / "taken" / take.replace("/", "-"), root)
    if task.stage == "ppo-decision":
        join(root / PARTS["risk"], root / PARTS["accept"], root / ARTEFACTS)
    before = set(plain_names(root))
    arguments = command_of(task.stage, task.ladder)
    code = execute(arguments, root, {"CONFIG_DIR": CONFIGS, "MODEL_DIR": ARTEFACTS, "FORCE_BASELINE": ""})
    if code:
        raise TrainingError(
            f"{task.stage} failed: churn-saver {' '.join(arguments)} ended with exit code {code}"
        )
    added = [path for path in plain_names(root) if path not in before and not path.startswith(_UNFINISHED)]
    if not added:
        raise TrainingError(f"{task.stage} left no file: churn-saver {' '.join(arguments)}")
    for path in added:
        linked(root / path, work / "left" / path)
    return push_tree(work / "left", task.place, name)


def command_of(stage: str, ladder: bool) -> tuple[str, ...]:
    """Give the arguments of `churn-saver` that are a stage."""
    if stage in PARTS:
        return ("train-risk", "--only", stage, "--data", DATA, "--out", PARTS[stage])
    if stage == "ppo-decision":
        return ("bench" if ladder else "train-ppo", "--data", DATA, "--out", CHECKPOINTS)
    if stage == "ppo-text":
        return ("train-ppo-text", "--out", CHECKPOINTS)
    return (f"train-{stage}", "--data", DATA, "--out", CHECKPOINTS)


def linked(source: Path, place: Path) -> None:
    """Let a file stand at a second place; where the file system cannot, copy it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, place)
    except OSError:
        shutil.copyfile(source, place)


def _left_before(place: str, name: str) -> Tree | None:
    """Give what this attempt has left already; None: nothing whole, which is why it runs at all."""
    try:
        return read_tree(place, name)
    except ArtifactError:
        return None


def _take(place: str, name: str, taken: Path, root: Path) -> None:
    pull_tree(place, name, taken)
    for path in plain_names(taken):
        if path != TREE:
            linked(taken / path, root / path)

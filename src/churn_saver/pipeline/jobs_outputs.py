"""What the jobs of a run have left, brought into the working folder, where serving and releases look for it.

What vouches for files comes after them, so whoever looks in between finds the old whole, the new one, or
files that the old list refuses: never a mix that passes.
"""

from collections.abc import Iterable
from pathlib import Path

from churn_saver.adapters.artifact_parts import join
from churn_saver.adapters.files import read_pieces, remove, whole_folder, write_pieces
from churn_saver.adapters.ladder import LADDER
from churn_saver.adapters.plain_files import plain_names
from churn_saver.adapters.text_models import MANIFEST
from churn_saver.adapters.tree_lists import TREE
from churn_saver.adapters.trees import pull_tree
from churn_saver.pipeline.jobs import Run
from churn_saver.pipeline.jobs_stages import CHECKPOINTS, PARTS, tree_of

PAGE = "report.html"
"""Beside what `train-risk` writes."""
_NEXT_STEP = "fetch the run again"


def fetch(run: Run, place: str, beside: Path, models: Path, checkpoints: Path) -> list[str]:
    """Bring what has succeeded into the working folder.

    Args:
        run: As it stands.
        place: Folder or 'gs://bucket/prefix' of its trees.
        beside: Where the trees go first; what was brought there before is replaced.
        models: Folder of the predictors.
        checkpoints: Folder of policies and message models.

    Returns:
        What was made of it, a line each.

    Raises:
        ArtifactError: a tree is missing or altered, or the two predictors were not trained alike.
        InputError: a place cannot be read or written to.
    """
    made = [stage for stage, standing in run.standings.items() if standing.state == "succeeded"]
    for stage in made:
        pull_tree(place, tree_of(stage, run.standings[stage].attempt), beside / stage)
    lines = []
    if set(PARTS) <= set(made):
        parts = {name: beside / name / place for name, place in PARTS.items()}
        version = join(parts["risk"], parts["accept"], models)
        for name, part in parts.items():
            _copy(part / PAGE, models / f"report_{name}.html")
        # Of a training before this one.
        remove(models / PAGE)
        lines.append(f"models       {models}  version {version}")
    for stage in made:
        if stage not in PARTS:
            lines += [f"{stage:<13}{path}" for path in _placed(beside / stage / CHECKPOINTS, checkpoints)]
    return lines


def _placed(source: Path, checkpoints: Path) -> Iterable[Path]:
    """Bring a stage's checkpoints over: folders with a manifest whole, files one by one, the ladder last."""
    names = plain_names(source)
    whole = {name.split("/")[0] for name in names if name.endswith(f"/{MANIFEST}") and name.count("/") == 1}
    for folder in sorted(whole):
        with whole_folder(checkpoints / folder) as new:
            for name in names:
                if name.startswith(f"{folder}/"):
                    _copy(source / name, new / name.removeprefix(f"{folder}/"))
        yield checkpoints / folder
    single = [name for name in names if name.split("/")[0] not in whole and name != TREE]
    for name in sorted(single, key=lambda one: one == LADDER):
        _copy(source / name, checkpoints / name)
        if "/" not in name:
            yield checkpoints / name


def _copy(source: Path, place: Path) -> None:
    write_pieces(place, read_pieces(source, _NEXT_STEP), over=True)

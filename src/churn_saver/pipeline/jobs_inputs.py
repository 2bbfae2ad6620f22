"""What a run of training jobs begins with, gathered from the working folder and sent once, for all jobs.

All jobs of a run read the same bytes, whatever changes in the working folder meanwhile.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from churn_saver.adapters.plain_files import plain_names
from churn_saver.adapters.trees import Tree, push_tree
from churn_saver.errors import InputError
from churn_saver.pipeline.jobs_stages import BASE, BASE_MODELS, CONFIGS, DATA, INPUTS, linked
from churn_saver.train.datasets import ACCEPT_FILE, CHURN_FILE, MARKER, PREPARE, PROCESSED
from churn_saver.train.text_sources import MESSAGES_FILES, PAIRS_FILE

OWN_FILES = (CHURN_FILE, ACCEPT_FILE, MARKER, PAIRS_FILE, *MESSAGES_FILES)
"""Files of the data folder that trainings read; of its folders they read what is prepared."""
_PREPARED = PROCESSED.parts[0]


def require_tables(data: Path, stages: Iterable[str]) -> None:
    """Look, before anything is sent or paid for, whether the tables of these stages are there.

    Raises:
        InputError: one is not.
    """
    asked = set(stages)
    wanted = {
        "risk": (data / CHURN_FILE, data / PROCESSED),
        "accept": (data / ACCEPT_FILE,),
        "ppo-decision": (data / CHURN_FILE, data / PROCESSED),
    }
    for stage, places in wanted.items():
        if stage in asked and not any(place.exists() for place in places):
            raise InputError(
                f"{stage} needs {' or '.join(map(str, places))}, and there is none. Put your table there, or "
                f"make the demo's: {PREPARE}"
            )


def send_inputs(data: Path, configs: Path, place: str) -> Tree:
    """Send tables and settings.

    Args:
        data: Folder of tables, own and prepared.
        configs: Folder of the settings files.
        place: Folder or 'gs://bucket/prefix' of the run's trees.

    Raises:
        InputError: something cannot be read or sent, or others were sent for this run before.
    """
    files = {f"{DATA}/{name}": data / name for name in OWN_FILES if (data / name).is_file()}
    if (data / _PREPARED).is_dir():
        files |= {
            f"{DATA}/{_PREPARED}/{path}": data / _PREPARED / path for path in plain_names(data / _PREPARED)
        }
    files |= {f"{CONFIGS}/{path.name}": path for path in sorted(configs.glob("*.yaml"))}
    return _sent(files, place, INPUTS)


def send_base(checkpoints: Path, names: Iterable[str], place: str) -> Tree | None:
    """Send the base models that the text stages ask for; None: none of them lies here.

    Args:
        checkpoints: Folder of base models.
        names: As sft.yaml and rm.yaml name them; one that lies elsewhere is the job's to get.
        place: Folder or 'gs://bucket/prefix' of the run's trees.

    Raises:
        InputError: something cannot be read or sent, or others were sent for this run before.
    """
    folder = checkpoints / Path(BASE_MODELS).name
    files = {
        f"{BASE_MODELS}/{name}/{path}": folder / name / path
        for name in sorted(set(names))
        if Path(name).name == name and (folder / name).is_dir()
        for path in plain_names(folder / name)
    }
    return _sent(files, place, BASE) if files else None


def _sent(files: dict[str, Path], place: str, name: str) -> Tree:
    with tempfile.TemporaryDirectory(prefix="churn-saver-jobs-") as beside:
        for path, source in files.items():
            linked(source.resolve(), Path(beside, path))
        return push_tree(Path(beside), place, name)

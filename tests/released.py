"""A project that has trained: what ships with the package, in the folders where training writes."""

import shutil
from pathlib import Path

from churn_saver.opening import BANK_DIR, MODEL_DIR, POLICY_DIR, defaults_folder, shipped_bank_folder

PREDICTORS = ("MANIFEST.json", "accept_model.ubj", "calibrator.json", "churn_model.ubj")


def trained_models(root: Path) -> Path:
    """Write the predictors below a root, with a report beside them that is no part of them."""
    folder = root / MODEL_DIR
    folder.mkdir(parents=True)
    for name in PREDICTORS:
        shutil.copy(defaults_folder() / name, folder)
    (folder / "report.html").write_text("<p>how good they are</p>")
    return root


def trained_policies(root: Path) -> Path:
    """Write the ladder and its policies below a root, with a picture beside them."""
    folder = root / POLICY_DIR
    folder.mkdir(parents=True)
    for path in (defaults_folder() / "ladder.json", *defaults_folder().glob("*.safetensors")):
        shutil.copy(path, folder)
    (folder / "frontier.png").write_bytes(b"picture")
    return root


def written_bank(root: Path) -> Path:
    """Write the bank of messages below a root."""
    shutil.copytree(shipped_bank_folder(), root / BANK_DIR)
    return root


def trained_project(root: Path) -> Path:
    """Write all three."""
    return written_bank(trained_policies(trained_models(root)))

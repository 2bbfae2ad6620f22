"""What serves needs no more packages than an image that serves has."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement

from ops.docker.requirements import requirements

ROOT = Path(__file__).parents[2]
SERVES = (
    "churn_saver.serve.running", "churn_saver.opening.versions", "churn_saver.opening.toxicity",
    "churn_saver.adapters.live", "churn_saver.adapters.uplift", "churn_saver.decide.replaying",
    "churn_saver.decide.explaining", "churn_saver.pipeline.dispatching", "churn_saver.store.backup",
    "churn_saver.cli.dispatching", "churn_saver.cli.message_reviewing", "psycopg",
    "google.cloud.storage", "google.cloud.secretmanager", "google_crc32c", "xgboost",
)  # fmt: skip
"""Whatever `serve` and the commands of its image import, early or late."""


def test_what_serves_can_be_imported_with_the_packages_of_its_image_alone() -> None:
    """Every other package is hidden: those of tables, trainings and tests, however they came here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    allowed = _with_what_they_require(requirements(project, ["postgres", "gcp"])) | {"churn-saver"}
    hidden = [
        name
        for name, owners in packages_distributions().items()
        if not {_plain(owner) for owner in owners} & allowed
    ]
    script = (
        "import importlib, sys\n"
        f"sys.modules.update(dict.fromkeys({hidden!r}))\n"
        f"for name in {SERVES!r}: importlib.import_module(name)\n"
        "print('imported', 'churn_saver.serve.running' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert {"polars", "pandera", "matplotlib", "sklearn", "torch", "jinja2"} <= set(hidden)
    assert (done.stdout, done.stderr) == ("imported True\n", "")


def test_the_image_is_told_to_bring_neither_tables_nor_trainings() -> None:
    """Nor does anything that it requires."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    allowed = _with_what_they_require(requirements(project, ["postgres", "gcp"]))

    assert {"fastapi", "numpy", "xgboost-cpu", "sqlalchemy", "psycopg-binary", "google-crc32c"} <= allowed
    assert not {"polars", "pandera", "matplotlib", "scikit-learn", "torch", "pandas", "jinja2"} & allowed


def _with_what_they_require(lines: list[str]) -> set[str]:
    """Follow requirements to the end, as they stand for this Python."""
    found: set[str] = set()
    waiting = [Requirement(line) for line in lines]
    seen: set[str] = set()
    while waiting:
        one = waiting.pop()
        if str(one) in seen:
            continue
        seen.add(str(one))
        found.add(_plain(one.name))
        try:
            wanted = [Requirement(line) for line in requires(one.name) or ()]
        except PackageNotFoundError:
            # Of another platform or a choice among several: not here, so nothing here imports it.
            continue
        extras = one.extras or {""}
        waiting += [
            need
            for need in wanted
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras)
        ]
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

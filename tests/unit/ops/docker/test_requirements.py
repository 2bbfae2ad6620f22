"""Requirements out of pyproject.toml: each once, extras of extras too."""

import subprocess
import sys
from pathlib import Path

import pytest

from ops.docker.requirements import requirements

ROOT = Path(__file__).parents[4]
PROJECT = {
    "name": "ours",
    "dependencies": ["b>=1", "a"],
    "optional-dependencies": {
        "one": ["ours[two,three]", "c"],
        "two": ["d[x]>=2", "a"],
        "three": ["c"],
        "other": ["e"],
    },
}


@pytest.mark.parametrize(
    ("extras", "wanted"),
    [
        ([], ["a", "b>=1"]),
        (["other"], ["a", "b>=1", "e"]),
        (["one"], ["a", "b>=1", "c", "d[x]>=2"]),
        (["one", "two", "three"], ["a", "b>=1", "c", "d[x]>=2"]),
    ],
)
def test_extras_of_extras_are_told_and_nothing_twice(extras: list[str], wanted: list[str]) -> None:
    """An extra of another package stays as it is."""
    assert requirements(PROJECT, extras) == wanted


def test_an_extra_that_is_not_there_is_named() -> None:
    """An image would otherwise be built without it."""
    with pytest.raises(SystemExit, match=r"extra 'four' is not in pyproject\.toml"):
        requirements(PROJECT, ["one", "four"])


def test_the_script_prints_what_the_service_needs() -> None:
    """Drivers and clients with the base, and nothing that only tables and trainings want."""
    script = ROOT / "ops" / "docker" / "requirements.py"
    done = subprocess.run(
        [sys.executable, str(script), str(ROOT / "pyproject.toml"), "postgres", "gcp"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = [line.split(">")[0].split("=")[0] for line in done.stdout.splitlines()]

    assert {"fastapi", "psycopg[binary]", "google-cloud-storage", "google-crc32c", "xgboost-cpu"} <= set(
        names
    )
    assert not {"polars", "pandera[polars]", "matplotlib", "scikit-learn", "torch"} & set(names)

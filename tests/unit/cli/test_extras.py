"""A package that is not there is one line with the extra that brings it."""

import importlib.util
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from churn_saver.cli.extras import EXTRAS, advice

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("name", "package"), [("polars", "polars"), ("pandera.polars", "pandera"), ("sklearn.compose", "sklearn")]
)
def test_what_is_missing_is_named_with_its_extra(name: str, package: str) -> None:
    """By the package, whichever part of it was asked for."""
    told = advice(ModuleNotFoundError("no such module", name=name))

    assert told is not None
    assert told.startswith(f"{package} cannot be imported")
    assert "pip install 'churn-saver[tables]'" in told


@pytest.mark.parametrize("name", [None, "", "churn_saver.nowhere", "polarsteps"])
def test_a_mistake_of_ours_is_not_explained_away(name: str | None) -> None:
    """A module of no extra stays the error that it is."""
    assert advice(ModuleNotFoundError("no such module", name=name)) is None


def test_the_names_are_those_of_pyproject() -> None:
    """Every package of the extra, under the name of its import, and no other."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    tables = {line.split(">")[0].split("[")[0] for line in project["optional-dependencies"]["tables"]}
    brought = packages_distributions()

    assert {brought[name][0].lower() for name in EXTRAS} == tables
    assert set(EXTRAS.values()) == {"tables"}
    assert all(importlib.util.find_spec(name) is not None for name in EXTRAS)


@pytest.mark.parametrize(
    ("package", "words"),
    [
        ("polars", ["demo"]),
        ("pandera", ["data", "check", "--as", "churn", "x.csv"]),
        ("jinja2", ["train-risk"]),
    ],
)
def test_a_command_without_its_package_ends_in_one_line(
    tmp_path: Path, package: str, words: list[str]
) -> None:
    """Exit code 1 and no traceback; a module that is None cannot be imported, as if it were not there."""
    script = (
        f"import sys; sys.modules[{package!r}] = None; sys.argv[1:] = {words!r}\n"
        "from churn_saver.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False
    )

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"churn-saver: {package} cannot be imported, wanted for this command. Next step: "
        "pip install 'churn-saver[tables]'; of the images, train has it"
    ]


def test_an_error_of_another_kind_keeps_its_traceback() -> None:
    """So that who reads it sees where."""
    script = (
        "import sys; sys.modules['churn_saver.serve.keys'] = None\n"
        "sys.argv[1:] = ['keys', 'new', '--role', 'decide', '--name', 'crm']\n"
        "from churn_saver.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "ModuleNotFoundError" in done.stderr

"""`churn-saver releases` as a person runs it, with a folder in place of a bucket."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from churn_saver.adapters.trees import read_tree
from churn_saver.cli import app
from churn_saver.errors import ArtifactError, InputError
from tests.released import trained_models, written_bank


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GCS_MODEL_BUCKET", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    trained_models(Path("project"))


def run(*arguments: str) -> Result:
    """Run a command at the place."""
    return CliRunner().invoke(app, ["releases", *arguments, "--at", "place/"])


def told(*arguments: str) -> str:
    """Run a command that must succeed, and give what it said in one line."""
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return " ".join(result.output.split())


def test_a_release_is_sent_named_and_listed() -> None:
    """Its parts are said, and its hash wherever it is shown."""
    said = told("push", "spring", "--from", "project")
    whole = read_tree("place", "spring").sha256

    # Four files of the predictors; 0.4 MB as the shipped ones have.
    assert said == (
        f"release spring 4 files, 0.4 MB sha-256 {whole} part models/risk_accept/artifacts at place/spring"
    )
    assert "current" not in told("list")
    assert told("use", "spring") == f"current spring@{whole[:16]} at place"
    assert f"spring current 4 0.4 {whole[:16]}" in told("list")


def test_sending_the_same_again_is_fine_and_another_is_not() -> None:
    """A name is written once."""
    first = told("push", "spring", "--from", "project")
    assert told("push", "spring", "--from", "project") == first
    written_bank(Path("project"))

    result = run("push", "spring", "--from", "project")
    assert result.exit_code == 1
    assert isinstance(result.exception, InputError)
    assert "another tree.json stands at place/spring" in str(result.exception)


def test_what_was_cut_off_is_listed_apart() -> None:
    """With what to do."""
    assert told("list") == "no releases at place"
    told("push", "spring", "--from", "project")
    Path("place/spring/tree.json").unlink()

    said = told("list")
    assert said.startswith("no releases at place")
    assert "spring was never sent whole: send it again, what is there stays" in said


@pytest.mark.parametrize("name", ["current", "../up", "a/b"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    """Before anything is sent."""
    result = run("push", name, "--from", "project")

    assert isinstance(result.exception, InputError)
    assert "is no name of a release" in str(result.exception)
    assert not Path("place").exists()


def test_nothing_to_release_and_nothing_to_use() -> None:
    """Each says what is missing."""
    Path("empty").mkdir()
    result = run("push", "spring", "--from", "empty")
    assert isinstance(result.exception, InputError)
    assert "empty holds nothing to release" in str(result.exception)

    result = run("use", "spring")
    assert isinstance(result.exception, ArtifactError)
    assert "place/spring has no tree.json" in str(result.exception)


@pytest.mark.parametrize("arguments", [["push", "a"], ["use", "a"], ["list"]])
def test_without_a_place_each_says_which_variable_names_it(arguments: list[str]) -> None:
    """Or which option."""
    result = CliRunner().invoke(app, ["releases", *arguments])

    assert isinstance(result.exception, InputError)
    assert "set GCS_MODEL_BUCKET to a bucket, or name a place with --at" in str(result.exception)

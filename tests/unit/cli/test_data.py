"""The commands of public data: names, options, and what each does without any."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from churn_saver.cli import app
from churn_saver.errors import InputError
from churn_saver.pipeline.run import SOURCES
from tests import public_data


@pytest.fixture(autouse=True)
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, with small settings and nothing of this machine's."""
    public_data.write_configs(tmp_path / "configs")
    public_data.write_mirror(tmp_path / "mirror", public_data.contents())
    for name in ("GCS_DATA_BUCKET", "SECRET_RLHF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CONFIG_DIR", str(tmp_path / "configs"))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> str:
    """Run a command that must succeed and give what it printed, in one line."""
    result = CliRunner().invoke(app, ["data", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_help_names_every_command_and_every_data_set() -> None:
    """Whoever reads it knows what can be typed."""
    commands, names = run("--help"), run("prepare", "--help")

    assert all(command in commands for command in ("prepare", "check", "verify", "upload"))
    assert all(name in names for name in SOURCES)


def test_the_folder_of_the_data_can_be_named(tmp_path: Path) -> None:
    """Raw and processed files stand there, and nowhere else."""
    run("prepare", "oasst1", "--from", "mirror", "--data", "elsewhere")

    assert (tmp_path / "elsewhere" / "processed" / "oasst1" / "manifest.json").is_file()
    assert not (tmp_path / "data").exists()
    run("upload", "--data", "elsewhere", "--to", "up")
    assert (tmp_path / "up" / "processed" / "oasst1" / "manifest.json").is_file()


def test_skipping_and_accepting_reach_the_pipeline(tmp_path: Path) -> None:
    """Each option does what it says, and nothing is skipped or accepted without it."""
    (tmp_path / "mirror" / public_data.OASST).write_bytes(
        public_data.jsonl([*public_data.oasst_lines(), "{"])
    )
    with pytest.raises(InputError, match="--skip-bad-rows"):
        run("prepare", "oasst1", "--from", "mirror")

    shown = run("prepare", "oasst1", "--from", "mirror", "--skip-bad-rows", "--accept-drift")

    assert "oasst1 │ 58 │ 16 │ 16 │ 60 │ 1 │" in shown


def test_an_unknown_option_is_refused() -> None:
    """Exit code 2, as of every command line."""
    result = CliRunner().invoke(app, ["data", "prepare", "--skip-everything"])

    assert result.exit_code == 2

"""A preparation that is killed leaves the old data whole, or none, and the next one succeeds."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from churn_saver.cli import app
from tests import public_data

KILLED = """
import os
import signal
import sys

moves = 0


def killed(event, arguments):
    global moves
    if event == "os.rename" and "processed" in str(arguments[1]):
        moves += 1
        if moves == int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)


sys.addaudithook(killed)
from churn_saver.cli import app
app(["data", "prepare", "oasst1", "--from", "mirror"])
"""
"""The process kills itself just before the n-th move into processed/."""


@pytest.fixture
def bench(workplace: Path) -> Path:
    """Give the working folder, with small data in a mirror and settings to match."""
    public_data.write_configs(workplace / "configs")
    public_data.write_mirror(workplace / "mirror", public_data.contents())
    return workplace


def run(*arguments: str) -> str:
    """Run a command that must succeed and give what it printed."""
    result = CliRunner().invoke(app, ["data", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def killed_before(move: int) -> "subprocess.CompletedProcess[str]":
    """Run a preparation that ends by SIGKILL."""
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(move)], capture_output=True, text=True, check=False, env=os.environ
    )


# train, valid, test, report.json, report.html, manifest; then both folders swap places in one call.
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere the swap is two moves")
@pytest.mark.parametrize("move", [1, 4, 6])
def test_a_killed_run_leaves_the_old_data_whole(bench: Path, move: int) -> None:
    """SIGKILL before the n-th move; what training finds is whole, and the next run succeeds."""
    run("prepare", "oasst1", "--from", "mirror")
    place = bench / "data" / "processed" / "oasst1"
    before = public_data.bytes_below(place)

    killed = killed_before(move)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert public_data.bytes_below(place) == before
    run("prepare", "oasst1", "--offline")
    assert "oasst1: 3 files" in run("verify", "data/processed")
    after = public_data.bytes_below(place)
    assert after["manifest.json"] == before["manifest.json"]


def test_a_first_run_that_is_killed_leaves_nothing_to_train_on(bench: Path) -> None:
    """All files are written and the folder is not there yet."""
    killed = killed_before(7)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (bench / "data" / "processed" / "oasst1").exists()
    run("prepare", "oasst1", "--from", "mirror")
    assert "oasst1: 3 files" in run("verify", "data/processed")

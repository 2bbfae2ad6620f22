"""Training jobs as processes of this machine: found by name, followed, cancelled, and survived."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from churn_saver.adapters.job_keeper import LOCK
from churn_saver.adapters.local_jobs import LocalJobs, run_here
from churn_saver.domain.jobs import Order, Seen
from churn_saver.errors import InputError

PATIENCE_SECONDS = 120.0
"""Far more than a process takes to come and go; whoever waits longer waits for nothing."""
WAITS = (
    "import pathlib, sys, time\n"
    "here = pathlib.Path(sys.argv[1])\n"
    "with (here / 'ran').open('a') as file: file.write('once\\n')\n"
    "while not (here / 'go').exists(): time.sleep(0.02)\n"
)
"""A job that says that it runs, and ends when it may."""


@pytest.fixture
def place(tmp_path: Path) -> LocalJobs:
    """Run what an order says as Python."""
    return LocalJobs(tmp_path / "jobs", (sys.executable, "-c"))


@pytest.fixture
def waiting(tmp_path: Path, place: LocalJobs) -> Iterator[str]:
    """Start a job that waits, and let nothing of it be left."""
    name = place.submit(order(WAITS, str(tmp_path)))
    until(lambda: (tmp_path / "ran").exists())
    yield name
    (tmp_path / "go").touch()
    until(lambda: place.look(name).state != "running")


def order(*arguments: str, seconds: int = 600) -> Order:
    """Order an attempt."""
    return Order("r", "risk", 1, arguments, seconds)


def until(is_so: Callable[[], bool]) -> None:
    """Wait for a condition."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def ended(place: LocalJobs, name: str) -> Seen:
    """Wait for the end of a job."""
    until(lambda: place.look(name).state != "running")
    return place.look(name)


def test_a_job_that_ends_well_has_succeeded(place: LocalJobs) -> None:
    """Its words are in its log, its outcome beside it."""
    name = place.submit(order("print('trained')"))

    assert ended(place, name) == Seen("succeeded")
    assert place.log(name).read_text() == "trained\n"
    assert place.find(name) == name


def test_an_exit_code_is_a_failure_with_its_log(place: LocalJobs) -> None:
    """The code, and where to read on."""
    found = ended(place, place.submit(order("raise SystemExit(3)")))

    assert (found.state, found.why) == ("failed", f"exit code 3; see {place.log('churn-saver-r-risk-1')}")


def test_a_command_that_cannot_be_run_is_a_failure(tmp_path: Path) -> None:
    """Not an error of the runner."""
    place = LocalJobs(tmp_path, ("/nowhere/at/all",))

    found = ended(place, place.submit(order()))

    assert found.state == "failed"
    assert "/nowhere/at/all cannot be run" in found.why


def test_a_job_that_takes_too_long_has_failed(place: LocalJobs, tmp_path: Path) -> None:
    """It is stopped after its time."""
    found = ended(place, place.submit(order(WAITS, str(tmp_path), seconds=1)))

    assert found.state == "failed"
    assert "it took more than 1 seconds" in found.why


def test_a_job_that_was_never_handed_over_is_nowhere(place: LocalJobs) -> None:
    """Neither found, nor does a look at it wait for anything."""
    assert place.find("churn-saver-r-risk-1") is None
    assert place.look("churn-saver-r-risk-1").state == "failed"


def test_a_job_that_lives_is_not_started_a_second_time(
    place: LocalJobs, waiting: str, tmp_path: Path
) -> None:
    """Nor one that has ended: whoever comes second leaves it alone."""
    place.submit(order(WAITS, str(tmp_path)))
    lived = place.look(waiting)
    (tmp_path / "go").touch()
    ended(place, waiting)
    place.submit(order(WAITS, str(tmp_path)))

    assert lived == Seen("running")
    assert (tmp_path / "ran").read_text() == "once\n"


def test_a_job_is_cancelled_with_all_that_it_started(place: LocalJobs, tmp_path: Path) -> None:
    """A command of a command, too."""
    inner = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {WAITS!r}, sys.argv[1]])"
    name = place.submit(order(inner, str(tmp_path)))
    until(lambda: (tmp_path / "ran").exists())
    group = int((tmp_path / "jobs" / f"{name}{LOCK}").read_text())

    place.cancel(name)

    assert ended(place, name) == Seen("cancelled")
    until(lambda: not _lives(group))
    place.cancel(name)


def test_a_job_whose_keeper_is_killed_counts_as_living_until_it_is_gone(
    place: LocalJobs, waiting: str, tmp_path: Path
) -> None:
    """Else a second one would be started beside it; afterwards it has failed, for nobody saw its end."""
    os.kill(int((tmp_path / "jobs" / f"{waiting}{LOCK}").read_text()), signal.SIGKILL)

    lived = place.look(waiting)
    (tmp_path / "go").touch()

    assert lived == Seen("running")
    assert ended(place, waiting) == Seen("failed", "its process is gone and left no outcome")


def test_a_job_outlives_the_process_that_started_it(tmp_path: Path) -> None:
    """The runner is killed with all of its group; another one finds the job by its name."""
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from churn_saver.adapters.local_jobs import LocalJobs\n"
        "from churn_saver.domain.jobs import Order\n"
        "place = LocalJobs(Path(sys.argv[1]), (sys.executable, '-c'))\n"
        "place.submit(Order('r', 'risk', 1, (sys.argv[2], sys.argv[3]), 600))\n"
        "os.killpg(0, signal.SIGKILL)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "jobs"), WAITS, str(tmp_path)],
        check=False, start_new_session=True,
    )  # fmt: skip
    place = LocalJobs(tmp_path / "jobs")
    name = "churn-saver-r-risk-1"

    assert killed.returncode == -signal.SIGKILL
    assert place.find(name) == name
    (tmp_path / "go").touch()
    assert ended(place, name) == Seen("succeeded")
    assert (tmp_path / "ran").read_text() == "once\n"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file stands there."""
    (tmp_path / "jobs").touch()

    with pytest.raises(InputError, match=r"churn-saver-r-risk-1 cannot be started .*jobs"):
        LocalJobs(tmp_path / "jobs").submit(order())


def test_our_own_command_is_run_in_a_folder(tmp_path: Path) -> None:
    """Under other variables; its exit code comes back."""
    assert run_here(["--help"], tmp_path, {"COLUMNS": "80"}) == 0
    assert run_here(["no-such-command"], tmp_path, {}) == 2


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True

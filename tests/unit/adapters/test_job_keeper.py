"""The process that keeps a job; what it does over time is in test_local_jobs."""

import fcntl
import os
import sys
from pathlib import Path

from churn_saver.adapters.job_keeper import LOCK, OUTCOME, main


def asked(folder: Path) -> list[str]:
    """Ask for a job that leaves a file."""
    return [str(folder), "job", "600", sys.executable, "-c", f"open({str(folder / 'ran')!r}, 'w')"]


def test_a_job_in_the_hands_of_another_keeper_is_left_alone(tmp_path: Path) -> None:
    """Its lock is held."""
    handle = os.open(tmp_path / f"job{LOCK}", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)

    code = main(asked(tmp_path))
    os.close(handle)

    assert code == 0
    assert not (tmp_path / "ran").exists()


def test_a_job_that_has_ended_is_left_alone(tmp_path: Path) -> None:
    """Its outcome is there."""
    (tmp_path / f"job{OUTCOME}").write_text("{}")

    code = main(asked(tmp_path))

    assert code == 0
    assert not (tmp_path / "ran").exists()

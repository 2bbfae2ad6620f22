"""One process at a time."""

import os
import threading
import time
from pathlib import Path

import pytest

from churn_saver.adapters.locks import locked
from churn_saver.errors import InputError


def test_second_holder_is_refused_while_the_first_holds(tmp_path: Path) -> None:
    """And let in afterwards."""
    path = tmp_path / "file"
    with (
        locked(path, wait=False),
        pytest.raises(InputError, match=r"file is in the hands of another process"),
    ):
        locked(path, wait=False).__enter__()
    with locked(path, wait=False) as handle:
        assert os.write(handle, b"x") == 1


def test_file_that_was_moved_away_is_opened_anew(tmp_path: Path) -> None:
    """Its last holder put it into its place: what is written now must not land there."""
    path, place = tmp_path / "part", tmp_path / "place"
    with locked(path, wait=False) as handle:
        os.write(handle, b"whole")
        path.rename(place)
        with locked(path, wait=False) as other:
            os.write(other, b"new")

    assert (place.read_bytes(), path.read_bytes()) == (b"whole", b"new")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are listed in /proc on Linux only")
def test_file_that_is_moved_while_another_waits_is_opened_anew(tmp_path: Path) -> None:
    """The one that waited had already opened what is now the whole file."""
    path, place = tmp_path / "part", tmp_path / "place"

    def wait_and_write() -> None:
        with locked(path, wait=True) as handle:
            os.write(handle, b"new")

    waiting = threading.Thread(target=wait_and_write)
    with locked(path, wait=False) as handle:
        os.write(handle, b"whole")
        waiting.start()
        until = time.monotonic() + 20
        while times_open(path) < 2 and time.monotonic() < until:
            time.sleep(0.001)
        path.rename(place)
    waiting.join()

    assert (place.read_bytes(), path.read_bytes()) == (b"whole", b"new")


def times_open(path: Path) -> int:
    """Count how often this process has a file open."""
    found = 0
    for number in os.listdir("/proc/self/fd"):
        try:
            found += os.readlink(f"/proc/self/fd/{number}") == str(path)
        except OSError:
            continue
    return found

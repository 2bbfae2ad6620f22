"""A process that runs one command to its end and writes down how it ended; it outlives whoever started it.

    python -m churn_saver.adapters.job_keeper FOLDER NAME SECONDS COMMAND...

It holds NAME.lock while the command lives and leaves NAME.json. Of several keepers of one name one runs it.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from churn_saver.adapters.files import write_bytes

LOCK, OUTCOME, LOG = ".lock", ".json", ".log"
"""What stands beside each other under the name of a job."""
_GRACE_SECONDS = 10.0
"""Between asking a command to stop and stopping it."""
_LOOK_SECONDS = 0.2
"""How often a keeper looks up from waiting."""


def main(arguments: Sequence[str]) -> int:
    """Take the lock, go on as a process of its own, and let the caller go."""
    folder, name, seconds, command = Path(arguments[0]), arguments[1], float(arguments[2]), arguments[3:]
    handle = os.open(folder / f"{name}{LOCK}", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    if (folder / f"{name}{OUTCOME}").exists():
        return 0
    keeper = os.fork()
    if keeper:
        # Whoever asks the job to stop reads this; the lock itself goes on in the other process.
        os.pwrite(handle, str(keeper).encode(), 0)
        return 0
    os.setsid()
    _keep(folder / f"{name}{OUTCOME}", handle, seconds, command)
    return 0


def _keep(outcome: Path, handle: int, seconds: float, command: Sequence[str]) -> None:
    """Run the command, write down how it ended, and leave no process of the group behind."""
    asked: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        asked.append(number)

    signal.signal(signal.SIGTERM, stop)
    try:
        # It holds the lock too: were this process killed, the job would still not count as gone.
        child = subprocess.Popen(list(command), stdin=subprocess.DEVNULL, pass_fds=(handle,))  # noqa: S603
    except OSError as error:
        _write(outcome, "failed", f"{command[0]} cannot be run ({error.strerror})")
        return
    late = _wait(child, seconds, asked)
    if asked or late:
        os.killpg(0, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE_SECONDS)
    if late:
        _write(outcome, "failed", f"it took more than {seconds:g} seconds")
    elif asked:
        _write(outcome, "cancelled", "")
    elif child.returncode:
        _write(outcome, "failed", f"exit code {child.returncode}")
    else:
        _write(outcome, "succeeded", "")
    os.killpg(0, signal.SIGKILL)


def _wait(child: "subprocess.Popen[bytes]", seconds: float, asked: Sequence[int]) -> bool:
    """Wait for the end, or until it is asked to stop; say whether it took too long."""
    left = seconds
    while not asked and left > 0:
        try:
            child.wait(min(_LOOK_SECONDS, left))
        except subprocess.TimeoutExpired:
            left -= _LOOK_SECONDS
        else:
            return False
    return not asked


def _write(outcome: Path, state: str, why: str) -> None:
    write_bytes(outcome, json.dumps({"state": state, "why": why}).encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A file that one process at a time may hold.

The system gives it free when the process ends, however it ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from churn_saver.errors import InputError


@contextmanager
def locked(path: Path, wait: bool) -> Iterator[int]:
    """Open a file for reading and writing, made if absent, and keep other processes from it.

    Args:
        path: Which.
        wait: Wait for another process that holds it, instead of refusing.

    Yields:
        The open handle.

    Raises:
        InputError: another process holds it.
        OSError: it cannot be opened.
    """
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InputError(
                    f"{path} is in the hands of another process. Next step: wait for it, then run again"
                ) from None
            if _is_still(path, handle):
                yield handle
                return
        finally:
            os.close(handle)


def _is_still(path: Path, handle: int) -> bool:
    """Tell whether the path still names the open file: its last holder may have moved it away."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False

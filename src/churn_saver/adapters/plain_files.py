"""Files that somebody else may have put there: listed, or read whole, and only plain ones of a bounded size.

A pipe in the place of a file would wait for ever, a device would never end. Knows nothing of hashes.
"""

import os
import stat
from pathlib import Path

from churn_saver.adapters.files import read_bytes
from churn_saver.errors import InputError

MOST_BYTES = 256 * 1024 * 1024
"""A larger file than this is refused unread."""


def read_plain(path: Path, next_step: str, most: int = MOST_BYTES) -> bytes:
    """Read a file, links followed.

    Args:
        path: Which.
        next_step: What makes the file or mends it.
        most: Bytes that it may have.

    Raises:
        InputError: missing, a folder, a pipe or a device, not readable, or too large.
    """
    require_plain(path, next_step)
    if path.is_file() and (size := path.stat().st_size) > most:
        raise InputError(f"{path} has {size:,} bytes, most allowed {most:,}. Next step: {next_step}")
    return read_bytes(path, next_step)


def require_plain(path: Path, next_step: str) -> None:
    """Refuse what is neither file nor folder; one that is missing is for its reader to name.

    Raises:
        InputError: a pipe, a socket or a device.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise InputError(f"{path} is a pipe or a device, wanted a plain file. Next step: {next_step}")


def plain_names(folder: Path) -> list[str]:
    """List the files below a folder, with '/'; what begins with a dot stays out.

    Raises:
        InputError: it cannot be listed, or something in it is a link, a pipe or a device.
    """
    found = []
    try:
        for above, below, names in os.walk(folder, onerror=_stop):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for path in (Path(above, name) for name in (*below, *names) if not name.startswith(".")):
                kind = path.lstat().st_mode
                if stat.S_ISREG(kind):
                    found.append(path.relative_to(folder).as_posix())
                elif not stat.S_ISDIR(kind):
                    raise InputError(
                        f"{path} is a link, a pipe or a device, wanted plain files only. Put the file itself "
                        "there, or take it away"
                    )
    except OSError as error:
        raise InputError(
            f"{folder} cannot be listed ({error.strerror}). Look at what stands there, or name another folder"
        ) from error
    return sorted(found)


def _stop(error: OSError) -> None:
    raise error

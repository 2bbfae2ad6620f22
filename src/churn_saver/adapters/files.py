"""Files on disk: what is written appears whole or not at all, what cannot be read says what makes it.

Knows nothing of what is in them.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from churn_saver.errors import InputError


def read_bytes(path: Path, next_step: str) -> bytes:
    """Read a file.

    Args:
        path: Which.
        next_step: What makes the file or mends it: a command, or what to name instead.

    Raises:
        InputError: missing, a folder, or not readable.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({_why(error)}). Next step: {next_step}") from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, so that nobody ever reads half of it.

    Raises:
        InputError: the place cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            _fill(handle, content)
            os.chmod(beside, 0o666 & ~_umask())
            os.replace(beside, path)
        except BaseException:
            os.unlink(beside)
            raise
        _settle(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error


def write_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files into a folder, all of them or none.

    A whole new folder is made beside the old one, with whatever else the old one holds, and takes
    its place. Between the two moves the folder is absent for a moment, never half-written.

    Args:
        folder: Where; made if absent.
        contents: Bytes by plain file name.

    Raises:
        InputError: a name is not plain, or the place cannot be written to.
    """
    for name in contents:
        if name in ("", ".", "..") or Path(name).name != name:
            raise InputError(f"{name!r} is no plain file name, wanted one without folders")
    place = folder.resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}-"))
        try:
            if place.exists():
                shutil.copytree(place, beside, dirs_exist_ok=True)
            for name, content in contents.items():
                write_bytes(beside / name, content)
            os.chmod(beside, 0o777 & ~_umask())
            _take_the_place(beside, place)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        _settle(place.parent)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _take_the_place(beside: Path, place: Path) -> None:
    """Swap two folders; afterwards `beside` holds the old one, or is gone when there was none."""
    if not place.exists():
        os.rename(beside, place)
        return
    aside = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}-old-")) / place.name
    try:
        os.rename(place, aside)
        try:
            os.rename(beside, place)
        except OSError:
            os.rename(aside, place)
            raise
    finally:
        shutil.rmtree(aside.parent, ignore_errors=True)


def _fill(handle: int, content: bytes) -> None:
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Make the move itself durable, not only the bytes."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    """Read the umask; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path} cannot be written ({_why(error)}). Name another place, or free this one.")


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__

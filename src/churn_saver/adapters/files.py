"""Files on disk: what is written appears whole or not at all, what cannot be read says what makes it.

Knows nothing of what is in them.
"""

import ctypes
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from churn_saver.errors import InputError

PIECE = 2**20
"""Bytes read at a time."""
_LEFT_SECONDS = 3_600
"""Age at which a folder beside the place is nobody's any more."""
_HERE, _EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE of renameat2(2)."""
_SHOWN = 60
"""Characters of a name that its half-written file bears too: four bytes each, and still a short name."""


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


def read_pieces(path: Path, next_step: str) -> Iterator[bytes]:
    """Read a file of any size in pieces.

    Args:
        path: Which.
        next_step: What makes the file or mends it.

    Raises:
        InputError: missing, a folder, or not readable; when the first piece is asked for.
    """
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise InputError(f"{path} cannot be read ({_why(error)}). Next step: {next_step}") from error


def write_bytes(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file beside its place and move it there, so that nobody ever reads half of it.

    Args:
        path: Where.
        content: All of it.
        mode: Permissions, less the umask.

    Raises:
        InputError: the place cannot be written to.
    """
    write_pieces(path, (content,), over=True, mode=mode)


def write_pieces(path: Path, pieces: Iterable[bytes], over: bool, mode: int = 0o666) -> bool:
    """Write a file beside its place and put it there when it is whole; what the pieces raise leaves nothing.

    Args:
        path: Where.
        pieces: Of the content, in order.
        over: Replace what stands there. Otherwise the first of several writers wins.
        mode: Permissions, less the umask.

    Returns:
        Whether the file was put there; False: something stands there and was left as it is.

    Raises:
        InputError: the place cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:_SHOWN]}-")
        try:
            _fill(handle, pieces)
            os.chmod(beside, mode & ~_umask())
            # A link never overwrites; a rename always does.
            (os.replace if over else os.link)(beside, path)
        except FileExistsError:
            return False
        finally:
            with suppress(FileNotFoundError):
                os.unlink(beside)
        settle(path.parent)
        return True
    except OSError as error:
        raise _unwritable(path, error) from error


def remove(path: Path) -> None:
    """Take a file away for good; one that is gone already is fine.

    Raises:
        InputError: it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
        settle(path.parent)
    except OSError as error:
        raise InputError(f"{path} cannot be removed ({_why(error)}). Free this place.") from error


def remove_folder(folder: Path) -> None:
    """Take a folder away with all that is in it; one that is gone already is fine.

    Raises:
        InputError: it cannot be removed.
    """
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise InputError(f"{folder} cannot be removed ({_why(error)}). Free this place.") from error


def write_folder(folder: Path, contents: Mapping[str, bytes], keep_others: bool = True) -> None:
    """Write files into a folder, all of them or none, as `whole_folder` does.

    Args:
        folder: Where; made if absent.
        contents: Bytes by plain file name.
        keep_others: Whatever else the folder holds stays there.

    Raises:
        InputError: a name is not plain, or the place cannot be written to.
    """
    for name in contents:
        if name in ("", ".", "..") or Path(name).name != name:
            raise InputError(f"{name!r} is no plain file name, wanted one without folders")
    with whole_folder(folder) as beside:
        if keep_others and folder.exists():
            shutil.copytree(folder, beside, dirs_exist_ok=True)
        for name, content in contents.items():
            write_bytes(beside / name, content)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside a place; when the block ends without an error it takes the place.

    The two swap places at once, where the system can (Linux); elsewhere the folder is absent for a moment,
    never half-written. What a killed writer left beside the place is taken away after an hour.

    Args:
        folder: The place; made if absent.

    Raises:
        InputError: the place cannot be written to.
    """
    place = folder.resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _sweep(place)
        beside = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}-"))
        try:
            yield beside
            os.chmod(beside, 0o777 & ~_umask())
            _take_the_place(beside, place)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        settle(place.parent)
    except OSError as error:
        raise _unwritable(folder, error) from error


def settle(folder: Path) -> None:
    """Make a move into a folder itself durable, not only the bytes."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _take_the_place(beside: Path, place: Path) -> None:
    """Swap two folders; afterwards `beside` holds the old one, or is gone when there was none."""
    if not place.exists():
        os.rename(beside, place)
        return
    if _swapped(beside, place):
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


def _swapped(one: Path, other: Path) -> bool:
    """Let two folders swap their names at once; False: the system or the file system cannot."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    return bool(renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


def _sweep(place: Path) -> None:
    """Take away what a writer of this folder left when it was killed; one at work is younger."""
    long_ago = time.time() - _LEFT_SECONDS
    for left in place.parent.iterdir():
        if left.name.startswith(f".{place.name}-") and left.is_dir() and left.stat().st_mtime < long_ago:
            shutil.rmtree(left, ignore_errors=True)


def _fill(handle: int, pieces: Iterable[bytes]) -> None:
    with os.fdopen(handle, "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _umask() -> int:
    """Read the umask; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path} cannot be written ({_why(error)}). Name another place, or free this one.")


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__

"""A mirror that the user names: a folder, or an address, under which every raw file has its path.

An address may be http, for the user chose it. What comes from a mirror is held to the same hashes.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from churn_saver.adapters.download.addresses import Rules, below, shown
from churn_saver.adapters.download.parts import Part
from churn_saver.adapters.download.patience import Patience
from churn_saver.adapters.download.streaming import Size, Tell, is_there, stream
from churn_saver.errors import InputError

_CHUNK_BYTES = 1024**2


class Mirror(Protocol):
    """Another place for raw files."""

    def name(self, path: str) -> str:
        """Say where a file is, without secrets."""
        ...

    def has(self, path: str) -> bool:
        """Tell whether a file is there; a fault is not 'absent'."""
        ...

    def fill(self, path: str, part: Part, size: Size, tell: Tell) -> None:
        """Bring the bytes of a file into a part."""
        ...


@dataclass(frozen=True, slots=True)
class FolderMirror:
    """A folder."""

    root: Path

    def name(self, path: str) -> str:
        """Give the path of a file."""
        return str(self.root / path)

    def has(self, path: str) -> bool:
        """Look for a file; links do not count as absent, they are refused when it is read.

        Raises:
            InputError: nobody may look there.
        """
        try:
            (self.root / path).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise _unreadable(self.root / path, error) from error
        return True

    def fill(self, path: str, part: Part, size: Size, tell: Tell) -> None:
        """Copy a file.

        Raises:
            InputError: no plain file, a link, outside of the folder, too large, or not readable.
        """
        place = self.root / path
        self._refuse_links(place)
        try:
            if not stat.S_ISREG(place.stat().st_mode):
                raise InputError(f"{place} is no plain file, wanted one: not copied")
            # No link, and no waiting, even if the file was swapped for a link or a pipe just now.
            handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise _unreadable(place, error) from error
        with os.fdopen(handle, "rb") as file:
            length = os.fstat(handle).st_size
            if length > size.most:
                raise InputError(f"{place} has {length:,} bytes, wanted at most {size.most:,}: not copied")
            part.begin(str(place), "")
            while part.size < length and (chunk := _read(file, place)):
                part.write(chunk)
                tell(part.size, length)

    def _refuse_links(self, place: Path) -> None:
        inside = place.relative_to(self.root).parts
        steps = [self.root.joinpath(*inside[: n + 1]) for n in range(len(inside))]
        link = next((step for step in steps if step.is_symlink()), None)
        if link is not None or ".." in inside:
            raise InputError(
                f"{place} leads out of the mirror by {str(link or '..')!r}: not copied. "
                "Next step: put the file itself there, not a link"
            )


@dataclass(frozen=True, slots=True)
class WebMirror:
    """An address."""

    base: str
    rules: Rules
    patience: Patience

    def name(self, path: str) -> str:
        """Give the address of a file, without secrets."""
        return shown(below(self.base, path))

    def has(self, path: str) -> bool:
        """Ask for a file without fetching it.

        Raises:
            InputError: refused, or the server cannot tell.
        """
        return is_there(below(self.base, path), self.rules, self.patience)

    def fill(self, path: str, part: Part, size: Size, tell: Tell) -> None:
        """Fetch a file.

        Raises:
            InputError: refused, absent, or given up.
        """
        stream(below(self.base, path), part, size, self.rules, self.patience, tell)


def mirror_at(where: str, hosts: tuple[str, ...], patience: Patience) -> Mirror:
    """Open a mirror.

    Args:
        where: A folder, or an address that begins with https:// or http://.
        hosts: Hosts that redirects may lead to.
        patience: How often to try.

    Raises:
        InputError: neither.
    """
    if where.startswith(("https://", "http://")):
        return WebMirror(where, Rules(hosts, plain_http=True), patience)
    root = Path(where)
    if not where.strip() or "://" in where or not root.is_dir():
        named = shown(where) if "://" in where else where or "''"
        raise InputError(
            f"{named} is no folder. Next step: give --from a folder, or an address with https://"
        )
    return FolderMirror(root)


def _read(file: BinaryIO, place: Path) -> bytes:
    """Read on; a fault of the place that is written to is told by whoever writes."""
    try:
        return file.read(_CHUNK_BYTES)
    except OSError as error:
        raise _unreadable(place, error) from error


def _unreadable(place: Path, error: OSError) -> InputError:
    return InputError(f"{place} cannot be read ({error.strerror})")

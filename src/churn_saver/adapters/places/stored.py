"""What can stand at a place, a folder or a bucket, and under which names.

Knows no place: `places` has the folder, `buckets` the bucket.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from churn_saver.errors import InputError

Sent = Callable[[int], None]
"""Called with the number of bytes that have just gone over."""
READ_LIMIT = 64 * 2**20
"""Bytes that `read` takes into memory at most."""
_PART_BYTES = 255
"""Longest file name of the usual file systems."""
_NAME_BYTES = 1024 - 256
"""Longest object name of Cloud Storage, less room for a prefix."""


@dataclass(frozen=True, slots=True)
class Content:
    """Enough of a file to tell it from another one."""

    size: int
    """Bytes."""
    checksum: str
    """Kind and value: 'sha256 …' in a folder, 'crc32c …' in a bucket, where the service reports it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What stands under a name."""

    content: Content
    generation: int | None
    """Which writing of the name it is; None: the place does not count them."""


@dataclass(frozen=True, slots=True)
class Written:
    """What came of writing a file."""

    new: bool
    """False: the same content stood there already."""
    sent: int
    """Bytes that went over."""


class Place(Protocol):
    """A folder or a bucket: whole files under plain names, each of them there or not there, never half."""

    @property
    def where(self) -> str:
        """As a person would write it."""

    def stat(self, name: str) -> Stored | None:
        """Say what stands under a name; None: nothing does."""

    def names(self) -> list[str]:
        """List what stands here, sorted, with '/' between folder and file."""

    def read(self, name: str, limit: int = READ_LIMIT) -> bytes:
        """Read a small file whole, compared with its checksum where the place keeps one.

        Raises:
            InputError: missing, larger than the limit, altered, or not readable.
        """

    def pieces(self, name: str) -> Iterator[bytes]:
        """Read a file of any size in pieces. Nothing is compared: for a reader who hashes what comes."""

    def content(self, pieces: Iterable[bytes]) -> Content:
        """Work out size and checksum of bytes, with the checksum that this place uses."""

    def write_once(
        self, name: str, path: Path, content: Content, sent: Sent = ..., instead_of: Stored | None = None
    ) -> Written:
        """Write a file under a name that is free, or whose present content was seen.

        Of several writers one wins; what the others find is compared with theirs. A reader sees
        nothing, or what stood there before, until the new file is whole.

        Args:
            name: Where to.
            path: The file.
            content: Of the file, from `content`; a file that turns out to be another is not written.
            sent: Told of bytes as they go over.
            instead_of: What stands under the name and may be replaced; None: nothing may stand there.

        Raises:
            InputError: another content stands under the name, the file changed meanwhile, or the place
                cannot be written to.
        """

    def remove(self, name: str, seen: Stored) -> None:
        """Take a file away if it is still the one that was seen.

        Raises:
            InputError: it is another one by now, or the place cannot be written to.
        """


def plain_name(name: str) -> str:
    """Give the name back if it is safe below any folder and any prefix.

    Parts that begin with a dot are refused: half-written files are kept under such names.

    Raises:
        InputError: absolute, empty, with '..', a backslash or a control character, or too long.
    """
    parts = name.split("/")
    odd = any(
        part == "" or part[0] == "." or len(part.encode(errors="replace")) > _PART_BYTES for part in parts
    )
    # Cc: control characters; Cs: halves of a character, which cannot be written as UTF-8.
    odd |= any(unicodedata.category(letter) in ("Cc", "Cs") or letter == "\\" for letter in name)
    if odd or len(name.encode(errors="replace")) > _NAME_BYTES:
        raise InputError(
            f"{name[:80]!r} is no plain name, wanted something like 'processed/train.parquet': relative, "
            f"no part empty, beginning with a dot or above {_PART_BYTES} bytes, no backslash"
        )
    return name


def refuse_other(where: str, name: str, stands: Stored | None, ours: Content) -> None:
    """Refuse what stands under a name unless it is ours.

    Raises:
        InputError: another content, named with both checksums, or none any more.
    """
    if stands is None:
        raise InputError(f"{name} at {where} was taken away meanwhile: run the same command again")
    if stands.content != ours:
        theirs = stands.content
        raise InputError(
            f"another {name} stands at {where}: it has {theirs.checksum} and {theirs.size} bytes, ours has "
            f"{ours.checksum} and {ours.size}. Take another name or place, or overwrite it where the command "
            "has --replace"
        )


def changed(path: Path) -> InputError:
    """Say that a file is no longer what it was when it was looked at."""
    return InputError(f"{path} changed while it was read. Nothing of it was kept: run the same command again")

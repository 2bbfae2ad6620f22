"""One way to a folder and to gs://bucket/prefix; this module has the folder.

A folder needs no package and no account, so whatever is uploaded can be rehearsed in one.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from churn_saver.adapters import files
from churn_saver.adapters.places.buckets import PATIENCE_SECONDS, open_bucket
from churn_saver.adapters.places.stored import (
    READ_LIMIT,
    Content,
    Place,
    Sent,
    Stored,
    Written,
    changed,
    plain_name,
    refuse_other,
)
from churn_saver.errors import InputError

_NEXT_STEP = "look at what stands there, or name another place"


def place(where: str, patience_seconds: float = PATIENCE_SECONDS) -> Place:
    """Open a folder or a bucket.

    Args:
        where: A path, or 'gs://bucket/prefix'.
        patience_seconds: How long each request to a bucket is tried again.

    Raises:
        InputError: neither of them, or the bucket cannot be opened.
        ConfigError: a bucket, and the package for it is not installed.
    """
    if where.startswith("gs://"):
        return open_bucket(where, patience_seconds)
    if not where.strip() or "://" in where or where.lower().startswith("gs:"):
        raise InputError(f"{where!r} is no place, wanted a folder or gs://bucket/prefix")
    return FolderPlace(Path(where))


@dataclass(frozen=True, slots=True)
class FolderPlace:
    """A folder as a place; made when the first file is written.

    A folder counts no generations. To replace or remove what was seen, it is compared once more just
    before; unlike in a bucket, a writer who comes between the two is not noticed.
    """

    root: Path

    @property
    def where(self) -> str:
        """The path."""
        return str(self.root)

    def stat(self, name: str) -> Stored | None:
        """Say what stands under a name; reads it to know its checksum."""
        path = self._path(name)
        try:
            if not path.exists():
                return None
        except OSError as error:
            raise InputError(f"{path} cannot be looked at ({error.strerror}): {_NEXT_STEP}") from error
        return Stored(self.content(files.read_pieces(path, _NEXT_STEP)), None)

    def names(self) -> list[str]:
        """List the files, without those hidden or half-written."""
        found = []
        try:
            for folder, below, names in os.walk(self.root, onerror=_stop):
                below[:] = [name for name in below if not name.startswith(".")]
                found += [Path(folder, name) for name in names if not name.startswith(".")]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise InputError(f"{self.root} cannot be listed ({error.strerror}): {_NEXT_STEP}") from error
        return sorted(path.relative_to(self.root).as_posix() for path in found)

    def read(self, name: str, limit: int = READ_LIMIT) -> bytes:
        """Read a small file whole."""
        taken = bytearray()
        for piece in self.pieces(name):
            taken += piece
            if len(taken) > limit:
                raise InputError(f"{name} at {self.where} has more than {limit} bytes, wanted a small file")
        return bytes(taken)

    def pieces(self, name: str) -> Iterator[bytes]:
        """Read a file in pieces."""
        return files.read_pieces(self._path(name), _NEXT_STEP)

    def content(self, pieces: Iterable[bytes]) -> Content:
        """Work out size and SHA-256."""
        size, digest = 0, hashlib.sha256()
        for piece in pieces:
            size += len(piece)
            digest.update(piece)
        return Content(size, f"sha256 {digest.hexdigest()}")

    def write_once(
        self,
        name: str,
        path: Path,
        content: Content,
        sent: Sent = lambda _: None,
        instead_of: Stored | None = None,
    ) -> Written:
        """Copy a file beside its place and link it there; a link never overwrites."""
        place = self._path(name)
        stands = self.stat(name)
        if stands != instead_of:
            refuse_other(self.where, name, stands, content)
            return Written(False, 0)
        new = files.write_pieces(place, self._checked(path, content, sent), over=instead_of is not None)
        if not new:
            # Another writer was quicker by a hair.
            refuse_other(self.where, name, self.stat(name), content)
        return Written(new, content.size)

    def remove(self, name: str, seen: Stored) -> None:
        """Take a file away."""
        stands = self.stat(name)
        refuse_other(self.where, name, stands, seen.content)
        files.remove(self._path(name))

    def _path(self, name: str) -> Path:
        return self.root / plain_name(name)

    def _checked(self, path: Path, content: Content, sent: Sent) -> Iterator[bytes]:
        """Read a file; raise at its end, before anybody sees the copy, when it is not the one expected."""
        size, digest = 0, hashlib.sha256()
        for piece in files.read_pieces(path, _NEXT_STEP):
            size += len(piece)
            digest.update(piece)
            yield piece
            sent(len(piece))
        if Content(size, f"sha256 {digest.hexdigest()}") != content:
            raise changed(path)


def _stop(error: OSError) -> None:
    raise error

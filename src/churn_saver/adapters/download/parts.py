"""The first bytes of a file that is still on its way, kept beside its place.

`.<name>.part` holds the bytes, `.<name>.part.json` says of what they are the first. The file itself
appears when all is there and right, or not at all. Knows nothing of where bytes come from.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import settle, write_bytes
from churn_saver.adapters.locks import locked
from churn_saver.errors import InputError


class Part:
    """The part of one file, held by this process alone."""

    def __init__(self, place: Path, handle: int) -> None:
        """Take an open part.

        Args:
            place: Where the whole file goes.
            handle: The part, open for reading and writing.
        """
        self.place = place
        self.size = os.fstat(handle).st_size
        """Bytes that are there."""
        self._handle = handle

    @property
    def path(self) -> Path:
        """Where the bytes are."""
        return self.place.with_name(f".{self.place.name}.part")

    def validator(self, address: str) -> str:
        """Give what tells this version of the file from others, if these bytes are of that address.

        Returns:
            The ETag or date that came with the bytes, or '' when they are of no use.
        """
        try:
            note = json.loads(self._note.read_bytes())
        except (OSError, ValueError, RecursionError):
            return ""
        if self.size == 0 or not isinstance(note, dict) or note.get("address") != address:
            return ""
        return str(note.get("validator", ""))

    def begin(self, address: str, validator: str) -> None:
        """Start over: drop what is there and note what comes now."""
        self._empty()
        write_bytes(self._note, canonical({"address": address, "validator": validator}))

    def write(self, chunk: bytes) -> None:
        """Add bytes at the end. A process killed right after this leaves them there."""
        left = memoryview(chunk)
        while left:
            written = os.pwrite(self._handle, left, self.size)
            self.size += written
            left = left[written:]

    def sha256(self) -> str:
        """Hash the bytes as they are on disk."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def discard(self) -> None:
        """Keep nothing."""
        self._empty()
        self._note.unlink(missing_ok=True)

    def promote(self) -> None:
        """Put the file into its place."""
        os.fsync(self._handle)
        os.replace(self.path, self.place)
        self._note.unlink(missing_ok=True)
        settle(self.place.parent)

    @property
    def _note(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")

    def _empty(self) -> None:
        os.ftruncate(self._handle, 0)
        self.size = 0


@contextmanager
def held(place: Path) -> Iterator[Part]:
    """Hold the part of a file; what is in it afterwards stays for the next run.

    Args:
        place: Where the whole file goes.

    Raises:
        InputError: another process is at it, or the place cannot be written to.
    """
    path = place.with_name(f".{place.name}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with locked(path, wait=False) as handle:
            part = Part(place, handle)
            try:
                yield part
            finally:
                if part.size == 0:
                    part.discard()
                    path.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"{place} cannot be written ({error.strerror or type(error).__name__}). "
            "Next step: free the place, or name another folder"
        ) from error

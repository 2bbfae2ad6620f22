"""A stream of bytes as pieces that end where a line ends, and what each kind of file is known by.

Knows nothing of cells or records. Gzip is unpacked on the way, so memory does not grow with it.
"""

import gzip
import io
import zlib
from collections.abc import Callable
from typing import BinaryIO

from churn_saver.data.grid import refused
from churn_saver.errors import TableError

PIECE = 1 << 23
"""Bytes read at a time."""
HEAD = 1 << 20
"""Bytes at the beginning in which a header must have ended."""
LONGEST_RECORD = 1 << 24
"""Bytes that one record may have: a longer one is a quote left open, or no table."""
GZIP_MAGIC = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
_OTHER_KINDS = {
    b"PK\x03\x04": "a zip or Excel file",
    GZIP_MAGIC: "a gzip file within gzip",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
}
_WANTED = "CSV or JSON lines as UTF-8 text, or Parquet"
_SAVE_AGAIN = "Save the table as 'CSV UTF-8' and try again."


class Feed:
    """Bytes that were read and not yet used."""

    def __init__(
        self, stream: BinaryIO, file: str, piece: int = PIECE, longest: int = LONGEST_RECORD
    ) -> None:
        """Take a stream; nothing is read yet.

        Args:
            stream: Plain bytes, or gzip when it begins like gzip.
            file: Name of the file, for faults.
            piece: Bytes read at a time.
            longest: Bytes that one record may have.
        """
        self.file = file
        self.longest = longest
        self.line = 1
        """The line in which `held` begins."""
        self.held = b""
        self.at_end = False
        self._piece = piece
        magic = stream.read(len(GZIP_MAGIC))
        rest = _Joined(magic, stream)
        self.is_gzip = magic == GZIP_MAGIC
        self._read: Callable[[int], bytes] = (
            gzip.GzipFile(fileobj=io.BufferedReader(rest)).read1 if self.is_gzip else rest.read_some
        )

    def fill(self) -> None:
        """Read one more piece.

        Raises:
            TableError: the gzip data is damaged or cut short.
        """
        size = self._piece
        pieces = [self.held]
        try:
            while size > 0 and (piece := self._read(size)):
                pieces.append(piece)
                size -= len(piece)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            found = b"".join(pieces)
            line = self.line + found.count(b"\n", 0, max(len(found) - 1, 0))
            next_step = "The file is cut short or damaged: get it again."
            raise refused(self.file, line, str(error), "a whole gzip file", next_step) from None
        self.at_end = len(pieces) == 1
        self.held = b"".join(pieces)

    def head(self) -> bytes:
        """Read until the header must have ended; nothing is used up but a byte order mark.

        Raises:
            TableError: no text, or empty.
        """
        while not self.at_end and len(self.held) < HEAD:
            self.fill()
        kind = next((kind for magic, kind in _OTHER_KINDS.items() if self.held.startswith(magic)), None)
        if kind is not None:
            raise self.no_text(kind)
        self.held = self.held.removeprefix(BOM)
        if not self.held.strip():
            raise refused(self.file, 1, "empty", "a header and rows", "The file is empty: export it again.")
        return self.held

    def no_text(self, kind: str, line: int = 1) -> TableError:
        """Give the error that refuses what is no text."""
        return refused(self.file, line, f"{kind} ({self.held[:4]!r}...)", _WANTED, _SAVE_AGAIN)

    def use(self, length: int, lines: int) -> None:
        """Let go of the first bytes, in which so many lines ended."""
        self.held = self.held[length:]
        self.line += lines


class _Joined(io.RawIOBase):
    """A stream with the bytes that were read from it put back in front."""

    def __init__(self, front: bytes, stream: BinaryIO) -> None:
        self._front = front
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read_some(self, size: int) -> bytes:
        front, self._front = self._front, b""
        return front + self._stream.read(max(size - len(front), 0))

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self.read_some(len(buffer)) if len(buffer) >= len(GZIP_MAGIC) else b""
        buffer[: len(piece)] = piece
        return len(piece)

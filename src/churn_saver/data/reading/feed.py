"""A stream of bytes as pieces that end where a line ends, and what each kind of file is known by.

Knows nothing of cells or records. Gzip is unpacked on the way, so memory does not grow with it.
"""

import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from churn_saver.data.reading.grid import refused
from churn_saver.errors import TableError

PIECE = 1 << 23
"""Bytes read at a time."""
HEAD = 1 << 20
"""Bytes at the beginning in which a header must have ended."""
LONGEST_RECORD = 1 << 24
"""Bytes that one record may have: a longer one is a quote left open, or no table."""
_PACKED = 1 << 16
"""Bytes of gzip read at a time."""
_GZIP_ALONE = 31
"""Window bits that make zlib read one member of gzip, with its sum and its size."""
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
_PACK_ONCE = "Unpack the file once, with gunzip, and try again."
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
        self._ended = False
        """Whether what was used last ended a line."""
        self._piece = piece
        magic = stream.read(len(GZIP_MAGIC))
        rest = _Joined(magic, stream)
        self.is_gzip = magic == GZIP_MAGIC
        self._read: Callable[[int], bytes] = _Unpacked(rest.read).read if self.is_gzip else rest.read

    def fill(self, most: int | None = None) -> None:
        """Read one more piece.

        Args:
            most: Bytes, where a piece would be too much.

        Raises:
            TableError: the gzip data is damaged or cut short.
        """
        size = self._piece if most is None else min(self._piece, most)
        pieces = [self.held]
        try:
            while size > 0 and (piece := self._read(size)):
                pieces.append(piece)
                size -= len(piece)
        except _Damaged as error:
            found = b"".join(pieces)
            line = self.line + found.count(b"\n", 0, max(len(found) - 1, 0)) - (self._ended and not found)
            next_step = "The file is cut short or damaged: get it again."
            raise refused(self.file, line, str(error), "a whole gzip file", next_step) from None
        self.at_end = len(pieces) == 1
        self.held = b"".join(pieces)

    def head(self) -> bytes:
        """Read until the header must have ended; nothing is used up but a byte order mark.

        Raises:
            TableError: no text, or empty.
        """
        while not self.at_end and (len(self.held) < HEAD or self._is_first_line_open()):
            self.fill(max(HEAD - len(self.held), _PACKED))
        kind = next((kind for magic, kind in _OTHER_KINDS.items() if self.held.startswith(magic)), None)
        if kind is not None:
            raise self.no_text(kind)
        self.held = self.held.removeprefix(BOM)
        if not self.held.strip():
            raise refused(self.file, 1, "empty", "a header and rows", "The file is empty: export it again.")
        return self.held

    def _is_first_line_open(self) -> bool:
        # A CR at the end of what was read may belong to a CRLF.
        front = self.held.lstrip().removesuffix(b"\r")
        return len(self.held) <= self.longest and b"\n" not in front and b"\r" not in front

    def no_text(self, kind: str, line: int = 1) -> TableError:
        """Give the error that refuses what is no text."""
        next_step = _PACK_ONCE if self.held.startswith(GZIP_MAGIC) else _SAVE_AGAIN
        return refused(self.file, line, f"{kind} ({self.held[:4]!r}...)", _WANTED, next_step)

    def use(self, length: int, lines: int) -> None:
        """Let go of the first bytes, in which so many lines ended."""
        if length:
            self._ended = self.held[:length].endswith((b"\n", b"\r"))
        self.held = self.held[length:]
        self.line += lines


class _Joined:
    """A stream with the bytes that were read from it put back in front."""

    def __init__(self, front: bytes, stream: BinaryIO) -> None:
        self._front = front
        self._stream = stream

    def read(self, size: int) -> bytes:
        front, self._front = self._front, b""
        return front + self._stream.read(max(size - len(front), 0))


class _Damaged(Exception):
    """Gzip that cannot be unpacked any further."""


class _Unpacked:
    """Gzip, member behind member, unpacked up to the very byte behind which it is damaged."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._member = zlib.decompressobj(_GZIP_ALONE)
        self._packed = b""
        self._damage = ""

    def read(self, size: int) -> bytes:
        """Give so many bytes or fewer, none at the end.

        Raises:
            _Damaged: nothing more can be unpacked.
        """
        while not self._damage:
            packed = self._packed or self._read(_PACKED)
            if not packed and self._member.eof:
                return b""
            if self._member.eof:
                # Zeros may follow a member: tapes were filled up with them.
                packed = packed.lstrip(b"\0")
                if not packed:
                    self._packed = b""
                    continue
                self._member = zlib.decompressobj(_GZIP_ALONE)
            if piece := self._unpack(packed, size):
                return piece
        raise _Damaged(self._damage)

    def _unpack(self, packed: bytes, size: int) -> bytes:
        before = self._member.copy()
        try:
            piece = self._member.decompress(packed, size)
        except zlib.error as error:
            self._damage = f"damaged: {str(error).rpartition(': ')[2]}"
            return _as_far_as_it_goes(before, packed)
        if not packed and not piece:
            self._damage = "cut short"
        self._packed = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        return piece


def _as_far_as_it_goes(member: "zlib._Decompress", packed: bytes) -> bytes:
    """Unpack what stands before an error: it takes with it all that its own call had unpacked."""
    if len(packed) > 1:
        half, before = len(packed) // 2, member.copy()
        try:
            first = member.decompress(packed[:half])
        except zlib.error:
            return _as_far_as_it_goes(before, packed[:half])
        return first + _as_far_as_it_goes(member, packed[half:])
    pieces: list[bytes] = []
    with suppress(zlib.error):
        while piece := member.decompress(packed, 1):
            pieces.append(piece)
            packed = member.unconsumed_tail
    return b"".join(pieces)

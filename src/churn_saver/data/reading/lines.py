"""Lines of a stream of bytes, plain or gzip, of any length and from anybody.

Holds one line at a time, so memory stays bounded whatever the file unpacks to. Knows nothing of
what a line means, nor of its encoding, save that a UTF-8 byte order mark is no part of it.
"""

import gzip
import io
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import BinaryIO

from churn_saver.errors import Fault, TableError

GZIP_MAGIC = b"\x1f\x8b"
MAX_LINE_BYTES = 64_000_000
MAX_UNPACKED_BYTES = 16_000_000_000
_WHOLE_LINE = "(line)"
_AGAIN = "Download the file again."


def lines(
    raw: BinaryIO,
    file: str,
    max_line_bytes: int = MAX_LINE_BYTES,
    max_unpacked_bytes: int = MAX_UNPACKED_BYTES,
) -> Iterator[bytes]:
    """Yield each line without its line end; blank ones too, so that counting gives the line number.

    Args:
        raw: Where to read from, from its present place to its end; gzip is known by its first bytes.
        file: Its name, for faults.
        max_line_bytes: Refuse a longer line.
        max_unpacked_bytes: Refuse to go on after so many bytes in all.

    Raises:
        TableError: a line is too long, the whole unpacks to too much, or the gzip is cut off or damaged.
    """
    stream = _unpacked(raw)
    number, total = 0, 0
    while True:
        number += 1
        try:
            # Two more, so that no line end is cut in two.
            line = stream.readline(max_line_bytes + 2)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise _refused(file, number, str(error), "a whole gzip file", _AGAIN) from None
        if not line:
            return
        total += len(line)
        body = line.removesuffix(b"\n").removesuffix(b"\r")
        if len(body) > max_line_bytes:
            wanted = f"at most {max_line_bytes:,} bytes before the line ends"
            raise _refused(file, number, "longer", wanted, "This is no file of one JSON object a line.")
        if total > max_unpacked_bytes:
            wanted = f"at most {max_unpacked_bytes:,} bytes in the whole file, unpacked"
            raise _refused(
                file, number, f"{total:,} bytes in", wanted, "This is not the data it is named after."
            )
        yield body.removeprefix(BOM_UTF8) if number == 1 else body


class _Joined(io.BufferedIOBase):
    """The bytes already taken, then the rest of the stream they were taken from."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        if self._head:
            # Fewer than asked for is allowed, and the next call goes on with the rest.
            head, self._head = self._head, b""
            return head
        return self._rest.read(-1 if size is None else size)


def _unpacked(raw: BinaryIO) -> io.BufferedIOBase:
    # Not every stream can seek or peek, so what was read to know its kind is put in front again.
    head = b""
    while len(head) < len(GZIP_MAGIC) and (piece := raw.read(len(GZIP_MAGIC) - len(head))):
        head += piece
    whole = io.BufferedReader(_Joined(head, raw), 1 << 20)
    return gzip.GzipFile(fileobj=whole) if head == GZIP_MAGIC else whole


def _refused(file: str, line: int, value: str, wanted: str, next_step: str) -> TableError:
    return TableError([Fault(file, line, _WHOLE_LINE, value, wanted)], next_step)

"""Binary JSON (UBJSON) as the boosting library writes it, read within bounds.

The library's own reader believes every length that stands in a file: of a file that was cut short, or made to
harm, it allocates what some bytes happen to say. Here no length reaches beyond the bytes that are there, and
nothing is nested deeper than `DEEPEST`. Reads what the library's writer writes and refuses the rest of the
format, so that nobody reads something else in the same bytes. Knows nothing of what the values mean.

Source: the format at https://ubjson.org/type-reference/, the part of it in dmlc/xgboost:src/common/json.cc
(UBJWriter).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import ArtifactError, quoted

DEEPEST = 16
"""Objects and lists within one another; the library's models have seven."""
_LENGTH_BYTES = 8
_NUMBERS: Mapping[bytes, np.dtype[np.generic]] = {
    b"i": np.dtype(">i1"), b"U": np.dtype(">u1"), b"I": np.dtype(">i2"), b"l": np.dtype(">i4"),
    b"L": np.dtype(">i8"), b"d": np.dtype(">f4"), b"D": np.dtype(">f8"),
}  # fmt: skip
_WORDS: Mapping[bytes, bool | None] = {b"Z": None, b"T": True, b"F": False}


def read_binary_json(content: bytes) -> object:
    """Read one value that fills the content from its first byte to its last.

    Args:
        content: From anywhere.

    Returns:
        dict, list, str, int, float, bool or None; numbers of one type in a row as a NumPy array that nobody
        can write to.

    Raises:
        ArtifactError: cut short, with more behind it, nested too deep, or not written by the library.
    """
    reader = _Reader(content)
    found = reader.value(DEEPEST)
    if reader.at != len(content):
        raise ArtifactError(f"the value ends at byte {reader.at:,} of {len(content):,}")
    return found


class _Reader:
    """A place in the content, moved on by what is read."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.at = 0

    def value(self, room: int) -> object:
        """Read a value; room: levels that may still be nested."""
        mark = self._take(1)
        if mark == b"{":
            return self._object(self._deeper(room))
        if mark == b"[":
            return self._array(self._deeper(room))
        if mark == b"S":
            return self._text()
        if mark in _NUMBERS:
            kind = _NUMBERS[mark]
            return np.frombuffer(self._take(kind.itemsize), kind)[0].item()
        if mark in _WORDS:
            return _WORDS[mark]
        raise self._unread(mark)

    def _object(self, room: int) -> dict[str, object]:
        found: dict[str, object] = {}
        while self._content[self.at : self.at + 1] != b"}":
            name = self._text()
            if name in found:
                raise ArtifactError(f"{quoted(name)} is there twice in one object at byte {self.at:,}")
            found[name] = self.value(room)
        self.at += 1
        return found

    def _array(self, room: int) -> object:
        mark = self._take(1)
        if mark == b"#":
            # Every value has a byte at least, so there are no more than bytes are left.
            return [self.value(room) for _ in range(self._length(1))]
        if mark != b"$":
            raise self._unread(mark)
        return self._numbers()

    def _numbers(self) -> NDArray[np.generic]:
        mark = self._take(2)
        kind = _NUMBERS.get(mark[:1])
        if kind is None or mark[1:] != b"#":
            raise self._unread(mark)
        count = self._length(kind.itemsize)
        return np.frombuffer(self._take(count * kind.itemsize), kind)

    def _text(self) -> str:
        raw = self._take(self._length(1))
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise ArtifactError(f"the text before byte {self.at:,} is no UTF-8") from error

    def _length(self, each: int) -> int:
        """Read how many follow, of so many bytes each or more."""
        mark = self._take(1)
        if mark != b"L":
            raise self._unread(mark)
        found = int.from_bytes(self._take(_LENGTH_BYTES), "big", signed=True)
        left = len(self._content) - self.at
        if not 0 <= found * each <= left:
            raise ArtifactError(f"{found:,} are to follow byte {self.at:,}, and {left:,} bytes are left")
        return found

    def _take(self, count: int) -> bytes:
        taken = self._content[self.at : self.at + count]
        if len(taken) < count:
            raise ArtifactError(f"it ends after {len(self._content):,} bytes, in the middle of a value")
        self.at += count
        return taken

    def _deeper(self, room: int) -> int:
        if room == 0:
            raise ArtifactError(f"byte {self.at:,} is nested deeper than {DEEPEST} levels")
        return room - 1

    def _unread(self, mark: bytes) -> ArtifactError:
        return ArtifactError(f"{mark!r} before byte {self.at:,} is nothing that the boosting library writes")

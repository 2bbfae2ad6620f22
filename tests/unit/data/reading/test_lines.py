"""Lines out of a stream."""

import gzip
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.reading.lines import lines
from churn_saver.errors import TableError

TEXT = b'{"a": 1}\n\n{"b": 2}\r\n{"c": 3}'
EXPECTED = [b'{"a": 1}', b"", b'{"b": 2}', b'{"c": 3}']


class Dripping(io.BytesIO):
    """A stream that can neither seek nor give more than one byte at a time, as a socket may be."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Give one byte."""
        return super().read(1)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Refuse."""
        raise io.UnsupportedOperation


@pytest.mark.parametrize(
    "raw",
    [
        TEXT,
        TEXT + b"\n",
        b"\xef\xbb\xbf" + TEXT,
        gzip.compress(TEXT, mtime=0),
        gzip.compress(b"\xef\xbb\xbf" + TEXT, mtime=0),
        gzip.compress(TEXT[:11], mtime=0) + gzip.compress(TEXT[11:], mtime=0),
        gzip.compress(TEXT, mtime=0) + b"\0" * 100,
    ],
)
@pytest.mark.parametrize("stream", [io.BytesIO, Dripping])
def test_plain_and_packed_give_the_same_lines(raw: bytes, stream: type[io.BytesIO]) -> None:
    """Line ends of both kinds, a byte order mark, members of a gzip and its padding are no part of a line."""
    assert list(lines(stream(raw), "a.jsonl")) == EXPECTED


@pytest.mark.parametrize("raw", [b"", gzip.compress(b"", mtime=0)])
def test_empty_file_has_no_lines(raw: bytes) -> None:
    """Whether that is enough is for others to say."""
    assert list(lines(io.BytesIO(raw), "a.jsonl")) == []


@pytest.mark.parametrize("raw", [b"\x1f", b"\x1f\n\x8b"])
def test_half_a_magic_is_text(raw: bytes) -> None:
    """Only both bytes of the magic make a gzip."""
    assert b"\n".join(lines(io.BytesIO(raw), "a.jsonl")) == raw


def test_byte_order_mark_is_taken_from_the_first_line_only() -> None:
    """Elsewhere it is content."""
    assert list(lines(io.BytesIO(b"a\n\xef\xbb\xbfb"), "a.jsonl")) == [b"a", b"\xef\xbb\xbfb"]


@given(st.data())
def test_gzip_that_is_cut_off_is_never_taken_for_whole(data: st.DataObject) -> None:
    """The lines before the cut may come, then the fault names file and the line reached."""
    rows = data.draw(st.lists(st.binary(max_size=30).map(lambda row: row.replace(b"\n", b" ")), min_size=1))
    packed = gzip.compress(b"\n".join(rows), mtime=0)
    cut = data.draw(st.integers(2, len(packed) - 1))
    found: list[bytes] = []

    with pytest.raises(
        TableError, match=r"t\.gz:\d+: column '\(line\)' is .* wanted a whole gzip file"
    ) as caught:
        found.extend(lines(io.BytesIO(packed[:cut]), "t.gz"))

    assert caught.value.faults[0].line == len(found) + 1


@pytest.mark.parametrize("place", [-8, -1, 15])
def test_damaged_gzip_is_refused(place: int) -> None:
    """A flipped bit in the data, the checksum or the length."""
    packed = bytearray(gzip.compress(b"one line\n" * 50, mtime=0))
    packed[place] ^= 0x40

    with pytest.raises(TableError, match=r"wanted a whole gzip file[^\n]*\nDownload the file again"):
        list(lines(io.BytesIO(packed), "t.gz"))


def test_what_follows_a_gzip_is_refused() -> None:
    """Rubbish behind the last member is no padding."""
    with pytest.raises(TableError, match=r"Not a gzipped file"):
        list(lines(io.BytesIO(gzip.compress(b"a") + b"rubbish"), "t.gz"))


def test_line_may_be_as_long_as_allowed() -> None:
    """The line end does not count; one byte more is refused by its line."""
    raw = b"a\n" + b"x" * 10 + b"\r\n" + b"y" * 10

    found = list(lines(io.BytesIO(raw), "a.jsonl", max_line_bytes=10))
    assert found == [b"a", b"x" * 10, b"y" * 10]
    with pytest.raises(TableError, match=r"a\.jsonl:2: .*longer.*at most 9 bytes before the line ends"):
        list(lines(io.BytesIO(raw), "a.jsonl", max_line_bytes=9))


def test_bomb_is_stopped_at_the_line_where_it_grows_too_large() -> None:
    """Lines of 2 bytes: at most 2,000 bytes are 1,000 lines."""
    packed = gzip.compress(b"a\n" * 1_000_000)
    found: list[bytes] = []

    with pytest.raises(TableError, match=r"b\.gz:1001: .*at most 2,000 bytes in the whole file, unpacked"):
        found.extend(lines(io.BytesIO(packed), "b.gz", max_unpacked_bytes=2_000))

    assert len(found) == 1_000


def test_memory_stays_bounded() -> None:
    """60 MB that unpack from 60 kB never stand in memory at once, as lines or as one line."""
    one, packed = gzip.compress(b"a" * 60_000_000), gzip.compress((b"a" * 999 + b"\n") * 60_000)
    tracemalloc.start()
    count = sum(1 for _ in lines(io.BytesIO(packed), "b.gz"))
    with pytest.raises(TableError, match=r"b\.gz:1"):
        list(lines(io.BytesIO(one), "b.gz", max_line_bytes=1_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 60_000
    assert peak < 10_000_000


def test_errors_of_the_stream_itself_pass() -> None:
    """A network that fails is not a file that is damaged."""

    class Failing(io.BytesIO):
        """A connection that is gone."""

        def read(self, size: int | None = -1, /) -> bytes:
            """Fail."""
            raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match=r"gone"):
        list(lines(Failing(b""), "a.jsonl"))

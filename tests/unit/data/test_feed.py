"""Bytes on their way in."""

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.feed import Feed
from churn_saver.errors import TableError


def drained(raw: bytes, piece: int) -> bytes:
    """Read everything a piece at a time."""
    feed = Feed(io.BytesIO(raw), "t", piece)
    found = b""
    while not feed.at_end:
        feed.fill()
        found += feed.held
        feed.use(len(feed.held), 0)
    return found


@given(st.binary(max_size=50), st.integers(1, 20))
def test_pieces_join_to_the_whole(raw: bytes, piece: int) -> None:
    """Plain, and gzip of one or two members."""
    assert drained(b"x" + raw, piece) == b"x" + raw
    assert drained(gzip.compress(raw), piece) == raw
    assert drained(gzip.compress(raw) + gzip.compress(raw), piece) == raw + raw


def test_what_is_used_is_let_go_and_its_lines_are_counted() -> None:
    """The line is that in which the held bytes begin."""
    feed = Feed(io.BytesIO(b"a\nbc\n"), "t")
    feed.fill()
    feed.use(2, 1)

    assert (feed.held, feed.line, feed.at_end) == (b"bc\n", 2, False)


@pytest.mark.parametrize("cut", [3, 12, -4])
def test_damaged_gzip_names_the_line_it_got_to(cut: int) -> None:
    """Cut in its header, in its data or before its end."""
    feed = Feed(io.BytesIO(gzip.compress(b"a\nb\nc\n")[:cut]), "t.gz")

    with pytest.raises(TableError, match=r"t.gz:\d: .*wanted a whole gzip file"):
        feed.head()


def test_altered_gzip_is_refused() -> None:
    """Its checksum tells."""
    raw = bytearray(gzip.compress(b"a\nb\n" * 100))
    raw[-6] ^= 1

    with pytest.raises(TableError, match="CRC"):
        Feed(io.BytesIO(bytes(raw)), "t.gz").head()


def test_head_takes_off_the_byte_order_mark() -> None:
    """And nothing else."""
    assert Feed(io.BytesIO(b"\xef\xbb\xbfa\n"), "t").head() == b"a\n"

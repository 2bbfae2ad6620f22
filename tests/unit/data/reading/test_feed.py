"""Bytes on their way in."""

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.reading.feed import Feed
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

    with pytest.raises(TableError, match="damaged: incorrect data check"):
        Feed(io.BytesIO(bytes(raw)), "t.gz").head()


def test_head_takes_off_the_byte_order_mark() -> None:
    """And nothing else."""
    assert Feed(io.BytesIO(b"\xef\xbb\xbfa\n"), "t").head() == b"a\n"


def line_of_damage(raw: bytes, piece: int) -> tuple[int, str]:
    """Read lines until the gzip data is damaged; give the line and what was found."""
    feed = Feed(io.BytesIO(raw), "t.gz", piece)
    try:
        while not feed.at_end:
            feed.fill()
            feed.use(feed.held.rfind(b"\n") + 1, feed.held.count(b"\n"))
    except TableError as error:
        return error.faults[0].line, error.faults[0].value
    return 0, "whole"


@given(st.integers(0, 2_000), st.sampled_from([b"", b"\xff" * 9]), st.sampled_from([7, 1_000]))
def test_how_much_is_read_does_not_move_the_damage(place: int, hole: bytes, piece: int) -> None:
    """Cut there, or overwritten: the line is that of the last byte that can be unpacked."""
    raw = gzip.compress("".join(f"{i * 7919 % 1000}\n" for i in range(900)).encode(), mtime=0)
    place = 20 + place % (len(raw) - 40)
    spoiled = raw[:place] + hole + (raw[place + len(hole) :] if hole else b"")

    assert line_of_damage(spoiled, piece) == line_of_damage(spoiled, 1 << 23)


@pytest.mark.parametrize(
    ("behind", "value"),
    [(b"junk", "damaged: incorrect header check"), (gzip.compress(b"d\n", mtime=0)[:7], "cut short")],
)
def test_what_follows_a_member_is_a_member_or_zeros(behind: bytes, value: str) -> None:
    """Lines of the whole ones before it are counted."""
    raw = gzip.compress(b"a\nb\n") + gzip.compress(b"c\n")

    assert drained(raw + bytes(512), 2) == b"a\nb\nc\n"
    assert line_of_damage(raw + behind, 2) == (3, value)


def test_gzip_within_gzip_is_said() -> None:
    """With the way out of it."""
    feed = Feed(io.BytesIO(gzip.compress(gzip.compress(b"a\n"))), "t.gz")

    with pytest.raises(TableError, match=r"(?s)gzip file within gzip.*Unpack the file once"):
        feed.head()


def test_head_holds_the_first_line_though_it_is_long() -> None:
    """Two megabytes of a first object of JSON, say."""
    raw = b"x" * (2 << 20) + b"\nnext\n"

    assert Feed(io.BytesIO(raw), "t", 1 << 16).head().startswith(raw[: (2 << 20) + 1])

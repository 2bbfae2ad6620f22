"""A file over HTTPS."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.adapters.download.addresses import Rules
from churn_saver.adapters.download.parts import held
from churn_saver.adapters.download.streaming import Size, is_there, stream
from churn_saver.errors import InputError
from tests.misbehaving import Answer, Server, impatient, serving

BYTES = os.urandom(300_000)
LIMIT = Size(len(BYTES))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One server for this file."""
    with serving() as running:
        yield running


def streamed(server: Server, folder: Path, size: Size = LIMIT, pauses: list[float] | None = None) -> bytes:
    """Fetch `f`, and give what is in the part afterwards."""
    with held(folder / "f") as part:
        stream(server.url("f"), part, size, Rules(), impatient(pauses), lambda *_: None)
        return part.path.read_bytes()


def names(folder: Path) -> list[str]:
    """List everything in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


@settings(max_examples=20)
@given(
    cuts=st.lists(st.integers(0, len(BYTES)), max_size=3), has_ranges=st.booleans(), is_chunked=st.booleans()
)
def test_cut_anywhere_the_bytes_are_exact(
    server: Server, cuts: list[int], has_ranges: bool, is_chunked: bool
) -> None:
    """Up to three broken connections, wherever they break, with a server that knows ranges or does not."""
    plan = [Answer(cut_after=cut, has_ranges=has_ranges, is_chunked=is_chunked) for cut in cuts]
    server.reset({"f": BYTES}, {"f": [*plan, Answer(has_ranges=has_ranges, forever=True)]})
    with tempfile.TemporaryDirectory() as folder:
        assert streamed(server, Path(folder)) == BYTES


def test_only_what_is_missing_is_asked_for(server: Server, tmp_path: Path) -> None:
    """Two cuts of 100,000 bytes each: all in all the file is sent once."""
    server.reset({"f": BYTES}, {"f": [Answer(cut_after=100_000), Answer(cut_after=100_000)]})

    assert streamed(server, tmp_path) == BYTES
    assert server.sent == len(BYTES)
    asked = [question.headers.get("Range") for question in server.asked]
    assert asked == [None, "bytes=100000-", "bytes=200000-"]


def test_next_run_goes_on(server: Server, tmp_path: Path) -> None:
    """The server was broken for good; what came stays in the part."""
    server.reset({"f": BYTES}, {"f": [Answer(cut_after=100_000), Answer(status=503, forever=True)]})
    pauses: list[float] = []

    with pytest.raises(
        InputError, match=r"/f answers 503, 4 times in a row. Next step: run again later, it goes on"
    ):
        streamed(server, tmp_path, pauses=pauses)
    assert len(pauses) == 3
    assert names(tmp_path) == [".f.part", ".f.part.json"]

    server.plans.clear()
    assert streamed(server, tmp_path) == BYTES
    assert server.sent == len(BYTES)


def test_part_that_is_whole_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    """The process died between the last byte and the move."""
    server.reset({"f": BYTES})
    streamed(server, tmp_path)
    streamed(server, tmp_path)

    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_server_that_is_busy_twice_is_waited_for(server: Server, tmp_path: Path, status: int) -> None:
    """At least as long as it asks."""
    busy = Answer(status=status, headers={"Retry-After": "9"})
    server.reset({"f": BYTES}, {"f": [busy, busy]})
    pauses: list[float] = []

    assert streamed(server, tmp_path, pauses=pauses) == BYTES
    assert pauses == [9.0, 9.0]


@pytest.mark.parametrize("size", [LIMIT, Size()])
def test_file_that_changes_in_between_is_fetched_anew(server: Server, tmp_path: Path, size: Size) -> None:
    """Another tag: the server sends the whole, and none of the old bytes stay."""
    old = bytes(len(BYTES))
    server.reset({"f": BYTES}, {"f": [Answer(cut_after=100_000, body=old)]})

    assert streamed(server, tmp_path, size) == BYTES
    assert [question.headers.get("Range") for question in server.asked] == [None, "bytes=100000-"]


def test_range_of_another_version_is_not_taken(server: Server, tmp_path: Path) -> None:
    """A server that knows Range and not If-Range sends the tail of the new file."""
    wrong = Answer(
        headers={"ETag": '"2"', "Content-Range": f"bytes 100000-{len(BYTES) - 1}/{len(BYTES)}"}, status=206
    )
    server.reset({"f": BYTES}, {"f": [Answer(cut_after=100_000, headers={"ETag": '"1"'}), wrong]})

    assert streamed(server, tmp_path) == BYTES


def test_file_that_became_shorter_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    """416: there is nothing from that byte on."""
    same = {"ETag": '"same"'}
    short = BYTES[:50_000]
    server.reset(
        {"f": short}, {"f": [Answer(cut_after=100_000, body=BYTES, headers=same), Answer(headers=same)]}
    )

    assert streamed(server, tmp_path, Size()) == short


def test_without_a_tag_nothing_goes_on(server: Server, tmp_path: Path) -> None:
    """Nobody could tell whether it is the same file, so it is fetched from the start."""
    untagged = {"ETag": ""}
    server.reset({"f": BYTES}, {"f": [Answer(cut_after=9, headers=untagged), Answer(headers=untagged)]})

    assert streamed(server, tmp_path) == BYTES
    assert "Range" not in server.asked[1].headers


def test_silence_is_a_break(server: Server, tmp_path: Path) -> None:
    """A server that sends nothing for the read timeout is asked anew for the rest."""
    server.reset({"f": BYTES}, {"f": [Answer(stall_after=100_000)]})

    with held(tmp_path / "f") as part:
        stream(server.url("f"), part, LIMIT, Rules(), impatient(read_seconds=0.3), lambda *_: None)

        assert part.path.read_bytes() == BYTES
    assert server.asked[1].headers["Range"] == "bytes=100000-"


@pytest.mark.parametrize("stated", [len(BYTES) + 1, len(BYTES) - 1, 10**15])
def test_stated_length_that_differs_is_refused_at_once(server: Server, tmp_path: Path, stated: int) -> None:
    """Not one byte is kept of a file of another length."""
    server.reset({"f": BYTES}, {"f": [Answer(headers={"Content-Length": str(stated)})]})

    with pytest.raises(InputError, match=rf"has {stated:,} bytes, wanted 300,000: nothing was kept"):
        streamed(server, tmp_path)
    assert names(tmp_path) == []


def test_stated_length_that_is_too_long_never_becomes_whole(server: Server, tmp_path: Path) -> None:
    """The size is not known beforehand, so it looks like a connection that breaks off for ever."""
    lie = Answer(
        headers={"Content-Length": str(len(BYTES) + 1)}, cut_after=len(BYTES), has_ranges=False, forever=True
    )
    server.reset({"f": BYTES}, {"f": [lie]})

    with pytest.raises(InputError, match=r"broke off .*4 times in a row"):
        streamed(server, tmp_path, Size())


def test_more_than_the_known_size_is_cut_off(server: Server, tmp_path: Path) -> None:
    """Chunks state no length; they are counted as they come, and nothing is kept."""
    server.reset({"f": BYTES}, {"f": [Answer(is_chunked=True)]})

    with pytest.raises(InputError, match=r"sends more than 100,000 bytes: cut off, nothing was kept"):
        streamed(server, tmp_path, Size(100_000))
    assert names(tmp_path) == []


def test_file_of_unknown_size_is_bounded_too(server: Server, tmp_path: Path) -> None:
    """By a stated length unread, and by count."""
    server.reset({"f": BYTES}, {"f": [Answer(), Answer(is_chunked=True)]})

    with pytest.raises(InputError, match=r"has 300,000 bytes, wanted at most 100,000"):
        streamed(server, tmp_path, Size(None, 100_000))
    with pytest.raises(InputError, match=r"sends more than 100,000 bytes"):
        streamed(server, tmp_path, Size(None, 100_000))
    assert names(tmp_path) == []


def test_file_without_length_or_end_is_refused(server: Server, tmp_path: Path) -> None:
    """Its end cannot be told from a cut; with a known size it can."""
    open_ended = Answer(headers={"Content-Length": "", "Connection": "close"}, forever=True)
    server.reset({"f": BYTES}, {"f": [open_ended]})

    with pytest.raises(InputError, match="does not say how long the file is"):
        streamed(server, tmp_path, Size())
    assert streamed(server, tmp_path) == BYTES


def test_file_without_length_that_is_cut_goes_on(server: Server, tmp_path: Path) -> None:
    """The known size tells that something is missing."""
    cut = Answer(headers={"Content-Length": "", "Connection": "close"}, cut_after=100_000)
    server.reset({"f": BYTES}, {"f": [cut]})

    assert streamed(server, tmp_path) == BYTES
    assert server.sent == len(BYTES)


def test_packed_bytes_are_refused_unless_the_file_itself_is_packed(server: Server, tmp_path: Path) -> None:
    """We asked for the bytes as they are; a .gz is often labelled so and is the file."""
    packed = [Answer(headers={"Content-Encoding": "gzip"})]
    server.reset({"f": BYTES, "f.gz": BYTES}, {"f": packed, "f.gz": packed.copy()})

    with pytest.raises(InputError, match="sends the bytes packed as 'gzip', wanted them as they are"):
        streamed(server, tmp_path)
    with held(tmp_path / "f.gz") as part:
        stream(server.url("f.gz"), part, LIMIT, Rules(), impatient(), lambda *_: None)

        assert part.path.read_bytes() == BYTES


def test_empty_file_is_a_file(server: Server, tmp_path: Path) -> None:
    """Of no bytes."""
    server.reset({"f": b""})

    assert streamed(server, tmp_path, Size()) == b""


def test_progress_goes_from_what_is_there_to_the_whole(server: Server, tmp_path: Path) -> None:
    """Never back, after a break either."""
    server.reset({"f": BYTES}, {"f": [Answer(cut_after=100_000)]})
    told: list[tuple[int, int]] = []
    with held(tmp_path / "f") as part:
        stream(server.url("f"), part, LIMIT, Rules(), impatient(), lambda *step: told.append(step))

    assert told == sorted(told)
    assert (told[0], told[-1]) == ((0, len(BYTES)), (len(BYTES), len(BYTES)))


def test_presence_is_asked_by_head(server: Server) -> None:
    """No byte of the file is sent."""
    server.reset({"f": BYTES})

    assert is_there(server.url("f"), Rules(), impatient())
    assert not is_there(server.url("absent"), Rules(), impatient())
    assert {question.method for question in server.asked} == {"HEAD"}


@pytest.mark.parametrize("status", [403, 405, 501])
def test_presence_is_asked_by_get_where_head_is_not_known(server: Server, status: int) -> None:
    """The answer is closed unread."""
    server.reset({"f": BYTES}, {"f": [Answer(status=status)], "g": [Answer(status=status)]})

    assert is_there(server.url("f"), Rules(), impatient())
    assert not is_there(server.url("g"), Rules(), impatient())


def test_error_of_the_server_is_not_absence(server: Server) -> None:
    """Tried again, then told."""
    server.reset({"f": BYTES}, {"f": [Answer(status=503)] * 2, "g": [Answer(status=500, forever=True)]})

    assert is_there(server.url("f"), Rules(), impatient())
    with pytest.raises(InputError, match=r"/g answers 500, 4 times in a row"):
        is_there(server.url("g"), Rules(), impatient())


def test_http_elsewhere_is_not_asked(tmp_path: Path) -> None:
    """Neither for bytes nor for presence."""
    with held(tmp_path / "f") as part, pytest.raises(InputError, match="is not https"):
        stream("http://a.example/f", part, LIMIT, Rules(), impatient(), lambda *_: None)
    with pytest.raises(InputError, match="is not https"):
        is_there("http://a.example/f", Rules(), impatient())

"""The laws of a place, the same for a folder and for a bucket."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from churn_saver.adapters.places.opening import FolderPlace, place
from churn_saver.adapters.places.stored import Content, Place, Stored, Written
from churn_saver.errors import InputError

EXAMPLES = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
_numbers = count()
PARTS = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="/\\"), min_size=1).filter(
    lambda part: not part.startswith(".") and len(part.encode()) <= 60
)
NAMES = st.lists(PARTS, min_size=1, max_size=3).map("/".join)


@pytest.fixture
def here(where: str) -> Place:
    """Open the folder or the prefix."""
    return place(where)


def put(here: Place, name: str, raw: bytes, tmp_path: Path, instead_of: Stored | None = None) -> Written:
    """Write bytes by way of a file."""
    path = tmp_path / "source"
    path.write_bytes(raw)
    return here.write_once(name, path, here.content([raw]), instead_of=instead_of)


def test_what_is_written_is_there(here: Place, tmp_path: Path) -> None:
    """Whole, with its size, and listed; an absent name is None and not an error."""
    assert (here.names(), here.stat("a/b.bin")) == ([], None)

    written = put(here, "a/b.bin", b"hello", tmp_path)
    stands = here.stat("a/b.bin")

    assert written == Written(new=True, sent=5)
    assert stands is not None
    assert stands.content == here.content([b"hel", b"", b"lo"])
    assert here.read("a/b.bin") == b"hello"
    assert b"".join(here.pieces("a/b.bin")) == b"hello"
    assert here.names() == ["a/b.bin"]


def test_checksums_are_those_of_the_standards(cloud: object, tmp_path: Path) -> None:
    """Check values of the crc32c catalogue (e3069283) and of FIPS 180-2 (ba7816bf…)."""
    in_bucket = place("gs://bucket").content([b"1234", b"56789"])
    in_folder = place(str(tmp_path)).content([b"a", b"bc"])

    assert in_bucket == Content(9, "crc32c 4waSgw==")
    assert in_folder == Content(3, "sha256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")


def test_the_same_content_again_is_not_sent(here: Place, tmp_path: Path) -> None:
    """It was there already, and the first writing stays."""
    put(here, "file", b"hello", tmp_path)
    first = here.stat("file")

    assert put(here, "file", b"hello", tmp_path) == Written(new=False, sent=0)
    assert here.stat("file") == first


def test_another_content_is_refused_with_both_checksums(here: Place, tmp_path: Path) -> None:
    """Nothing is overwritten; the message says how it could be."""
    put(here, "file", b"hello", tmp_path)
    old, new = (here.content([raw]).checksum for raw in (b"hello", b"other!"))

    with pytest.raises(InputError, match=r"another file stands at .*--replace") as refused:
        put(here, "file", b"other!", tmp_path)
    assert here.read("file") == b"hello"
    assert f"{old} and 5 bytes, ours has {new} and 6" in str(refused.value)


def test_what_was_seen_may_be_replaced_and_nothing_else(here: Place, tmp_path: Path) -> None:
    """Who looked at the first content cannot overwrite the second one."""
    put(here, "file", b"one", tmp_path)
    seen = here.stat("file")
    assert seen is not None

    assert put(here, "file", b"two", tmp_path, instead_of=seen) == Written(new=True, sent=3)
    with pytest.raises(InputError, match=r"another file stands"):
        put(here, "file", b"three", tmp_path, instead_of=seen)
    assert here.read("file") == b"two"


def test_what_is_gone_is_not_replaced(here: Place, tmp_path: Path) -> None:
    """What was seen was taken away by somebody: the writer is told."""
    put(here, "file", b"one", tmp_path)
    seen = here.stat("file")
    assert seen is not None
    here.remove("file", seen)

    with pytest.raises(InputError, match=r"file at .* was taken away meanwhile"):
        put(here, "file", b"two", tmp_path, instead_of=seen)
    assert here.names() == []


def test_only_what_was_seen_is_removed(here: Place, tmp_path: Path) -> None:
    """Who looked at the first content does not delete the second one."""
    put(here, "file", b"one", tmp_path)
    first = here.stat("file")
    assert first is not None
    put(here, "file", b"two", tmp_path, instead_of=first)
    second = here.stat("file")
    assert second is not None

    with pytest.raises(InputError, match=r"another file stands|was written anew"):
        here.remove("file", first)
    here.remove("file", second)
    assert here.names() == []


@pytest.mark.parametrize("size", [1_000, 9 * 2**20])
def test_of_several_writers_one_wins(where: str, tmp_path: Path, size: int) -> None:
    """In one request and in a session: each writer sees the name free, one gets it, the others are told."""
    writers = 4
    together = Barrier(writers)
    contents = [bytes([i]) * size for i in range(writers)]

    def write(i: int) -> str:
        here = place(where)
        path = tmp_path / str(i) / "source"
        path.parent.mkdir()
        path.write_bytes(contents[i])
        content = here.content([contents[i]])
        together.wait()
        try:
            return "won" if here.write_once("file", path, content).new else "there"
        except InputError as error:
            return "refused" if "another file stands" in str(error) else str(error)

    with ThreadPoolExecutor(writers) as pool:
        came_of_it = list(pool.map(write, range(writers)))

    assert sorted(came_of_it) == ["refused"] * (writers - 1) + ["won"]
    assert b"".join(place(where).pieces("file")) == contents[came_of_it.index("won")]


def test_equal_writers_all_find_it_there(where: str, tmp_path: Path) -> None:
    """The same content from several: one writes it, for the others it is there."""
    path = tmp_path / "in" / "source"
    path.parent.mkdir()
    path.write_bytes(b"same")
    together = Barrier(3)

    def write(_: int) -> bool:
        here = place(where)
        together.wait()
        return here.write_once("file", path, here.content([b"same"])).new

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(write, range(3))) == [False, False, True]


def test_a_file_that_changes_meanwhile_is_not_written(here: Place, tmp_path: Path) -> None:
    """What arrives is what was looked at, or nothing; small and large."""
    for size in (10, 9 * 2**20):
        path = tmp_path / "source"
        path.write_bytes(b"a" * size)
        content = here.content([path.read_bytes()])
        path.write_bytes(b"a" * (size - 1) + b"b")

        with pytest.raises(InputError, match=r"source changed while it was read"):
            here.write_once("file", path, content)
        path.write_bytes(b"a" * (size - 1))
        with pytest.raises(InputError, match=r"source changed while it was read"):
            here.write_once("file", path, content)
    assert here.names() == []


def test_a_large_file_comes_back_in_pieces(here: Place, tmp_path: Path) -> None:
    """20 MB: more than one part to send and more than one piece to read."""
    raw = bytes(range(251)) * 80_000
    told: list[int] = []
    path = tmp_path / "in" / "large"
    path.parent.mkdir()
    path.write_bytes(raw)

    written = here.write_once("large", path, here.content([raw]), told.append)
    pieces = list(here.pieces("large"))

    assert written == Written(new=True, sent=len(raw))
    assert (sum(told), len(told) > 1) == (len(raw), True)
    assert b"".join(pieces) == raw
    assert max(map(len, pieces)) <= 8 * 2**20
    assert [path.name for path in tmp_path.rglob(".*")] == []


def test_reading_into_memory_has_a_limit(here: Place, tmp_path: Path) -> None:
    """Refused above it, allowed at it."""
    put(here, "file", b"12345", tmp_path)

    assert here.read("file", limit=5) == b"12345"
    with pytest.raises(InputError, match=r"file at .* 4"):
        here.read("file", limit=4)


def test_what_is_absent_cannot_be_read(here: Place) -> None:
    """Neither whole nor in pieces."""
    for read in (here.read, lambda name: list(here.pieces(name))):
        with pytest.raises(InputError, match=r"absent"):
            read("absent")


@EXAMPLES
@given(contents=st.dictionaries(NAMES, st.binary(max_size=50), max_size=5))
def test_every_plain_name_leads_back(contents: dict[str, bytes], where: str, tmp_path: Path) -> None:
    """Any script, spaces, '#', '?', '%', empty files: listed as named, read as written."""
    # A folder cannot hold both the file a and the file a/b.
    contents = {
        name: raw
        for name, raw in contents.items()
        if not any(other.startswith(f"{name}/") for other in contents)
    }
    here = place(f"{where}/{next(_numbers)}")

    for name, raw in contents.items():
        put(here, name, raw, tmp_path)

    assert here.names() == sorted(contents)
    assert {name: here.read(name) for name in contents} == contents


@pytest.mark.parametrize(
    "name",
    ["", "/a", "a/", "a//b", "..", "a/../b", ".", ".h", "a/.b", "a\\b", "a\nb", "a\0", "\ud800", "a" * 256],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(here: Place, name: str, tmp_path: Path) -> None:
    """By everything that takes a name."""
    for use in (here.stat, here.read, lambda name: list(here.pieces(name))):
        with pytest.raises(InputError, match=r"no plain name"):
            use(name)
    with pytest.raises(InputError, match=r"no plain name"):
        put(here, name, b"", tmp_path)


@pytest.mark.parametrize("where_not", ["", " ", "s3://bucket/a", "GS://bucket", "gs:/bucket", "http://x/y"])
def test_what_is_neither_folder_nor_bucket_is_refused(where_not: str) -> None:
    """A misspelt address does not become a folder of that name."""
    with pytest.raises(InputError, match=r"is no place, wanted a folder or gs://bucket/prefix"):
        place(where_not)


def test_half_written_and_hidden_files_are_not_listed(tmp_path: Path) -> None:
    """A copy that a killed process left behind is no file of the place."""
    (tmp_path / ".train.parquet-x1").write_bytes(b"half")
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "file").write_bytes(b"")
    (tmp_path / "file").write_bytes(b"")

    assert FolderPlace(tmp_path).names() == ["file"]


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    """In a folder, unlike in a bucket, a name is a file or leads to files."""
    (tmp_path / "place" / "file").mkdir(parents=True)

    with pytest.raises(InputError, match=r"file cannot be read \(Is a directory\)"):
        put(FolderPlace(tmp_path / "place"), "file", b"x", tmp_path)


def test_what_the_file_system_refuses_says_so(tmp_path: Path) -> None:
    """A path may be longer than each of its names."""
    with pytest.raises(InputError, match=r"cannot be looked at \(File name too long\)"):
        FolderPlace(tmp_path / ("x/" * 3_000)).stat("file")


def test_a_folder_that_cannot_be_listed_says_so(tmp_path: Path) -> None:
    """A file is no folder."""
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(InputError, match=r"file cannot be listed \(Not a directory\)"):
        FolderPlace(tmp_path / "file").names()

"""A mirror that the user names."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from churn_saver.adapters.download.mirror import FolderMirror, Mirror, WebMirror, mirror_at
from churn_saver.adapters.download.parts import Part, held
from churn_saver.adapters.download.streaming import Size
from churn_saver.errors import InputError
from tests.misbehaving import Answer, Server, impatient, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One server for this file."""
    with serving() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A mirror with one file, and a secret beside it."""
    (tmp_path / "mirror" / "a").mkdir(parents=True)
    (tmp_path / "mirror" / "a" / "x y.csv").write_bytes(b"bytes")
    (tmp_path / "secret").write_bytes(b"secret")
    return tmp_path / "mirror"


def filled(mirror: Mirror, path: str, place: Path, size: Size | None = None) -> bytes:
    """Give what a mirror brings."""
    with held(place) as part:
        mirror.fill(path, part, size or Size(), lambda *_: None)
        return part.path.read_bytes()


def test_folder_is_copied(folder: Path, tmp_path: Path) -> None:
    """The file there stays as it is."""
    mirror = mirror_at(str(folder), (), impatient())

    assert isinstance(mirror, FolderMirror)
    assert (mirror.has("a/x y.csv"), mirror.has("a/z.csv")) == (True, False)
    assert filled(mirror, "a/x y.csv", tmp_path / "raw" / "f") == b"bytes"
    assert mirror.name("a/x y.csv") == str(folder / "a" / "x y.csv")


def test_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    """A link to a file, a file below a linked folder, and a step up; nothing of it is read."""
    (folder / "a" / "link").symlink_to(tmp_path / "secret")
    (folder / "b").symlink_to(tmp_path)
    mirror = FolderMirror(folder)

    for path in ("a/link", "b/secret", "../secret", "a/../../secret"):
        with pytest.raises(
            InputError, match=r"leads out of the mirror by .*Next step: put the file itself there"
        ):
            filled(mirror, path, tmp_path / "raw" / "f")
    assert list((tmp_path / "raw").iterdir()) == []


def test_what_is_no_plain_file_is_refused(folder: Path, tmp_path: Path) -> None:
    """A folder, a pipe that would wait for ever, and nothing at all."""
    os.mkfifo(folder / "pipe")
    mirror = FolderMirror(folder)

    for path, reason in (("a", "is no plain file"), ("pipe", "is no plain file"), ("no", "cannot be read")):
        with pytest.raises(InputError, match=reason):
            filled(mirror, path, tmp_path / "raw" / "f")


def test_file_that_is_too_large_is_not_copied(folder: Path, tmp_path: Path) -> None:
    """4 bytes at most, 5 there."""
    with pytest.raises(InputError, match=r"x y.csv has 5 bytes, wanted at most 4: not copied"):
        filled(FolderMirror(folder), "a/x y.csv", tmp_path / "raw" / "f", Size(None, 4))


def test_address_is_asked_below(server: Server, tmp_path: Path) -> None:
    """Quoted; with its query, which no message shows."""
    server.reset({"base/a/x y.csv": b"bytes"})
    mirror = mirror_at(f"{server.base}/base/?sig=secret", (), impatient())

    assert isinstance(mirror, WebMirror)
    assert (mirror.has("a/x y.csv"), mirror.has("a/z.csv")) == (True, False)
    assert filled(mirror, "a/x y.csv", tmp_path / "f") == b"bytes"
    assert mirror.name("a/x y.csv") == f"{server.base}/base/a/x%20y.csv"


def test_error_of_a_mirror_is_not_absence(server: Server) -> None:
    """Otherwise a smaller set would be taken because a server was tired."""
    server.reset({}, {"f": [Answer(status=500, forever=True)]})

    with pytest.raises(InputError, match=r"/f answers 500, 4 times in a row"):
        mirror_at(server.base, (), impatient()).has("f")


@pytest.mark.parametrize("where", ["no-such-folder", "ftp://a.example/x", "file:///tmp", "HTTP:/x"])
def test_neither_folder_nor_address_is_refused(where: str) -> None:
    """With both ways named."""
    with pytest.raises(InputError, match=r"is no folder. Next step: give --from a folder, or an address"):
        mirror_at(where, (), impatient())


def test_a_full_disk_is_not_told_as_a_fault_of_the_mirror(folder: Path, tmp_path: Path) -> None:
    """The file that could not be written is named, not the one that was read."""
    with (
        pytest.raises(InputError, match=r"raw/f cannot be written \(No space left on device\)"),
        held(tmp_path / "raw" / "f") as part,
        (tmp_path / "other").open("w+b") as other,
    ):
        FolderMirror(folder).fill("a/x y.csv", Full(part.place, other.fileno()), Size(), lambda *_: None)


class Full(Part):
    """A part on a disk without room."""

    def write(self, chunk: bytes) -> None:
        """Refuse, as the system does."""
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_an_empty_name_is_not_this_folder() -> None:
    """An unset variable of a shell would name it unawares."""
    with pytest.raises(InputError, match=r"'' is no folder\. Next step: give --from a folder"):
        mirror_at("", (), impatient())


def test_a_fault_of_the_folder_is_not_absent(folder: Path) -> None:
    """A name that is too long stands for a folder that nobody may look into."""
    with pytest.raises(InputError, match=r"cannot be read \(File name too long\)"):
        FolderMirror(folder).has("x" * 300)
    assert not FolderMirror(folder).has("a/x y.csv/below")

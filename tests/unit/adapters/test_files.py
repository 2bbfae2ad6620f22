"""Files appear whole or not at all."""

import os
import stat
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from churn_saver.adapters.files import (
    PIECE,
    read_bytes,
    read_pieces,
    remove,
    remove_folder,
    whole_folder,
    write_bytes,
    write_folder,
    write_pieces,
)
from churn_saver.errors import InputError


def names(folder: Path) -> list[str]:
    """List everything in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Folders on the way are made, nothing else is left behind."""
    path = tmp_path / "a" / "b" / "file.bin"

    write_bytes(path, b"one")
    write_bytes(path, b"two")

    assert read_bytes(path, "make it") == b"two"
    assert names(path.parent) == ["file.bin"]


def test_files_have_the_usual_permissions(tmp_path: Path) -> None:
    """Not those of a temporary file: whoever the umask lets may read."""
    before = os.umask(0o022)
    try:
        write_bytes(tmp_path / "file", b"")
        write_folder(tmp_path / "folder", {"file": b""})
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o755


def test_a_missing_file_names_itself_and_what_makes_it(tmp_path: Path) -> None:
    """One line with path, reason and command."""
    with pytest.raises(
        InputError, match=r"absent.csv cannot be read \(No such file.*\)\. Next step: make data"
    ):
        read_bytes(tmp_path / "absent.csv", "make data")


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A folder below a file cannot be; nothing is left behind."""
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(InputError, match="cannot be written"):
        write_bytes(tmp_path / "file" / "below", b"")
    with pytest.raises(InputError, match="cannot be written"):
        write_folder(tmp_path / "file" / "below", {"a": b""})
    assert names(tmp_path) == ["file"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """A folder stands where the file should go: the move fails, and no half-file stays beside it."""
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "kept").write_bytes(b"kept")

    with pytest.raises(InputError, match="cannot be written"):
        write_bytes(tmp_path / "place", b"new")

    assert names(tmp_path) == ["place"]
    assert names(tmp_path / "place") == ["kept"]


def test_a_folder_is_replaced_whole_and_keeps_what_is_not_ours(tmp_path: Path) -> None:
    """Old files are overwritten, others stay, nothing is left beside the folder."""
    folder = tmp_path / "models"
    write_folder(folder, {"a": b"1", "b": b"1"})
    (folder / "theirs").write_bytes(b"theirs")

    write_folder(folder, {"a": b"2", "b": b"2"})

    assert {name: (folder / name).read_bytes() for name in names(folder)} == {
        "a": b"2", "b": b"2", "theirs": b"theirs",
    }  # fmt: skip
    assert names(tmp_path) == ["models"]


def test_a_linked_folder_stays_a_link(tmp_path: Path) -> None:
    """The folder behind the link is replaced, the link still leads there."""
    write_folder(tmp_path / "real", {"a": b"1"})
    (tmp_path / "link").symlink_to(tmp_path / "real")

    write_folder(tmp_path / "link", {"a": b"2"})

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a").read_bytes() == b"2"


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/b", "..", ""])
def test_names_with_folders_in_them_are_refused(tmp_path: Path, name: str) -> None:
    """Before anything is written."""
    with pytest.raises(InputError, match="no plain file name"):
        write_folder(tmp_path / "folder", {"fine": b"", name: b""})

    assert names(tmp_path) == []


def test_a_failed_folder_leaves_the_old_one(tmp_path: Path) -> None:
    """A file of the new folder cannot be written (a folder has its name): the old one is untouched."""
    folder = tmp_path / "models"
    write_folder(folder, {"a": b"1"})
    (folder / "b").mkdir()

    with pytest.raises(InputError, match="cannot be written"):
        write_folder(folder, {"a": b"2", "b": b"2"})

    assert (folder / "a").read_bytes() == b"1"
    assert names(tmp_path) == ["models"]


def test_a_folder_is_filled_beside_its_place(tmp_path: Path) -> None:
    """Nothing of it is seen before the block ends, and nothing of the old one after."""
    write_folder(tmp_path / "place", {"old": b"1"})
    with whole_folder(tmp_path / "place") as beside:
        (beside / "below").mkdir()
        (beside / "below" / "new").write_bytes(b"2")
        assert (beside.parent, names(tmp_path / "place")) == (tmp_path, ["old"])

    assert names(tmp_path / "place") == ["below"]
    assert names(tmp_path) == ["place"]


def test_a_folder_that_was_not_filled_leaves_the_old_one(tmp_path: Path) -> None:
    """Whatever went wrong; an error of the system is told with the place."""
    write_folder(tmp_path / "place", {"old": b"1"})
    with pytest.raises(KeyError, match="gone"), whole_folder(tmp_path / "place"):
        raise KeyError("gone")
    full = pytest.raises(InputError, match=r"place cannot be written \(No space left")
    with full, whole_folder(tmp_path / "place"):
        raise OSError(28, "No space left on device")

    assert names(tmp_path / "place") == ["old"]
    assert names(tmp_path) == ["place"]


def test_pieces_go_in_and_come_out(tmp_path: Path) -> None:
    """A file larger than memory should hold, in pieces of bounded size; a name of 255 bytes works too."""
    path = tmp_path / ("ä" * 127)
    pieces = [b"a" * PIECE, b"", b"b" * 3]

    assert write_pieces(path, iter(pieces), over=False)
    assert list(read_pieces(path, "make it")) == [pieces[0], pieces[2]]
    assert names(tmp_path) == [path.name]


def test_pieces_of_an_absent_file_say_what_makes_it(tmp_path: Path) -> None:
    """As soon as the first is asked for."""
    with pytest.raises(InputError, match=r"absent cannot be read .*Next step: make it"):
        list(read_pieces(tmp_path / "absent", "make it"))


def test_without_over_the_first_writer_wins(tmp_path: Path) -> None:
    """Eight writers at once: one is told that it was the one, and the file is its, whole."""
    together = Barrier(8)

    def write(i: int) -> bool:
        def pieces() -> Iterator[bytes]:
            yield bytes([i]) * PIECE
            together.wait()
            yield bytes([i])

        return write_pieces(tmp_path / "file", pieces(), over=False)

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(write, range(8)))

    assert sorted(won) == [False] * 7 + [True]
    assert (tmp_path / "file").read_bytes() == bytes([won.index(True)]) * (PIECE + 1)
    assert names(tmp_path) == ["file"]


def test_what_the_pieces_raise_leaves_nothing(tmp_path: Path) -> None:
    """A source that breaks in the middle: no file, no half-file beside it, and the old one stays."""

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise ZeroDivisionError("broken")

    write_bytes(tmp_path / "old", b"old")
    for name in ("old", "new"):
        with pytest.raises(ZeroDivisionError, match=r"^broken$"):
            write_pieces(tmp_path / name, pieces(), over=True)

    assert names(tmp_path) == ["old"]
    assert (tmp_path / "old").read_bytes() == b"old"


def test_permissions_can_be_narrower(tmp_path: Path) -> None:
    """What only its owner may read is never readable by others."""
    write_bytes(tmp_path / "private", b"", mode=0o600)

    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o600


def test_what_is_removed_is_gone(tmp_path: Path) -> None:
    """Twice is fine; what cannot be removed says so."""
    write_bytes(tmp_path / "file", b"")
    remove(tmp_path / "file")
    remove(tmp_path / "file")

    with pytest.raises(InputError, match=r"cannot be removed"):
        remove(tmp_path)
    assert names(tmp_path) == []


def test_a_folder_can_be_replaced_whole(tmp_path: Path) -> None:
    """What is not among the new files is gone, unless others are kept."""
    write_folder(tmp_path / "f", {"a": b"1", "b": b"2"})
    write_folder(tmp_path / "f", {"a": b"3"})

    assert {path.name: path.read_bytes() for path in (tmp_path / "f").iterdir()} == {"a": b"3", "b": b"2"}

    write_folder(tmp_path / "f", {"c": b"4"}, keep_others=False)

    assert {path.name: path.read_bytes() for path in (tmp_path / "f").iterdir()} == {"c": b"4"}
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_a_folder_is_removed_with_all_in_it(tmp_path: Path) -> None:
    """One that is not there is fine."""
    write_folder(tmp_path / "f", {"a": b"1"})
    remove_folder(tmp_path / "f")
    remove_folder(tmp_path / "f")

    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_never_absent_while_it_is_replaced(tmp_path: Path) -> None:
    """Someone who looks all the time finds the old one or the new one, each whole."""
    if not sys.platform.startswith("linux"):
        pytest.skip("two folders swap places at once on Linux only")
    folder = tmp_path / "f"
    write_folder(folder, {"a": b"0", "b": b"0"}, keep_others=False)
    seen: set[str] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            handle = os.open(folder, os.O_RDONLY)  # Fails when the folder is absent.
            try:
                seen.add(",".join(sorted(os.listdir(handle))))
            finally:
                os.close(handle)

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(look)
        for turn in range(200):
            write_folder(folder, {"a": b"1", "bc"[turn % 2]: b"1"}, keep_others=False)
        done.set()
        watching.result()

    # A folder that was swapped out may be seen while it is taken away.
    assert {"a,b", "a,c"} <= seen <= {"a,b", "a,c", "a", "b", "c", ""}


def test_what_a_killed_writer_left_is_taken_away_when_it_is_old(tmp_path: Path) -> None:
    """An hour old: gone. Younger: it may be at work. Of another folder: not ours."""
    for name in (".f-old", ".f-young", ".g-old"):
        (tmp_path / name).mkdir()
    for name in (".f-old", ".g-old"):
        os.utime(tmp_path / name, (0, 0))

    write_folder(tmp_path / "f", {"a": b"1"})

    assert sorted(path.name for path in tmp_path.iterdir()) == [".f-young", ".g-old", "f"]

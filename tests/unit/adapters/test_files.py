"""Files appear whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from churn_saver.adapters.files import read_bytes, write_bytes, write_folder
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

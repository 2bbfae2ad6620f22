"""Plain files are read, and nothing that would keep a reader waiting."""

import os
from pathlib import Path

import pytest

from churn_saver.adapters.plain_files import plain_names, read_plain, require_plain
from churn_saver.errors import InputError


def test_a_file_is_read_through_a_link(tmp_path: Path) -> None:
    """What counts is where a name leads."""
    (tmp_path / "file").write_bytes(b"one")
    (tmp_path / "link").symlink_to("file")

    assert [read_plain(tmp_path / name, "make it") for name in ("file", "link")] == [b"one", b"one"]


def test_a_pipe_and_a_device_are_refused_unopened(tmp_path: Path) -> None:
    """Behind a link too."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")

    for name in ("pipe", "link"):
        with pytest.raises(InputError, match=rf"{name} is a pipe or a device.*Next step: make it"):
            read_plain(tmp_path / name, "make it")


def test_a_larger_file_is_refused_unread(tmp_path: Path) -> None:
    """One byte more than may be."""
    (tmp_path / "file").write_bytes(b"1234")

    assert read_plain(tmp_path / "file", "make it", most=4) == b"1234"
    with pytest.raises(InputError, match=r"file has 4 bytes, most allowed 3\. Next step: make it"):
        read_plain(tmp_path / "file", "make it", most=3)


def test_what_is_missing_or_a_folder_is_named_by_its_reader(tmp_path: Path) -> None:
    """A link that leads in a circle is missing too."""
    (tmp_path / "circle").symlink_to("circle")

    for place in (tmp_path / "nowhere", tmp_path, tmp_path / "circle"):
        require_plain(place, "make it")
        with pytest.raises(InputError, match=r"cannot be read"):
            read_plain(place, "make it")


def test_the_files_below_a_folder_are_listed_in_order(tmp_path: Path) -> None:
    """With '/', whatever the depth; hidden files, hidden folders and empty ones are not among them."""
    for name in ("b", "a/z", "a/b/c", ".hidden", "a/.half", ".git/config"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()

    assert plain_names(tmp_path) == ["a/b/c", "a/z", "b"]


@pytest.mark.parametrize("target", ["file", "folder", "nowhere"])
def test_a_link_among_the_files_is_refused(tmp_path: Path, target: str) -> None:
    """Wherever it leads; a pipe likewise."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path / target)

    with pytest.raises(InputError, match=r"in/link is a link, a pipe or a device, wanted plain files only"):
        plain_names(tmp_path / "in")
    (tmp_path / "in" / "link").unlink()
    os.mkfifo(tmp_path / "in" / "pipe")
    with pytest.raises(InputError, match=r"in/pipe is a link, a pipe or a device"):
        plain_names(tmp_path)


def test_a_folder_that_cannot_be_listed_says_so(tmp_path: Path) -> None:
    """One that is not there, and a file."""
    (tmp_path / "file").touch()

    with pytest.raises(InputError, match=r"absent cannot be listed \(No such file or directory\)\. Look at"):
        plain_names(tmp_path / "absent")
    with pytest.raises(InputError, match=r"file cannot be listed \(Not a directory\)"):
        plain_names(tmp_path / "file")

"""Plain files are read, and nothing that would keep a reader waiting."""

import os
from pathlib import Path

import pytest

from churn_saver.adapters.plain_files import read_plain, require_plain
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

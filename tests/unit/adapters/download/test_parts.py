"""The first bytes of a file that is still on its way."""

import hashlib
from pathlib import Path

import pytest

from churn_saver.adapters.download.parts import held
from churn_saver.errors import InputError


def names(folder: Path) -> list[str]:
    """List everything in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def test_part_becomes_the_file(tmp_path: Path) -> None:
    """Whole, in its place, and nothing beside it."""
    place = tmp_path / "new" / "file.csv"
    with held(place) as part:
        part.begin("https://a.org/x", '"1"')
        part.write(b"one")
        part.write(b"two")

        assert part.sha256() == hashlib.sha256(b"onetwo").hexdigest()
        assert not place.exists()
        part.promote()

    assert place.read_bytes() == b"onetwo"
    assert names(place.parent) == ["file.csv"]


def test_part_that_is_not_whole_stays_for_the_next_run(tmp_path: Path) -> None:
    """What was written is there, with what it is part of; of another address it is of no use."""
    place = tmp_path / "file.csv"
    with held(place) as part:
        part.begin("https://a.org/x", '"1"')
        part.write(b"one")

    assert names(tmp_path) == [".file.csv.part", ".file.csv.part.json"]
    with held(place) as part:
        assert (part.size, part.validator("https://a.org/x")) == (3, '"1"')
        assert part.validator("https://b.org/x") == ""
        part.write(b"two")
        part.promote()
    assert place.read_bytes() == b"onetwo"


def test_part_that_starts_over_keeps_nothing_old(tmp_path: Path) -> None:
    """Shorter bytes leave no tail of the longer ones."""
    with held(tmp_path / "f") as part:
        part.begin("a", "1")
        part.write(b"long bytes")
        part.begin("b", "2")
        part.write(b"new")
        part.promote()

    assert (tmp_path / "f").read_bytes() == b"new"


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b'"x"', b'{"address": 1}', b"\xff"])
def test_damaged_note_makes_the_part_useless(tmp_path: Path, note: bytes) -> None:
    """Nobody knows what the bytes are of, so they are fetched again."""
    (tmp_path / ".f.part").write_bytes(b"bytes")
    (tmp_path / ".f.part.json").write_bytes(note)
    with held(tmp_path / "f") as part:
        assert part.validator("a") == ""


def test_discarded_part_leaves_nothing(tmp_path: Path) -> None:
    """Neither bytes nor note."""
    with held(tmp_path / "f") as part:
        part.begin("a", "1")
        part.write(b"x")
        part.discard()

    assert names(tmp_path) == []


def test_two_at_one_file_do_not_mix(tmp_path: Path) -> None:
    """The second is told to wait."""
    with (
        held(tmp_path / "f"),
        pytest.raises(InputError, match=r"\.f\.part is in the hands of another process"),
    ):
        held(tmp_path / "f").__enter__()


def test_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A folder below a file cannot be."""
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(InputError, match=r"below cannot be written .*Next step: free the place"):
        held(tmp_path / "file" / "below").__enter__()

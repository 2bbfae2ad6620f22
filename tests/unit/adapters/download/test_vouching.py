"""Whether a raw file is what it should be."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from churn_saver.adapters.download.parts import held
from churn_saver.adapters.download.streaming import MOST_BYTES
from churn_saver.adapters.download.vouching import Raw, judged, judged_from_mirror, kept, size_in_mirror
from churn_saver.config import Address, SourceFile
from churn_saver.errors import InputError


def sha256(content: bytes) -> str:
    """Hash."""
    return hashlib.sha256(content).hexdigest()


def file_of(*known: bytes | None) -> SourceFile:
    """Name a file at addresses that know its bytes, or do not."""
    addresses = [
        Address(https=f"https://a.example/{n}", sha256=sha256(content), size=len(content))
        if content is not None
        else Address(https=f"https://a.example/{n}")
        for n, content in enumerate(known)
    ]
    return SourceFile(path="a/f.csv", at=tuple(addresses))


def from_address(raw: Path, content: bytes, known: bytes | None, size: int | None = None) -> Raw:
    """Judge bytes as if an address had sent them."""
    with held(raw / "a" / "f.csv") as part:
        part.begin("x", "")
        part.write(content)
        hashes = () if known is None else (sha256(known),)
        return judged(file_of(known), raw, part, "https://a.example/0", hashes, size)


def from_mirror(raw: Path, content: bytes, file: SourceFile) -> Raw:
    """Judge bytes as if a mirror had sent them."""
    with held(raw / "a" / "f.csv") as part:
        part.begin("x", "")
        part.write(content)
        return judged_from_mirror(file, raw, part, "/mirror/a/f.csv")


def files(raw: Path) -> list[str]:
    """List all files, hidden ones too, but for the lock."""
    return sorted(p.name for p in raw.rglob("*") if p.is_file() and not p.name.endswith(".lock"))


def test_right_bytes_come_into_place(tmp_path: Path) -> None:
    """And nothing is recorded, for the settings know the hash."""
    found = from_address(tmp_path, b"right", b"right", 5)

    assert found == Raw(tmp_path / "a" / "f.csv", "a/f.csv", sha256(b"right"), 5)
    assert found.path.read_bytes() == b"right"
    assert files(tmp_path) == ["f.csv"]


def test_wrong_hash_keeps_nothing_and_says_both(tmp_path: Path) -> None:
    """File, address, both hashes, next step."""
    with pytest.raises(
        InputError,
        match=rf"^a/f.csv from https://a.example/0 has SHA-256 {sha256(b'wrong')}, "
        rf"wanted {sha256(b'right')}: nothing was kept. Next step: run again",
    ):
        from_address(tmp_path, b"wrong", b"right", 5)
    assert files(tmp_path) == []


def test_wrong_length_keeps_nothing_and_says_both(tmp_path: Path) -> None:
    """Lengths and hashes; a length alone is judged too."""
    with pytest.raises(InputError, match=rf"has 4 bytes, wanted 5, and SHA-256 {sha256(b'righ')}, wanted"):
        from_address(tmp_path, b"righ", b"right", 5)
    with pytest.raises(InputError, match=r"has 4 bytes, wanted 5, and SHA-256 \w+, wanted any"):
        from_address(tmp_path, b"righ", None, 5)
    assert files(tmp_path) == []


def test_unknown_hash_is_recorded_and_holds_from_then_on(tmp_path: Path) -> None:
    """Another file later is refused with both hashes; deleting the record accepts it."""
    from_address(tmp_path, b"first", None).path.unlink()

    assert json.loads((tmp_path / "SEEN.json").read_text()) == {
        "a/f.csv": {"sha256": sha256(b"first"), "size": 5, "address": "https://a.example/0"}
    }
    with pytest.raises(
        InputError,
        match=rf"has SHA-256 {sha256(b'other')}, wanted {sha256(b'first')} as first seen from "
        r"https://a.example/0: nothing was kept. Next step: to accept the new file, "
        r"delete 'a/f.csv' from \S+SEEN.json and run again",
    ):
        from_address(tmp_path, b"other", None)
    assert files(tmp_path) == ["SEEN.json"]

    (tmp_path / "SEEN.json").write_text("{}")
    assert from_address(tmp_path, b"other", None).sha256 == sha256(b"other")


def test_mirror_may_give_what_any_address_gives(tmp_path: Path) -> None:
    """Two known versions; a third is refused, naming both."""
    file = file_of(b"one", None, b"two")
    for content in (b"one", b"two"):
        from_mirror(tmp_path, content, file).path.unlink()

    with pytest.raises(InputError, match=rf"wanted {sha256(b'one')} or {sha256(b'two')}: nothing was kept"):
        from_mirror(tmp_path, b"three", file)
    assert files(tmp_path) == []


def test_mirror_may_give_what_was_seen_from_an_address(tmp_path: Path) -> None:
    """A colleague's raw folder is a mirror too."""
    from_address(tmp_path, b"seen", None).path.unlink()

    assert from_mirror(tmp_path, b"seen", file_of(b"one", None)).sha256 == sha256(b"seen")


def test_mirror_of_unknown_files_is_recorded(tmp_path: Path) -> None:
    """Nobody knows the hash, so the first one seen holds."""
    from_mirror(tmp_path, b"first", file_of(None)).path.unlink()

    with pytest.raises(InputError, match=r"as first seen from /mirror/a/f.csv"):
        from_mirror(tmp_path, b"other", file_of(None))


def test_file_that_is_there_is_hashed_and_kept(tmp_path: Path) -> None:
    """Known to the settings, or recorded when first seen."""
    from_address(tmp_path, b"one", b"one")
    assert kept(file_of(b"one"), tmp_path).size == 3

    (tmp_path / "a" / "f.csv").unlink()
    from_address(tmp_path, b"seen", None)
    assert kept(file_of(None, b"one"), tmp_path).sha256 == sha256(b"seen")


def test_edited_raw_file_is_refused(tmp_path: Path) -> None:
    """By name, with both hashes and what to do."""
    place = from_address(tmp_path, b"one", b"one").path
    place.write_bytes(b"two")

    with pytest.raises(
        InputError,
        match=rf"f.csv has SHA-256 {sha256(b'two')}, wanted {sha256(b'one')}: a raw file is never edited. "
        r"Next step: delete it and run again",
    ):
        kept(file_of(b"one"), tmp_path)
    assert place.read_bytes() == b"two"


def test_file_that_nobody_knows_is_recorded_where_it_lies(tmp_path: Path) -> None:
    """Put there by hand, or its record was deleted to accept it; editing it later is found."""
    (tmp_path / "a").mkdir()
    place = tmp_path / "a" / "f.csv"
    place.write_bytes(b"mine")

    assert kept(file_of(None), tmp_path).sha256 == sha256(b"mine")
    place.write_bytes(b"edited")
    with pytest.raises(InputError, match="a raw file is never edited"):
        kept(file_of(None), tmp_path)


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    """A folder stands in its place."""
    (tmp_path / "a" / "f.csv").mkdir(parents=True)

    with pytest.raises(InputError, match=r"f\.csv is no plain file, wanted one\. Next step: delete it"):
        kept(file_of(None), tmp_path)


def test_mirror_may_send_as_much_as_the_largest_known_file(tmp_path: Path) -> None:
    """Hashes without a size, or no hash at all, leave only the general bound."""
    assert size_in_mirror(file_of(b"one", None, b"three"), tmp_path).most == 5
    assert size_in_mirror(file_of(None), tmp_path).most == MOST_BYTES
    sizeless = SourceFile(path="a/f.csv", at=(Address(https="https://a.example/0", sha256="0" * 64),))
    assert size_in_mirror(sizeless, tmp_path).most == MOST_BYTES

    from_address(tmp_path, b"much longer", None)
    assert size_in_mirror(file_of(b"one"), tmp_path).most == 11


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody writes into it, so reading it would never end."""
    (tmp_path / "a").mkdir()
    os.mkfifo(tmp_path / "a" / "f.csv")

    with pytest.raises(InputError, match=r"f\.csv is no plain file, wanted one"):
        kept(file_of(b"known"), tmp_path)

"""The bank on disk: read as it was written, and refused by file and line where it cannot be served."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.adapters.banks import BANK, MANIFEST, held, read_bank, write_bank
from churn_saver.errors import ArtifactError, InputError
from churn_saver.message.bank import DRAFT, Bank
from tests.banks import bank_folder, entry, plain_bank

MADE = {"writer": "tiny@0123456789abcdef", "seed": 7, "counts": {"written": 12}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a bank of three messages."""
    entries = (
        entry(0),
        entry(1, score=None),
        entry(2, "Hi {name}: {offer} off, {valid_until}.", review=DRAFT),
    )
    write_bank(tmp_path, Bank(entries), MADE)
    return tmp_path


def altered(folder: Path, change: Callable[[list[dict[str, object]]], object]) -> None:
    """Change the lines, and let the manifest vouch for them."""
    lines = [json.loads(line) for line in (folder / BANK).read_text().splitlines()]
    change(lines)
    raw = "".join(json.dumps(line) + "\n" for line in lines).encode()
    (folder / BANK).write_bytes(raw)
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["sha256"] = hashlib.sha256(raw).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_what_was_written_is_read(folder: Path) -> None:
    """Entries, their order, where they come from, and a version that is the hash of the file."""
    stored = read_bank(folder)

    assert [one.id for one in stored.bank.entries] == ["m0", "m1", "m2"]
    assert stored.bank.entries[1] == entry(1, score=None)
    assert stored.provenance == MADE
    assert stored.bank.version == hashlib.sha256((folder / BANK).read_bytes()).hexdigest()[:16]
    assert json.loads((folder / MANIFEST).read_text())["entries"] == {
        "approved": 2, "draft": 1, "rejected": 0,
    }  # fmt: skip


def test_the_same_bank_makes_the_same_bytes(tmp_path: Path) -> None:
    """In both files; and a bank of every context comes back whole."""
    bank = plain_bank()
    written = [write_bank(tmp_path / name, bank, MADE) for name in ("one", "other")]

    assert written[0].version == written[1].version
    for name in (BANK, MANIFEST):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()
    assert read_bank(tmp_path / "one").bank == written[0]


def test_a_bank_of_nothing_is_not_written(tmp_path: Path) -> None:
    """Nor one whose origin is no plain value."""
    with pytest.raises(InputError, match=r"a bank of no message .* wanted at least 1"):
        write_bank(tmp_path, Bank(()), MADE)
    with pytest.raises(InputError, match=r"no plain value"):
        write_bank(tmp_path, Bank((entry(),)), {"seed": float("nan")})

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [BANK, MANIFEST])
def test_a_missing_file_is_named_with_the_command(folder: Path, name: str) -> None:
    """Either of the two."""
    (folder / name).unlink()

    with pytest.raises(ArtifactError, match=rf"{name} cannot be read.*make message-bank"):
        read_bank(folder)


@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_a_flipped_bit_is_found_before_a_line_is_read(
    tmp_path_factory: pytest.TempPathFactory, place: int, bit: int
) -> None:
    """Wherever it is."""
    folder = bank_folder(tmp_path_factory.mktemp("flip"), Bank((entry(0), entry(1))))
    raw = bytearray((folder / BANK).read_bytes())
    raw[place % len(raw)] ^= 1 << bit
    (folder / BANK).write_bytes(raw)

    with pytest.raises(ArtifactError, match=r"SHA-256.*was altered.*messages approve"):
        read_bank(folder)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("schema", 2, r"schema is '2', wanted 1: another version wrote it"),
        ("language", "de", r"language is 'de', wanted en"),
        ("more", 1, r"holds more, wanted"),
    ],
)
def test_a_manifest_of_another_kind_is_refused(folder: Path, key: str, value: object, told: str) -> None:
    """Another schema, an unsupported language, or a field that nobody knows."""
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | {key: value}))

    with pytest.raises(ArtifactError, match=told):
        read_bank(folder)


@pytest.mark.parametrize("raw", [b"", b"[1]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_manifest_is_refused(folder: Path, raw: bytes) -> None:
    """Not JSON, or no object."""
    (folder / MANIFEST).write_bytes(raw)

    with pytest.raises(ArtifactError, match=r"manifest.*make the bank again: make message-bank"):
        read_bank(folder)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"text": "Hi {name}, take {offer} until {valid_until}, {sender}"}, r"line 2: .*slot \{sender\}"),
        ({"text": "Hi {name}, take {offer} until {valid_until"}, r"line 2: .*'\{' outside a slot"),
        ({"offer_percent": 0}, r"line 2: .*slot \{offer\}, which its context has no value for"),
        ({"offer_percent": 7}, r"line 2: offer_percent is 7"),
        ({"offer_percent": True}, r"line 2: the message.offer_percent is 'True', wanted a whole number"),
        ({"tenure": "ages"}, r"line 2: tenure is 'ages'"),
        ({"contract": "lease"}, r"line 2: contract is 'lease'"),
        ({"contract": 3}, r"line 2: contract is '3', wanted a text or null"),
        ({"channel": "fax"}, r"line 2: channel is 'fax'"),
        ({"tone": "loud"}, r"line 2: tone is 'loud'"),
        ({"score": "high"}, r"line 2: score is 'high', wanted a number or null"),
        ({"score": float("inf")}, r"line 2: score is inf"),
        ({"review": "fine"}, r"line 2: review is 'fine'"),
        ({"id": "m0"}, r"line 2: id 'm0' stands in line 1 too"),
        ({"customer": "Sam"}, r"line 2: the message holds customer"),
    ],
)
def test_a_message_that_cannot_be_served_is_named_by_line(
    folder: Path, changes: dict[str, object], told: str
) -> None:
    """Unfilled and foreign slots, unknown contexts, ids found twice, values of another type."""
    altered(folder, lambda lines: lines[1].update(changes))

    with pytest.raises(ArtifactError, match=told):
        read_bank(folder)


def test_a_bank_without_a_line_is_refused(folder: Path) -> None:
    """An empty file that its manifest vouches for."""
    altered(folder, list.clear)

    with pytest.raises(ArtifactError, match=r"has no line, wanted at least 1 message"):
        read_bank(folder)


def test_a_line_that_lacks_a_field_is_named(folder: Path) -> None:
    """By line and field."""
    altered(folder, lambda lines: lines[2].pop("tone"))

    with pytest.raises(ArtifactError, match=r"line 3: the message lacks tone"):
        read_bank(folder)


def test_a_held_bank_is_rewritten_by_one_at_a_time(tmp_path: Path) -> None:
    """Who comes later waits until the first has written; the folder need not be there, and is not made."""
    place, order = tmp_path / "new" / "bank", list[str]()

    def second() -> None:
        with held(place):
            order.append("second")

    later = Thread(target=second)
    with held(place):
        later.start()
        later.join(0.2)
        order.append("first")
    later.join(10)

    assert order == ["first", "second"]
    assert not place.exists()


def test_a_place_that_cannot_be_held_is_named(tmp_path: Path) -> None:
    """A file stands where a folder is wanted."""
    (tmp_path / "file").write_text("")

    with pytest.raises(InputError, match=r"\.bank\.lock cannot be written"), held(tmp_path / "file" / "bank"):
        pass

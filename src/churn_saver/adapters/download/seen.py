"""Hashes that nobody told us: the first one seen is recorded, and holds from then on.

SEEN.json stands in the raw folder: path -> {sha256, size, address}.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import read_bytes, write_bytes
from churn_saver.adapters.locks import locked
from churn_saver.errors import InputError

SEEN = "SEEN.json"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a file was when it was first seen."""

    sha256: str
    size: int
    """Bytes."""
    address: str
    """Where it came from, without secrets."""


def first_seen(raw: Path, name: str) -> Seen | None:
    """Give the record of a file.

    Args:
        raw: Folder of raw files.
        name: Path of the file in it.

    Raises:
        InputError: the records cannot be read.
    """
    return _records(raw).get(name)


def record(raw: Path, name: str, seen: Seen) -> None:
    """Keep what a file was when it was first seen.

    Raises:
        InputError: the records cannot be read or written.
    """
    try:
        with locked(raw / f".{SEEN}.lock", wait=True):
            records = _records(raw) | {name: seen}
            write_bytes(raw / SEEN, canonical({path: asdict(found) for path, found in records.items()}))
    except OSError as error:
        raise InputError(f"{raw / SEEN} cannot be written ({error.strerror}). Next step: free it") from error


def _records(raw: Path) -> dict[str, Seen]:
    path = raw / SEEN
    if not path.exists():
        return {}
    next_step = "mend it, or delete it to record the raw files anew"
    try:
        found = json.loads(read_bytes(path, next_step))
        return {
            str(name): Seen(str(e["sha256"]), int(e["size"]), str(e["address"])) for name, e in found.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is no record of hashes ({error!r}). Next step: {next_step}") from None

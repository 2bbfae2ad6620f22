"""The list that vouches for a tree of files: the SHA-256 and size of each, by its path.

No time and no path of a machine stand in it, so the same files always give the same list. Knows no place.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.places.stored import plain_name
from churn_saver.domain.plain import object_of, record_of
from churn_saver.errors import ArtifactError, InputError, quoted

TREE = "tree.json"
"""Name of the list, at the top of its tree."""
SCHEMA = 1
"""Raised when a reader of the old lists could no longer read the new ones."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a tree."""

    sha256: str
    """Hex digits."""
    size: int
    """Bytes."""


def written_list(entries: Mapping[str, Entry]) -> bytes:
    """Write a list, the same entries always as the same bytes.

    Args:
        entries: Each file by its path below the tree, with '/'.
    """
    return canonical({"schema": SCHEMA, "files": {path: asdict(entry) for path, entry in entries.items()}})


def read_list(raw: bytes, origin: str) -> dict[str, Entry]:
    """Read a list, and refuse what this code would never have written.

    Args:
        raw: The file.
        origin: Where it stands, for error messages.

    Raises:
        ArtifactError: no list, of another schema, empty, or it names a file that would leave its folder.
    """
    try:
        found = object_of(json.loads(raw), ("schema", "files"), "the list")
        if found["schema"] != SCHEMA:
            raise ArtifactError(f"schema is {found['schema']!r}, wanted {SCHEMA}")
        if not isinstance(found["files"], dict) or not found["files"]:
            raise ArtifactError("files is empty or no object, wanted at least one file")
        return {plain_name(path): _entry(path, entry) for path, entry in sorted(found["files"].items())}
    except (ArtifactError, InputError, ValueError, RecursionError) as error:
        raise ArtifactError(
            f"{origin} cannot be used: {error}. Bring it back from a copy, or send the files again under "
            "another name"
        ) from error


def is_digest(text: str) -> bool:
    """Say whether a text is a SHA-256 in hex, and so safe as the name of a folder."""
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _entry(path: str, entry: object) -> Entry:
    """Read the entry of a file; it is the list's own file that cannot vouch for itself.

    Raises:
        ArtifactError: not what was written.
    """
    if path == TREE:
        raise ArtifactError(f"it names itself, {TREE}")
    found = record_of(Entry, entry, quoted(path))
    if not is_digest(found.sha256) or found.size < 0:
        raise ArtifactError(
            f"{quoted(path)} has sha256 {quoted(found.sha256)} and size {found.size}, wanted 64 hex digits "
            "and a number of bytes"
        )
    return found

"""What a prepared data set says of itself: its files with their hashes, and what they were made from.

`manifest.json` is written last, so a folder without one is unfinished. No time and no path of a
machine stand in it: the same sources, settings and code make the same bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import read_bytes
from churn_saver.errors import ArtifactError

MANIFEST = "manifest.json"
SCHEMA = 1
"""Raised when a reader of the old manifests could no longer read the new ones."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the data set."""

    sha256: str
    size: int
    """Bytes."""
    rows: int
    columns: Mapping[str, str]
    """Type of each column, by name."""


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One file as it was downloaded."""

    file: str
    """Path below data/raw."""
    sha256: str
    size: int
    licence: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A prepared data set."""

    dataset: str
    code: str
    """Version of the code that made it."""
    seed: int
    settings: Mapping[str, object]
    """What of data.yaml bears on it."""
    sets: Mapping[str, str | None]
    """Which set of each source was taken; None: the source was not to be had."""
    sources: tuple[SourceEntry, ...]
    files: Mapping[str, FileEntry]
    left_out: Mapping[str, int]
    """How many rows were left out on purpose, by reason."""
    profile: Mapping[str, object]
    """Of all rows together; the next run is compared with it."""

    def to_bytes(self) -> bytes:
        """Write as JSON, the same manifest always as the same bytes."""
        return canonical(asdict(self) | {"schema": SCHEMA})


def read_manifest(raw: bytes, origin: str) -> Manifest:
    """Read a manifest, and refuse what this code would never have written.

    Args:
        raw: The file.
        origin: Its name, for error messages.

    Raises:
        ArtifactError: not a manifest, of another schema, or it names a file outside its folder.
    """
    found = _object(raw, origin)
    if found.get("schema") != SCHEMA:
        raise ArtifactError(
            f"{origin} has schema {found.get('schema')!r}, wanted {SCHEMA}: another version of the code made "
            "it. Prepare the data again: make data.all"
        )
    try:
        manifest = Manifest(
            str(found["dataset"]), str(found["code"]), int(found["seed"]), dict(found["settings"]),
            {str(name): taken for name, taken in found["sets"].items()},
            tuple(_source(entry) for entry in found["sources"]),
            {str(name): _file(entry) for name, entry in found["files"].items()},
            {str(reason): int(n) for reason, n in found["left_out"].items()}, dict(found["profile"]),
        )  # fmt: skip
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise ArtifactError(
            f"{origin} is no manifest of prepared data ({error!r}). Prepare the data again: make data.all"
        ) from error
    if not manifest.files:
        raise ArtifactError(
            f"{origin} names no file, wanted at least 1. Prepare the data again: make data.all"
        )
    for name in manifest.files:
        if name in ("", ".", "..", MANIFEST) or "/" in name or "\\" in name:
            raise ArtifactError(
                f"{origin} names the file {name!r}, wanted a plain name: do not use this folder"
            )
    return manifest


def read_verified(folder: Path, next_step: str) -> tuple[Manifest, dict[str, bytes]]:
    """Read a prepared data set into memory, each file compared with its manifest before it is used.

    Args:
        folder: With manifest.json.
        next_step: What makes the folder.

    Raises:
        InputError: a file cannot be read.
        ArtifactError: the manifest cannot be used, or a file is not the one that it vouches for.
    """
    path = folder / MANIFEST
    manifest = read_manifest(read_bytes(path, next_step), str(path))
    contents = {}
    for name, entry in manifest.files.items():
        contents[name] = read_bytes(folder / name, next_step)
        found = hashlib.sha256(contents[name]).hexdigest()
        if found != entry.sha256:
            raise ArtifactError(
                f"{folder / name} has SHA-256 {found}, the manifest says {entry.sha256}: it was altered. "
                f"Next step: {next_step}"
            )
    return manifest, contents


def _source(entry: Mapping[str, Any]) -> SourceEntry:
    return SourceEntry(str(entry["file"]), str(entry["sha256"]), int(entry["size"]), str(entry["licence"]))


def _file(entry: Mapping[str, Any]) -> FileEntry:
    columns = {str(name): str(kind) for name, kind in entry["columns"].items()}
    return FileEntry(str(entry["sha256"]), int(entry["size"]), int(entry["rows"]), columns)


def _object(raw: bytes, origin: str) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ArtifactError(
            f"{origin} is not JSON ({error}). Prepare the data again: make data.all"
        ) from error
    if not isinstance(found, dict):
        raise ArtifactError(f"{origin} holds {type(found).__name__}, wanted an object: not a manifest")
    return found

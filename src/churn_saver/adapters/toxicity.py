"""The toxicity classifier on disk: numbers, and a manifest that vouches for them.

The file is hashed before any byte of it is parsed, its format (npz without objects) can run no code, and
what it unpacks to is bounded.
"""

import hashlib
import json
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np

from churn_saver.adapters.plain_files import MOST_BYTES, read_plain
from churn_saver.errors import ArtifactError, InputError
from churn_saver.message.toxicity import Toxicity

WEIGHTS, MANIFEST = "weights.npz", "manifest.json"
_AGAIN = "Install the package again"


def read_toxicity(folder: Path) -> Toxicity:
    """Read the classifier, its hash checked against the manifest before it is parsed.

    Raises:
        ArtifactError: a file is missing, altered, or not what it should be.
    """
    wanted = _promised(folder / MANIFEST)
    path = folder / WEIGHTS
    raw = _bytes(path)
    found = hashlib.sha256(raw).hexdigest()
    if found != wanted:
        raise ArtifactError(
            f"{path} has SHA-256 {found}, the manifest says {wanted}: it was altered. {_AGAIN}"
        )
    try:
        _require_bounded(raw)
        with np.load(BytesIO(raw), allow_pickle=False) as arrays:
            return Toxicity.of_arrays(dict(arrays))
    except Exception as error:  # the archive reader has a dozen kinds; whatever it is, this is no classifier
        raise ArtifactError(f"{path}: {error}. {_AGAIN}") from error


def _require_bounded(raw: bytes) -> None:
    """Refuse an archive that says it is larger than any of ours, before a byte of it is unpacked."""
    with ZipFile(BytesIO(raw)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MOST_BYTES:
        raise ArtifactError(f"it unpacks to {unpacked:,} bytes, most allowed {MOST_BYTES:,}")


def _promised(path: Path) -> str:
    """Read the hash that the manifest promises."""
    try:
        return str(json.loads(_bytes(path))["files"][WEIGHTS]["sha256"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtifactError(f"{path} is no manifest of the classifier ({error!r}). {_AGAIN}") from error


def _bytes(path: Path) -> bytes:
    try:
        return read_plain(path, _AGAIN)
    except InputError as error:
        raise ArtifactError(str(error)) from error

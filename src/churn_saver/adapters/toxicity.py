"""The toxicity classifier on disk: numbers, and a manifest that vouches for them.

The file is hashed before any byte of it is parsed, and its format (npz without objects) can run no code.
"""

import hashlib
import json
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from churn_saver.adapters.files import read_bytes
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
        with np.load(BytesIO(raw), allow_pickle=False) as arrays:
            return Toxicity.of_arrays(dict(arrays))
    except (ArtifactError, BadZipFile, ValueError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{path}: {error}. {_AGAIN}") from error


def _promised(path: Path) -> str:
    """Read the hash that the manifest promises."""
    try:
        return str(json.loads(_bytes(path))["files"][WEIGHTS]["sha256"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtifactError(f"{path} is no manifest of the classifier ({error!r}). {_AGAIN}") from error


def _bytes(path: Path) -> bytes:
    try:
        return read_bytes(path, _AGAIN)
    except InputError as error:
        raise ArtifactError(str(error)) from error

"""Files that a manifest vouches for: none of their bytes is parsed before size and hash are as promised.

Knows no format of manifests, and nothing of what the files are for.
"""

import hashlib
from pathlib import Path

from churn_saver.adapters.plain_files import MOST_BYTES, read_plain
from churn_saver.errors import ArtifactError, InputError


def sha256(raw: bytes) -> str:
    """Give the SHA-256 of some bytes, hex digits."""
    return hashlib.sha256(raw).hexdigest()


def read_artefact(path: Path, make: str) -> bytes:
    """Read a file of an artefact that nobody vouches for, such as the manifest itself.

    Args:
        path: Which.
        make: The command that makes it.

    Raises:
        ArtifactError: missing, no plain file, not readable, or too large.
    """
    try:
        return read_plain(path, make)
    except InputError as error:
        raise ArtifactError(str(error)) from error


def read_vouched(path: Path, digest: str, size: int, make: str, again: str) -> bytes:
    """Read a file only if it has the promised size, and give it only if it has the promised hash.

    Args:
        path: Which.
        digest: SHA-256 that it must have, hex digits.
        size: Bytes that it must have.
        make: The command that makes it.
        again: What to do where it is another one, a sentence.

    Raises:
        ArtifactError: it is missing or another one.
    """
    try:
        found_size = path.stat().st_size
    except OSError:
        found_size = None
    if found_size is not None and (found_size != size or size > MOST_BYTES):
        raise ArtifactError(
            f"{path} has {found_size} bytes, the manifest says {size} (most allowed {MOST_BYTES}): it was "
            f"altered or cut short, SHA-256 {digest} cannot match. {again}"
        )
    raw = read_artefact(path, make)
    found = sha256(raw)
    if found != digest:
        raise ArtifactError(
            f"{path} has SHA-256 {found}, the manifest says {digest}: it was altered. {again}"
        )
    return raw

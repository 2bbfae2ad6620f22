"""Drafts that were written so far, kept while a bank is made: writing takes long and may be stopped.

One line for each call of the writer, behind a first line that says what they were written by. A line
that a killed writer left half is not there. Knows no model and no bank.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from churn_saver.errors import ArtifactError, InputError

Writer: TypeAlias = Callable[[Sequence[str], int], Sequence[str]]
"""Prompts (n,) and a seed to one draft each, (n,)."""
NEXT_STEP = "remove the file, or pass --fresh to begin anew"


def remembered(write: Writer, path: Path, wanted: Mapping[str, object]) -> Writer:
    """Let a writer answer from a file what it was asked before, and keep there what it is asked now.

    Args:
        write: Who writes.
        path: The file; made if absent.
        wanted: What the drafts are written by: models, settings; plain values.

    Raises:
        ArtifactError: the file is of other drafts.
        InputError: it cannot be read or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Free this place.") from error
    head = json.dumps(dict(wanted), sort_keys=True).encode()
    # What stands behind the last line break was never finished.
    whole = lines[:-1]
    if whole and whole[0] != head:
        raise ArtifactError(f"{path} holds drafts of other models or settings. Next step: {NEXT_STEP}")
    known = {str(key): drafts for key, drafts in (_entry(line, path) for line in whole[1:])}
    _begin(path, b"".join(line + b"\n" for line in (whole or [head])))

    def answered(prompts: Sequence[str], seed: int) -> Sequence[str]:
        key = sha256(json.dumps([list(prompts), seed]).encode()).hexdigest()
        if key not in known:
            known[key] = list(write(prompts, seed))
            _append(path, json.dumps({"key": key, "drafts": known[key]}).encode() + b"\n")
        return known[key]

    return answered


def _entry(line: bytes, path: Path) -> tuple[str, list[str]]:
    try:
        found = json.loads(line)
        return str(found["key"]), [str(draft) for draft in found["drafts"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path} is damaged ({error!r}). Next step: {NEXT_STEP}") from error


def _begin(path: Path, content: bytes) -> None:
    """Take what was left half off the end, or write the first line."""
    try:
        if not path.exists() or path.stat().st_size != len(content):
            path.write_bytes(content)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}). Free this place.") from error


def _append(path: Path, line: bytes) -> None:
    try:
        with path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}). Free this place.") from error

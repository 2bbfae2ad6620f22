"""Named arrays and notes in one safetensors file: hashed before parsing, checked, able to run nothing.

Notes stand in the header as JSON. The same content always makes the same bytes, which safetensors
alone does not promise: it writes the notes in another order each time. Knows nothing of what the
arrays mean.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from churn_saver.adapters.files import write_bytes
from churn_saver.adapters.plain_files import MOST_BYTES, read_plain
from churn_saver.errors import ArtifactError, InputError, listed, quoted, shown

_LENGTH_BYTES = 8
"""Of the header's length, which a file begins with; the header is padded to as many."""
_METADATA, _FORMAT, _VERSION = "__metadata__", "format", "version"
_REASON = 160

Arrays: TypeAlias = Mapping[str, NDArray[np.generic]]
Notes: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file."""

    name: str
    version: int
    """Raised when a reader of the old files could no longer read the new ones."""
    next_step: str
    """What makes such a file, or mends it."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What a file holds."""

    arrays: dict[str, NDArray[np.generic]]
    """Copies of their own, that may be written to."""
    notes: dict[str, object]
    sha256: str


def write_packed(path: Path, content: bytes) -> str:
    """Put a file there whole or not at all, and give its SHA-256.

    Raises:
        InputError: the place cannot be written to, or the file could not be read back for its size.
    """
    _bounded(len(content), str(path))
    write_bytes(path, content)
    return hashlib.sha256(content).hexdigest()


def read_packed(path: Path, kind: Format, sha256: str | None = None) -> Packed:
    """Read a file; where a hash is given, nothing of another file is parsed.

    Raises:
        ArtifactError: missing, too large, of another hash, or as `unpack`.
    """
    try:
        raw = read_plain(path, kind.next_step)
    except InputError as error:
        raise ArtifactError(str(error)) from error
    found = hashlib.sha256(raw).hexdigest()
    if sha256 is not None and found != sha256:
        raise ArtifactError(
            f"{path} has SHA-256 {found}, wanted {shown(sha256, 64)}: it was altered, or made anew since. "
            f"Next step: {kind.next_step}"
        )
    return unpack(raw, kind, str(path))


def pack(arrays: Arrays, notes: Notes, kind: Format) -> bytes:
    """Lay arrays and notes out as one file.

    Args:
        arrays: Numbers or yes and no, by name.
        notes: Plain values, by name.
        kind: Of the file.

    Raises:
        InputError: a note is no JSON, an array is of a type that the format does not know, or all are
            together larger than `read_packed` reads.
    """
    told = {_FORMAT: kind.name, _VERSION: str(kind.version)}
    for name, note in notes.items():
        if name in told:
            raise InputError(f"a note has the name {name!r}, which the format keeps for itself: rename it")
        try:
            told[name] = json.dumps(note, sort_keys=True, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"note {name!r} is {quoted(str(note))}, wanted plain values ({error})"
            ) from error
    # Safetensors takes an array's memory as it lies, so it must lie in C order.
    _bounded(sum(array.nbytes for array in arrays.values()), f"a file of {kind.name}")
    laid = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    try:
        return _in_order(save(laid, told))
    except (SafetensorError, ValueError, TypeError) as error:
        kinds = sorted({str(array.dtype) for array in laid.values()})
        raise InputError(
            f"arrays of types {listed(kinds)} cannot be written ({shown(str(error), _REASON)}): hand in "
            "numbers of at most 64 bits"
        ) from error


def unpack(raw: bytes, kind: Format, origin: str) -> Packed:
    """Read what `pack` laid out.

    Args:
        raw: The file.
        kind: That it should be of.
        origin: Its name, for error messages.

    Raises:
        ArtifactError: damaged, of another kind or of another version.
    """

    def refuse(what: str) -> NoReturn:
        raise ArtifactError(f"{origin} {what}. Next step: {kind.next_step}")

    try:
        arrays, told = load(raw), _told(raw)
        notes = {name: _json(text) for name, text in told.items() if name not in (_FORMAT, _VERSION)}
    except (SafetensorError, KeyError, ValueError, OverflowError, RecursionError) as error:
        why = shown(str(error) or type(error).__name__, _REASON)
        refuse(f"is no whole safetensors file ({why}): cut short, damaged, or something else")
    if told.get(_FORMAT) != kind.name:
        refuse(f"holds {quoted(str(told.get(_FORMAT)))}, wanted {kind.name!r}: it is another kind of file")
    if told.get(_VERSION) != str(kind.version):
        refuse(
            f"has version {shown(str(told.get(_VERSION)))}, wanted {kind.version}: another version of the "
            "code wrote it"
        )
    copies = {name: np.array(arrays[name]) for name in sorted(arrays)}
    return Packed(copies, notes, hashlib.sha256(raw).hexdigest())


def _bounded(count: int, what: str) -> None:
    """Refuse to write what nobody would read."""
    if count > MOST_BYTES:
        raise InputError(
            f"{what} would have {count:,} bytes, most allowed {MOST_BYTES:,}. Next step: train fewer "
            "numbers, with a lower lora.rank or a smaller base model"
        )


def _in_order(raw: bytes) -> bytes:
    """Write the header anew, its names sorted."""
    text = json.dumps(_header(raw), sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _LENGTH_BYTES)
    return len(text).to_bytes(_LENGTH_BYTES, "little") + text + raw[_LENGTH_BYTES + _length(raw) :]


def _told(raw: bytes) -> dict[str, str]:
    """Read the notes as they stand in the header of a file that safetensors took."""
    header = _header(raw)
    told = header.get(_METADATA) if isinstance(header, dict) else None
    return {str(name): str(note) for name, note in told.items()} if isinstance(told, dict) else {}


def _header(raw: bytes) -> object:
    return _json(raw[_LENGTH_BYTES : _LENGTH_BYTES + _length(raw)].decode())


def _length(raw: bytes) -> int:
    return int.from_bytes(raw[:_LENGTH_BYTES], "little")


def _json(text: str) -> object:
    """Read JSON, each name once and every number finite."""
    return json.loads(text, object_pairs_hook=_once, parse_float=_finite, parse_constant=_finite)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"a name is there twice among {listed(sorted(name for name, _ in pairs))}")
    return found


def _finite(text: str) -> float:
    if not isfinite(float(text)):
        raise ValueError(f"{shown(text)} is no finite number")
    return float(text)

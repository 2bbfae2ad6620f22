"""Whether a raw file is what it should be: its size, and its SHA-256 as known or as first seen.

Knows nothing of how the bytes came.
"""

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path

from churn_saver.adapters.download.parts import Part
from churn_saver.adapters.download.seen import SEEN, Seen, first_seen, record
from churn_saver.adapters.download.streaming import Size
from churn_saver.config import SourceFile
from churn_saver.errors import InputError


@dataclass(frozen=True, slots=True)
class Raw:
    """A file in the raw folder that matches its hash."""

    path: Path
    name: str
    """Path below the raw folder, as the settings write it."""
    sha256: str
    size: int
    """Bytes."""


def kept(file: SourceFile, raw: Path) -> Raw:
    """Check a file that is there already; one that nobody knows is recorded as first seen.

    Raises:
        InputError: it was edited, or cannot be read.
    """
    place = raw / file.path
    try:
        # A pipe would be waited for without end.
        if not stat.S_ISREG(place.stat().st_mode):
            raise InputError(f"{place} is no plain file, wanted one. Next step: delete it and run again")
        with place.open("rb") as opened:
            sha256, size = hashlib.file_digest(opened, "sha256").hexdigest(), place.stat().st_size
    except OSError as error:
        raise InputError(
            f"{place} cannot be read ({error.strerror}). Next step: delete it and run again"
        ) from error
    recorded = first_seen(raw, file.path)
    wanted = (*_known(file), *([recorded.sha256] if recorded else []))
    if not wanted:
        record(raw, file.path, Seen(sha256, size, "found in the raw folder"))
    elif sha256 not in wanted:
        raise InputError(
            f"{place} has SHA-256 {sha256}, wanted {' or '.join(wanted)}: a raw file is never edited. "
            "Next step: delete it and run again"
        )
    return Raw(place, file.path, sha256, size)


def judged_from_mirror(file: SourceFile, raw: Path, part: Part, origin: str) -> Raw:
    """Put a file from a mirror into its place if it is one that any address may give.

    Raises:
        InputError: it is not; nothing is kept.
    """
    known, recorded = _known(file), first_seen(raw, file.path)
    if known and recorded:
        known = (*known, recorded.sha256)
    return judged(file, raw, part, origin, known, None)


def judged(
    file: SourceFile, raw: Path, part: Part, origin: str, known: tuple[str, ...], size: int | None
) -> Raw:
    """Put a fetched file into its place if it is what it should be, else keep nothing.

    Args:
        file: Which.
        raw: The raw folder.
        part: Its bytes.
        origin: Where they came from, for messages.
        known: Hashes that it may have; none: the one first seen, or this is the first.
        size: Bytes that there must be; None when not known.

    Raises:
        InputError: another hash or size; nothing is kept.
    """
    sha256 = part.sha256()
    recorded = None if known else first_seen(raw, file.path)
    wanted = (recorded.sha256,) if recorded else known
    wrong_size = size is not None and part.size != size
    if (wanted and sha256 not in wanted) or wrong_size:
        length = f"{part.size:,} bytes, wanted {size:,}, and " if wrong_size else ""
        first, step = "", "run again; if it stays so, the file was changed at its source or on the way"
        if recorded:
            first = f" as first seen from {recorded.address}"
            step = f"to accept the new file, delete {file.path!r} from {raw / SEEN} and run again"
        part.discard()
        raise InputError(
            f"{file.path} from {origin} has {length}SHA-256 {sha256}, "
            f"wanted {' or '.join(wanted) or 'any'}{first}: nothing was kept. Next step: {step}"
        )
    if not wanted:
        record(raw, file.path, Seen(sha256, part.size, origin))
    part.promote()
    return Raw(part.place, file.path, sha256, part.size)


def size_in_mirror(file: SourceFile, raw: Path) -> Size:
    """Bound what a mirror may send by the largest file that it may be."""
    sizes = [address.size for address in file.at if address.sha256]
    recorded = first_seen(raw, file.path)
    if recorded:
        sizes.append(recorded.size)
    known = [size for size in sizes if size is not None]
    return Size(None, max(known)) if known and len(known) == len(sizes) else Size()


def _known(file: SourceFile) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address.sha256 for address in file.at if address.sha256))

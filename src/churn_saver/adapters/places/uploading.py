"""A prepared data set goes to a place whole: its files first, its manifest last.

So a place with a manifest has every file that the manifest names. An upload that was cut is simply run
again: what is there already is not sent again. Knows neither folders nor buckets, only `stored.Place`.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from churn_saver.adapters.files import read_bytes, read_pieces
from churn_saver.adapters.manifests import MANIFEST, FileEntry, read_manifest
from churn_saver.adapters.places.stored import Content, Place, Stored, refuse_other
from churn_saver.domain.progress import Progress
from churn_saver.errors import InputError

_PREPARE = "prepare the data again: make data.all"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What an upload did."""

    new: tuple[str, ...]
    """Files that were written."""
    there: tuple[str, ...]
    """Files that stood there already, with the same checksum."""
    bytes_sent: int


@dataclass(frozen=True, slots=True)
class Verified:
    """What a place holds, compared with its manifest."""

    dataset: str
    """'' without a manifest."""
    files: int
    """Files that are as the manifest says."""
    bytes: int
    """Of those files."""
    faults: tuple[str, ...]
    """One sentence each; none: the data set is whole."""
    notes: tuple[str, ...]
    """Files that the manifest does not name, such as report.html."""


def upload(folder: Path, to: Place, report: Progress, replace: bool = False) -> Uploaded:
    """Upload a prepared data set.

    Args:
        folder: With a manifest, and files that match it.
        to: Where.
        report: Told how far it is.
        replace: Overwrite what differs. The manifest there is taken away first, so that nobody takes a
            mixture of two data sets for a whole one.

    Raises:
        InputError: a file does not match the manifest (nothing was sent), another content stands there
            (likewise, unless `replace`), or the place cannot be written to.
        ArtifactError: the manifest is none.
    """
    raw = read_bytes(folder / MANIFEST, _PREPARE)
    manifest = read_manifest(raw, str(folder / MANIFEST))
    ours = {
        name: _matching(folder / name, entry, to, report) for name, entry in sorted(manifest.files.items())
    }
    ours[MANIFEST] = to.content((raw,))
    stand = {name: to.stat(name) for name in ours}
    if not replace:
        for name, stored in stand.items():
            if stored is not None:
                refuse_other(to.where, name, stored, ours[name])
    elif (old := stand[MANIFEST]) and any(_differs(stand[name], ours[name]) for name in manifest.files):
        to.remove(MANIFEST, old)
        stand[MANIFEST] = None
    manifest_here = ours.pop(MANIFEST)
    files = _send(folder, to, ours, stand, report)
    _still_ours(to, ours)
    if replace and stand[MANIFEST] is None:
        _take_away_another(to, manifest_here)
    last = _send(folder, to, {MANIFEST: manifest_here}, stand, report)
    return Uploaded(files.new + last.new, files.there + last.there, files.bytes_sent + last.bytes_sent)


def verify(place: Place, report: Progress) -> Verified:
    """Read every file of a data set again and compare it with the manifest.

    Args:
        place: Where it is.
        report: Told how far it is.

    Raises:
        InputError: the place cannot be read.
        ArtifactError: the manifest is none.
    """
    names = place.names()
    if MANIFEST not in names:
        fault = f"{place.where} is unfinished: it has no {MANIFEST}. Upload it again: what is there stays"
        return Verified("", 0, 0, (fault,), tuple(names))
    manifest = read_manifest(place.read(MANIFEST), f"{place.where}/{MANIFEST}")
    good, faults = [], []
    for name, entry in sorted(manifest.files.items()):
        fault = _fault(place, name, entry, report) if name in names else "is missing"
        if fault:
            faults.append(f"{place.where}/{name} {fault}")
        else:
            good.append(entry.size)
    notes = tuple(name for name in names if name != MANIFEST and name not in manifest.files)
    return Verified(manifest.dataset, len(good), sum(good), tuple(faults), notes)


def _send(
    folder: Path, to: Place, ours: dict[str, Content], stand: dict[str, Stored | None], report: Progress
) -> Uploaded:
    """Write what is not there yet."""
    new: list[str] = []
    there: list[str] = []
    over = 0
    for name, content in ours.items():
        if not _differs(stand[name], content):
            there.append(name)
            continue
        done = 0

        def sent(size: int, name: str = name, total: int = content.size) -> None:
            nonlocal done
            done += size
            report(f"sending {name}", done, total)

        written = to.write_once(name, folder / name, content, sent, stand[name])
        (new if written.new else there).append(name)
        over += written.sent
    return Uploaded(tuple(new), tuple(there), over)


def _still_ours(to: Place, ours: dict[str, Content]) -> None:
    """Look at the files once more before a manifest vouches for them: two may have uploaded at once."""
    for name, content in ours.items():
        refuse_other(to.where, name, to.stat(name), content)


def _take_away_another(to: Place, manifest: Content) -> None:
    """Take away the manifest of somebody who finished another version while its files were replaced here."""
    other = to.stat(MANIFEST)
    if other is not None and _differs(other, manifest):
        to.remove(MANIFEST, other)


def _differs(stored: Stored | None, content: Content) -> bool:
    return stored is None or stored.content != content


def _matching(path: Path, entry: FileEntry, to: Place, report: Progress) -> Content:
    """Read a file once, for its SHA-256 and for the place's own checksum."""
    digest, done = hashlib.sha256(), 0

    def told() -> Iterator[bytes]:
        nonlocal done
        for piece in read_pieces(path, _PREPARE):
            digest.update(piece)
            done += len(piece)
            report(f"checking {path.name}", done, entry.size)
            yield piece

    content = to.content(told())
    if (content.size, digest.hexdigest()) != (entry.size, entry.sha256):
        raise InputError(
            f"{path} is not what its manifest says: it has {content.size} bytes and SHA-256 "
            f"{digest.hexdigest()}, the manifest says {entry.size} and {entry.sha256}. Nothing was sent. "
            f"Next step: {_PREPARE}"
        )
    return content


def _fault(place: Place, name: str, entry: FileEntry, report: Progress) -> str:
    """Say what is wrong with a file; '' when nothing is."""
    digest, size = hashlib.sha256(), 0
    for piece in place.pieces(name):
        digest.update(piece)
        size += len(piece)
        report(f"checking {name}", size, entry.size)
    if size != entry.size:
        return f"has {size} bytes, the manifest says {entry.size}"
    if digest.hexdigest() != entry.sha256:
        return f"is altered: it has SHA-256 {digest.hexdigest()}, the manifest says {entry.sha256}"
    return ""

"""Releases: trees of models at one place, each under its name, and a pointer to the one that is current.

A release is never changed. The pointer is, and of two who move it at once one is refused. On the machine
that serves, a release lies in a folder named by its hash, so that several services share it and none takes
another one's away. Knows nothing of what the models are for.
"""

import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import remove_folder, write_bytes
from churn_saver.adapters.locks import locked
from churn_saver.adapters.places import place
from churn_saver.adapters.places.buckets import PATIENCE_SECONDS
from churn_saver.adapters.tree_lists import TREE, is_digest
from churn_saver.adapters.trees import Tree, held_tree, pull_tree, read_tree
from churn_saver.domain.plain import record_of
from churn_saver.errors import ArtifactError, InputError, quoted

CURRENT = "current"
"""Wanted instead of a name: the release that the pointer names."""
POINTER = "current.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_OWN_FOLDER = 0o700
_SHOWN_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Release:
    """One release."""

    release: str
    """Its name."""
    sha256: str
    """Of the list of its tree, and so of every file."""

    @property
    def label(self) -> str:
        """Name it as logs and answers do."""
        return f"{self.release}@{self.sha256[:_SHOWN_DIGITS]}"


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that stands at a place of releases."""

    whole: tuple[Tree, ...]
    unfinished: tuple[str, ...]
    """Names whose sending was cut off."""
    current: Release | None


def plain_release(name: str) -> str:
    """Give the name of a release back if it is one.

    Raises:
        InputError: it could be taken for a path or for the pointer.
    """
    if not _NAME.fullmatch(name) or name in (CURRENT, POINTER):
        raise InputError(
            f"{quoted(name)} is no name of a release, wanted 1 to 64 letters, digits, '-', '_' or '.', the "
            f"first a letter or a digit, and not '{CURRENT}'"
        )
    return name


def which(where: str, wanted: str, patience_seconds: float = PATIENCE_SECONDS) -> Release:
    """Find a release by its name, or the current one.

    Args:
        where: The place of releases, a folder or 'gs://bucket/prefix'.
        wanted: Its name, or `CURRENT`.
        patience_seconds: How long each request to a bucket is tried again.

    Raises:
        InputError: the name is none, or the place cannot be read.
        ArtifactError: there is no such release, or no pointer that can be used.
    """
    if wanted != CURRENT:
        return Release(wanted, read_tree(where, plain_release(wanted), patience_seconds).sha256)
    found = _pointed(where, patience_seconds)
    if found is None:
        raise ArtifactError(
            f"{where} has no {POINTER}, so no release is current. Next step: churn-saver releases use NAME"
        )
    return found


def use(where: str, name: str) -> Release:
    """Make a release the current one.

    Raises:
        InputError: the name is none, somebody else moved the pointer meanwhile, or the place cannot be
            read or written to.
        ArtifactError: there is no such release.
    """
    here, seen = place(where), place(where).stat(POINTER)
    wanted = which(where, plain_release(name))
    raw = canonical(asdict(wanted))
    ours = here.content((raw,))
    if seen is not None and seen.content == ours:
        return wanted
    with tempfile.TemporaryDirectory(prefix="churn-saver-release-") as aside:
        write_bytes(Path(aside, POINTER), raw)
        try:
            here.write_once(POINTER, Path(aside, POINTER), ours, instead_of=seen)
        except InputError as error:
            stands = here.stat(POINTER)
            if stands is None or stands == seen:
                raise
            raise InputError(
                f"{POINTER} at {where} was moved by somebody else at the same time, so {name} is not made "
                "current. Next step: churn-saver releases list, and decide which one it shall be"
            ) from error
    return wanted


def on_shelf(where: str) -> Shelf:
    """Look at all releases of a place, by name; no file of theirs is read.

    Raises:
        InputError: the place cannot be read.
        ArtifactError: a list, or the pointer, cannot be used.
    """
    names = [name.split("/") for name in place(where).names()]
    whole = sorted(parts[0] for parts in names if len(parts) == 2 and parts[1] == TREE)
    others = {parts[0] for parts in names if len(parts) > 1} - set(whole)
    return Shelf(tuple(read_tree(where, name) for name in whole), tuple(sorted(others)), _pointed(where))


def brought(where: str, release: Release, cache: Path, patience_seconds: float = PATIENCE_SECONDS) -> Path:
    """Bring a release to this machine, unless it is here already; every file is compared either way.

    Several processes may do so at once: one brings it, the others wait for that.

    Args:
        where: The place of releases.
        release: Which.
        cache: Folder of this machine's releases; made if absent, for its owner alone.
        patience_seconds: How long each request to a bucket is tried again.

    Returns:
        The release's folder.

    Raises:
        InputError: the place cannot be read, or the cache cannot be written to, or is somebody else's.
        ArtifactError: the release is absent, altered, or another one than was asked for.
    """
    folder = cache / release.sha256
    try:
        cache.mkdir(mode=_OWN_FOLDER, parents=True, exist_ok=True)
        if (owner := cache.stat().st_uid) != os.getuid():
            raise InputError(
                f"{cache} belongs to user {owner}, who could change what is served from it. Name a folder of "
                "your own in MODEL_CACHE_DIR"
            )
        with locked(cache / f".{release.sha256}.lock", wait=True):
            if not _is_here(folder, release):
                remove_folder(folder)
                _bring(where, release, folder, patience_seconds)
    except OSError as error:
        raise InputError(
            f"{cache} cannot be written ({error.strerror}). Name another folder in MODEL_CACHE_DIR"
        ) from error
    return folder


def _bring(where: str, release: Release, folder: Path, patience_seconds: float) -> None:
    found = pull_tree(where, release.release, folder, patience_seconds)
    if found.sha256 != release.sha256:
        remove_folder(folder)
        raise ArtifactError(
            f"release {release.release} at {where} has the list {found.sha256}, wanted {release.sha256}: it "
            "was replaced after it became current. Send its files under a new name, then: churn-saver "
            "releases use NAME"
        )


def _is_here(folder: Path, release: Release) -> bool:
    """Say whether the folder holds this release, every file as it was."""
    try:
        return held_tree(folder).sha256 == release.sha256
    except (ArtifactError, InputError):
        return False


def _pointed(where: str, patience_seconds: float = PATIENCE_SECONDS) -> Release | None:
    """Read the pointer; None: there is none.

    Raises:
        ArtifactError: it is not what `use` writes.
    """
    here = place(where, patience_seconds)
    if here.stat(POINTER) is None:
        return None
    raw = here.read(POINTER)
    try:
        found = record_of(Release, json.loads(raw), POINTER)
        plain_release(found.release)
        if not is_digest(found.sha256):
            raise ArtifactError(f"sha256 is {quoted(found.sha256)}, wanted 64 hex digits")
    except (ArtifactError, InputError, ValueError, RecursionError) as error:
        raise ArtifactError(
            f"{POINTER} at {where} cannot be used: {error}. Take it away, then: churn-saver releases use NAME"
        ) from error
    return found

"""Releases of what decides: gathered from the folders where training writes, and put in their place to serve.

A release looks like a project's root: what would be found there is found in it. What it does not have is
taken from what ships with the package, never from the working folder, so that a release always means the
same. Serving from one is all or nothing: where it cannot be had, nothing else decides in its place.
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from churn_saver.adapters import artifacts, banks, ladder, live_files, uplift
from churn_saver.adapters.files import read_pieces, write_pieces
from churn_saver.adapters.policies import policy_file
from churn_saver.adapters.releases import Release, brought, which
from churn_saver.config import Environment
from churn_saver.errors import ArtifactError, InputError, quoted
from churn_saver.opening.places import (
    BANK_DIR,
    LIVE_DIR,
    MODEL_DIR,
    POLICY_DIR,
    UPLIFT_DIR,
    defaults_folder,
    shipped_bank_folder,
)

FOLDER = "releases"
"""Below the bucket of models."""
START_PATIENCE_SECONDS = 20.0
"""How long a start asks a bucket that does not answer: whoever waits for the service should hear of it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One folder of a release."""

    variable: str
    """Names the folder in the environment."""
    folder: Path
    """Below the release, and below the project's root."""
    mark: str
    """File that says that the part is there: what vouches for the others."""
    files: Callable[[Path], tuple[str, ...]]
    """Looks at every file of such a folder, and names those that serve."""
    shipped: Callable[[], Path] | None
    """What ships with the package; None: nothing does."""


def _predictors(folder: Path) -> tuple[str, ...]:
    artifacts.load(folder)
    return (artifacts.MANIFEST, *artifacts.read_manifest(folder).files)


def _policies(folder: Path) -> tuple[str, ...]:
    found = ladder.read_ladder(folder)
    for rung in found.files:
        ladder.trained(folder, found, rung)
    return (ladder.LADDER, *(policy_file(rung) for rung in found.files))


def _bank(folder: Path) -> tuple[str, ...]:
    banks.read_bank(folder)
    return (banks.MANIFEST, banks.BANK)


def _learned(folder: Path) -> tuple[str, ...]:
    uplift.load(folder)
    return (uplift.MANIFEST, uplift.MODEL, uplift.NUMBERS)


def _live(folder: Path) -> tuple[str, ...]:
    live_files.verified(folder)
    return (live_files.MANIFEST, live_files.MODEL)


PARTS = (
    Part("MODEL_DIR", MODEL_DIR, artifacts.MANIFEST, _predictors, defaults_folder),
    Part("POLICY_DIR", POLICY_DIR, ladder.LADDER, _policies, defaults_folder),
    Part("BANK_DIR", BANK_DIR, banks.MANIFEST, _bank, shipped_bank_folder),
    Part("UPLIFT_DIR", UPLIFT_DIR, uplift.MANIFEST, _learned, None),
    Part("LIVE_DIR", LIVE_DIR, live_files.MANIFEST, _live, None),
)
"""All that a release may hold."""


def releases_of(bucket: str) -> str:
    """Give the address of the releases in a bucket.

    Args:
        bucket: Its name, with or without 'gs://'.
    """
    return f"gs://{bucket.removeprefix('gs://').rstrip('/')}/{FOLDER}"


def gather(root: Path, to: Path) -> tuple[Path, ...]:
    """Copy what a project's root has trained, verified, into the folder of a release.

    Reports, curves and whatever else lies beside it stay where they are.

    Args:
        root: The project's root.
        to: An empty folder.

    Returns:
        The parts that were there.

    Raises:
        InputError: there is nothing to release, or a file cannot be copied.
        ArtifactError: a file is missing, altered or of another schema.
    """
    parts = tuple(part for part in PARTS if (root / part.folder / part.mark).is_file())
    if not parts:
        wanted = ", ".join(str(part.folder / part.mark) for part in PARTS)
        raise InputError(f"{root} holds nothing to release, wanted at least one of {wanted}. Train first")
    for part in parts:
        for name in part.files(root / part.folder):
            source = read_pieces(root / part.folder / name, "run the same command again")
            write_pieces(to / part.folder / name, source, over=False)
    return tuple(part.folder for part in parts)


def open_release(
    environment: Environment, patience_seconds: float = START_PATIENCE_SECONDS
) -> tuple[Environment, Release | None]:
    """Bring the release that the environment names to this machine, and lead the folders of models there.

    With the kill switch on nobody looks for models, and so for no release. A folder that the environment
    names stays the one it names.

    Args:
        environment: As it was set.
        patience_seconds: How long a bucket that does not answer is asked again.

    Returns:
        The environment to serve with, and the release; None: no bucket of models is named.

    Raises:
        ArtifactError: the release cannot be had whole.
        ConfigError: the packages for Cloud Storage are not installed.
    """
    if environment.GCS_MODEL_BUCKET is None or environment.FORCE_BASELINE:
        return environment, None
    where, wanted = releases_of(environment.GCS_MODEL_BUCKET), environment.MODEL_RELEASE
    try:
        release = which(where, wanted, patience_seconds)
        folder = brought(where, release, cache_folder(environment), patience_seconds)
    except (ArtifactError, InputError) as error:
        raise ArtifactError(
            f"release {quoted(wanted)} of {where} cannot be served: {error}.\n"
            "Nothing else decides in its place. Put it right, name another release in MODEL_RELEASE, or "
            "leave GCS_MODEL_BUCKET out to serve what ships with the package."
        ) from error
    return environment.model_copy(update=folders_of(environment, folder)), release


def folders_of(environment: Environment, release: Path) -> dict[str, str]:
    """Say where the parts lie that the environment does not name itself.

    Args:
        environment: As it was set.
        release: The folder of a release.

    Returns:
        Values by variable. A part that the release lacks and nobody ships is looked for in it all the same,
        and missed by its name where it is wanted.
    """
    unnamed = [part for part in PARTS if getattr(environment, part.variable) is None]
    return {part.variable: str(_folder_of(part, release)) for part in unnamed}


def cache_folder(environment: Environment) -> Path:
    """Find the folder of releases on this machine: MODEL_CACHE_DIR, else one of this user's own."""
    if environment.MODEL_CACHE_DIR is not None:
        return Path(environment.MODEL_CACHE_DIR)
    return Path(tempfile.gettempdir()) / f"churn-saver-models-{os.getuid()}"


def _folder_of(part: Part, release: Path) -> Path:
    is_there = (release / part.folder / part.mark).is_file()
    return release / part.folder if is_there or part.shipped is None else part.shipped()

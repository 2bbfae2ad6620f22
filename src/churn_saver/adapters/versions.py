"""Versions on disk: a folder each, named by the version's hash, with every file that it decides with.

A folder is written beside its place and moved there whole, and never changed. Every file is held against
the hash in the version's name before anything of it is parsed. Knows neither registry nor roles.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from churn_saver.adapters import artifacts, uplift
from churn_saver.adapters.files import write_folder
from churn_saver.adapters.ladder import LADDER, NETWORKS, Ladder, ladder_bytes, read_ladder, trained
from churn_saver.adapters.plain_files import read_plain
from churn_saver.adapters.policies import policy_file
from churn_saver.domain.versions import LEARNED, PREDICTORS, SHOWN_DIGITS, Version
from churn_saver.errors import ArtifactError, InputError

RECORD = "VERSION.json"
"""What the version is, beside its files."""
MAKE = "bring the folder back from a backup, or: churn-saver versions register"


def gathered(
    rung: str, models: Path, policies: Path | None, learned: Path | None
) -> tuple[Version, dict[str, bytes]]:
    """Gather the files that a rung decides with, each verified.

    Args:
        rung: By its name in serve.yaml; no 'champion'.
        models: Folder of the predictors.
        policies: Folder of the ladder; None: the rung needs nothing of it.
        learned: Folder of learned effects; None: the rung needs none.

    Returns:
        The version, and its files by name; the ladder with this one rung only, so that a version is the
        same whatever else was measured beside it.

    Raises:
        ArtifactError: a file is missing, altered or of another schema.
    """
    artifacts.load(models)
    contents = {name: _read(models / name) for name in (PREDICTORS, *artifacts.read_manifest(models).files)}
    if policies is not None:
        contents |= _ladder(rung, policies)
    if learned is not None:
        uplift.load(learned)
        names = (uplift.MANIFEST, uplift.MODEL, uplift.NUMBERS)
        contents |= {f"{LEARNED}{name}": _read(learned / name) for name in names}
    hashes = {name: sha256(content).hexdigest() for name, content in contents.items()}
    return Version(rung, hashes), contents


def keep(root: Path, version: Version, contents: Mapping[str, bytes]) -> Path:
    """Write the folder of a version, all of it or nothing; a whole one that is there is left alone.

    Returns:
        The folder.

    Raises:
        InputError: the place cannot be written to.
    """
    folder = root / version.digest
    try:
        require_whole(root, version.digest)
    except ArtifactError:
        own = {name: content for name, content in contents.items() if not name.startswith(LEARNED)}
        if beside := {name.removeprefix(LEARNED): contents[name] for name in contents.keys() - own.keys()}:
            write_folder(learned_folder(root, version.digest), beside, keep_others=False)
        # The record last: a folder without it is nobody's.
        write_folder(folder, {**own, RECORD: version.content.encode()}, keep_others=False)
    return folder


def learned_folder(root: Path, digest: str) -> Path:
    """Name the folder of a version's learned effects: beside its own, where names would be the same."""
    return root / f"{digest}-{LEARNED.rstrip('/')}"


def require_whole(root: Path, digest: str) -> Version:
    """Read what a version is, and hold every file against its hash.

    Args:
        root: Folder of all versions.
        digest: SHA-256 of the version, hex.

    Raises:
        ArtifactError: the folder or a file is missing, or altered; names it and the next step.
    """
    version = _record(root, digest)
    for name, wanted in version.files.items():
        beside = name.startswith(LEARNED)
        folder = learned_folder(root, digest) if beside else root / digest
        _held_against(folder / name.removeprefix(LEARNED), wanted)
    return version


def kept(root: Path) -> tuple[Version, ...]:
    """Give the versions whose folders say what they are, by name; other folders are passed over."""
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    found = []
    for folder in folders:
        try:
            found.append(_record(root, folder.name))
        except ArtifactError:
            continue
    return tuple(found)


def _ladder(rung: str, policies: Path) -> dict[str, bytes]:
    """Give the policy of a rung, if it has one, and what the ladder says of the rung."""
    ladder = read_ladder(policies)
    contents: dict[str, bytes] = {}
    files: dict[str, str] = {}
    if rung in NETWORKS:
        trained(policies, ladder, rung)
        contents[policy_file(rung)] = _read(policies / policy_file(rung))
        files[rung] = ladder.files[rung]
    prices = () if files else ladder.exact_prices
    rows = tuple(row for row in ladder.rows if row.name == rung)
    try:
        own = Ladder(rung, rows, files, prices)
    except InputError as error:
        raise ArtifactError(f"{policies / LADDER}: {error}. Measure again: make bench-policy") from error
    return contents | {LADDER: ladder_bytes(own)}


def _record(root: Path, digest: str) -> Version:
    path = root / digest / RECORD
    content = _held_against(path, digest)
    return Version.of(content.decode(), f"version {digest[:SHOWN_DIGITS]} in {path}")


def _held_against(path: Path, wanted: str) -> bytes:
    content = _read(path)
    found = sha256(content).hexdigest()
    if found != wanted:
        raise ArtifactError(f"{path} has SHA-256 {found}, wanted {wanted}: it was altered. Next step: {MAKE}")
    return content


def _read(path: Path) -> bytes:
    try:
        return read_plain(path, MAKE)
    except InputError as error:
        raise ArtifactError(str(error)) from error

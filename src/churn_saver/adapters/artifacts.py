"""Trained predictors on disk: two models, their calibration, and a manifest that vouches for all.

A file is hashed before any byte of it is parsed, and nothing in the formats can run code. No time
stands in them: the same training makes the same bytes. Knows nothing of how models are fitted.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from churn_saver import __version__
from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import write_folder
from churn_saver.adapters.vouched import read_artefact, read_vouched, sha256
from churn_saver.errors import ArtifactError, InputError
from churn_saver.tabular.boosting import Trees
from churn_saver.tabular.calibration import from_json
from churn_saver.tabular.features import require_known
from churn_saver.tabular.predictors import AcceptModel, Predictors, RiskModel, check_accept_names

CHURN, ACCEPT, CALIBRATOR, MANIFEST = (
    "churn_model.ubj",
    "accept_model.ubj",
    "calibrator.json",
    "MANIFEST.json",
)
SCHEMA = 1
"""Raised when a reader of the old files could no longer read the new ones."""
THREADS = 2
"""Threads that one large question to a model may use; changes no result."""
MAKE = "make train-risk"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a trained folder says of itself."""

    version: str
    """First 16 hex digits of the manifest's SHA-256."""
    files: Mapping[str, tuple[str, int]]
    """SHA-256 and size in bytes of each file, by name."""
    features: Mapping[str, tuple[str, ...]]
    """Columns of each model, by 'risk' and 'accept'."""
    provenance: Mapping[str, object]
    """Source, rows, hold-out and assumptions of each model."""
    metrics: Mapping[str, object]
    code: str


def save(
    folder: Path,
    risk: RiskModel,
    accept: AcceptModel,
    provenance: Mapping[str, object],
    metrics: Mapping[str, object],
    beside: Mapping[str, bytes] | None = None,
) -> str:
    """Write both predictors, all files or none.

    Args:
        folder: Where.
        risk: Churn model.
        accept: Acceptance model.
        provenance: What each model was trained on, by 'risk' and 'accept'; plain values.
        metrics: How good each is; plain values.
        beside: Further files to put there, not vouched for.

    Returns:
        The version.

    Raises:
        InputError: the folder cannot be written to.
    """
    calibrator = {
        "schema": SCHEMA,
        "risk": risk.calibration.to_json(),
        "accept": accept.calibration.to_json() | {"tie_break": accept.tie_break},
    }
    contents = {
        CHURN: risk.trees.to_bytes(),
        ACCEPT: accept.trees.to_bytes(),
        CALIBRATOR: canonical(calibrator),
    }
    manifest = canonical(
        {
            "schema": SCHEMA,
            "code": __version__,
            "files": {n: {"sha256": sha256(raw), "size": len(raw)} for n, raw in contents.items()},
            "features": {"risk": list(risk.names), "accept": list(accept.names)},
            "provenance": provenance,
            "metrics": metrics,
        }
    )
    write_folder(folder, {**(beside or {}), **contents, MANIFEST: manifest})
    return sha256(manifest)[:16]


def load(folder: Path) -> Predictors:
    """Read both predictors, each file checked against the manifest before it is parsed.

    Raises:
        ArtifactError: a file is missing, altered, of another schema, or not what it should be.
    """
    manifest = read_manifest(folder)
    raw = {
        name: read_vouched(folder / name, *vouched, MAKE, f"Train again: {MAKE}")
        for name, vouched in manifest.files.items()
    }
    curves = _json(raw[CALIBRATOR], folder / CALIBRATOR)
    names = manifest.features
    try:
        check_accept_names(names["accept"])
        require_known(names["risk"])
        require_known(names["accept"][2:])
        accept_curve = _part(curves, "accept")
        return Predictors(
            RiskModel(Trees.from_bytes(raw[CHURN], names["risk"], THREADS), from_json(_part(curves, "risk"))),
            AcceptModel(
                Trees.from_bytes(raw[ACCEPT], names["accept"], THREADS),
                from_json(accept_curve),
                float(str(accept_curve["tie_break"])),
            ),
            manifest.version,
            manifest.provenance,
        )
    except (KeyError, TypeError, ValueError, ArtifactError, InputError) as error:
        raise ArtifactError(f"{folder}: {error}. Train again: {MAKE}") from error


def read_manifest(folder: Path) -> Manifest:
    """Read what a trained folder says of itself, and refuse what no folder of ours would say.

    Raises:
        ArtifactError: missing, not a manifest, of another schema, or it names other files than ours.
    """
    path = folder / MANIFEST
    raw = read_artefact(path, MAKE)
    found = _json(raw, path)
    if found.get("schema") != SCHEMA:
        raise ArtifactError(
            f"{path} has schema {found.get('schema')!r}, wanted {SCHEMA}: it was made by version "
            f"{found.get('code')!r}, this is {__version__}. Train again: {MAKE}"
        )
    try:
        files = {str(n): (str(f["sha256"]), int(f["size"])) for n, f in _items(found["files"])}
        features = {str(m): tuple(map(str, names)) for m, names in _items(found["features"])}
        manifest = Manifest(
            sha256(raw)[:16], files, {m: features[m] for m in ("risk", "accept")},
            dict(_items(found["provenance"])), dict(_items(found["metrics"])), str(found["code"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(
            f"{path} is no manifest of trained models ({error!r}). Train again: {MAKE}"
        ) from error
    if set(files) != {CHURN, ACCEPT, CALIBRATOR}:
        raise ArtifactError(
            f"{path} names the files {sorted(files)}, wanted {[ACCEPT, CALIBRATOR, CHURN]} and nothing "
            f"else. Train again: {MAKE}"
        )
    return manifest


def _json(raw: bytes, path: Path) -> dict[str, object]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{path} is not JSON ({error}). Train again: {MAKE}") from error
    if not isinstance(found, dict):
        raise ArtifactError(f"{path} holds {type(found).__name__}, wanted an object. Train again: {MAKE}")
    return found


def _part(found: Mapping[str, object], name: str) -> dict[str, object]:
    return dict(_items(found[name]))


def _items(found: object) -> list[tuple[str, dict[str, str]]]:
    if not isinstance(found, dict):
        raise TypeError(f"{type(found).__name__} where an object was wanted")
    return list(found.items())

"""Learned effects on disk: the trees, the numbers beside them, and a manifest that vouches for both.

A file is hashed before any byte of it is parsed, and nothing in the formats can run code. No time and no
path stands in them: the same log and settings make the same bytes. Knows nothing of how effects are
learned.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from churn_saver import __version__
from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import write_folder
from churn_saver.adapters.vouched import read_artefact, read_vouched, sha256
from churn_saver.domain.action import N_CHOICES, NO_CONTACT
from churn_saver.domain.plain import object_of, record_of
from churn_saver.errors import ArtifactError, InputError, listed, quoted
from churn_saver.evidence.learner import LearnedEffects, Learner
from churn_saver.tabular.features import require_known
from churn_saver.tabular.predictors import CHURN_RISK

MODEL, NUMBERS, MANIFEST = "uplift_model.ubj", "uplift.json", "MANIFEST.json"
SCHEMA = 1
"""Raised when a reader of the old files could no longer read the new ones."""
MAKE = "churn-saver train-uplift"
_VERSION_DIGITS = 16


@dataclass(frozen=True, slots=True)
class _File:
    """What the manifest says of a file."""

    sha256: str
    size: int
    """Bytes."""


def save(
    folder: Path,
    effects: LearnedEffects,
    provenance: Mapping[str, object],
    metrics: Mapping[str, object],
    beside: Mapping[str, bytes] | None = None,
) -> str:
    """Write learned effects, all files or none.

    Args:
        folder: Where.
        effects: What was learned; its version is not looked at.
        provenance: What it was learned from; plain values.
        metrics: What the log showed; plain values.
        beside: Further files to put there, not vouched for.

    Returns:
        The version.

    Raises:
        InputError: the folder cannot be written to.
    """
    learner = effects.learner
    numbers = {
        "schema": SCHEMA,
        "average": learner.average.tolist(),
        "found": learner.found.tolist(),
        "slope": float(learner.slope),
        "rising": learner.rising,
        "names": list(effects.names),
        "choices": list(effects.choices),
        "days": effects.days,
    }
    contents = {MODEL: learner.to_bytes(), NUMBERS: canonical(numbers)}
    files = {name: {"sha256": sha256(raw), "size": len(raw)} for name, raw in contents.items()}
    manifest = canonical(
        {"schema": SCHEMA, "code": __version__, "files": files, "provenance": provenance, "metrics": metrics}
    )
    write_folder(folder, {**(beside or {}), **contents, MANIFEST: manifest})
    return sha256(manifest)[:_VERSION_DIGITS]


def load(folder: Path) -> LearnedEffects:
    """Read learned effects, each file checked against the manifest before it is parsed.

    Raises:
        ArtifactError: a file is missing, altered, of another schema, or not what it should be; names it.
    """
    raw = read_artefact(folder / MANIFEST, MAKE)
    files = _files(raw, folder / MANIFEST)
    contents = {
        name: read_vouched(folder / name, file.sha256, file.size, MAKE, f"Learn again: {MAKE}")
        for name, file in files.items()
    }
    try:
        return _effects(contents[MODEL], _json(contents[NUMBERS]), sha256(raw)[:_VERSION_DIGITS])
    except (ArtifactError, InputError) as error:
        raise ArtifactError(f"{folder}: {error}. Learn again: {MAKE}") from error


def _effects(trees: bytes, numbers: object, version: str) -> LearnedEffects:
    names = ("schema", "average", "found", "slope", "rising", "names", "choices", "days")
    found = object_of(numbers, names, NUMBERS)
    _require_schema(found["schema"], NUMBERS)
    columns = tuple(_texts(found["names"]))
    require_known(tuple(name for name in columns if name != CHURN_RISK))
    average, means = _numbers(found["average"], "average"), _numbers(found["found"], "found")
    (slope,) = _numbers([found["slope"]], "slope")
    choices, days, rising = found["choices"], found["days"], found["rising"]
    if type(rising) is not bool or type(days) is not int or days < 1:
        raise ArtifactError(f"rising and days are {rising!r} and {days!r}, wanted true or false, and days")
    learner = Learner.from_bytes(trees, average, means, slope, rising)
    if learner.columns != len(columns):
        raise ArtifactError(
            f"the trees were grown on {learner.columns} columns, {NUMBERS} names {len(columns)}"
        )
    return LearnedEffects(learner, columns, _choices(choices, len(average)), days, version)


def _choices(raw: object, arms: int) -> tuple[int, ...]:
    found = raw if isinstance(raw, list) else []
    known = all(type(one) is int and one < N_CHOICES for one in found)
    if not known or found != sorted(set(found)) or found[:1] != [NO_CONTACT] or len(found) != arms + 1:
        raise ArtifactError(
            f"choices is {quoted(str(raw))}, wanted {arms + 1} of 0 to {N_CHOICES - 1}, rising from 0"
        )
    return tuple(found)


def _files(raw: bytes, path: Path) -> dict[str, _File]:
    """Read which files the manifest vouches for; it names ours and no others."""
    try:
        found = object_of(_json(raw), ("schema", "code", "files", "provenance", "metrics"), "the manifest")
        _require_schema(found["schema"], f"made by version {found['code']!r}, it")
        files = object_of(found["files"], (MODEL, NUMBERS), "files")
        return {name: record_of(_File, file, f"files.{name}") for name, file in files.items()}
    except ArtifactError as error:
        raise ArtifactError(f"{path}: {error}. Learn again: {MAKE}") from error


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"it is not JSON ({error})") from error


def _require_schema(found: object, what: str) -> None:
    if found != SCHEMA:
        raise ArtifactError(f"{what} has schema {quoted(str(found))}, wanted {SCHEMA}")


def _texts(raw: object) -> list[str]:
    if not isinstance(raw, list) or not raw or not all(isinstance(one, str) for one in raw):
        raise ArtifactError(f"names is {quoted(str(raw))}, wanted names of columns")
    if len(set(raw)) < len(raw):
        raise ArtifactError(f"names is {listed(raw)}, wanted each once")
    return raw


def _numbers(raw: object, name: str) -> list[float]:
    found: list[float] = raw if isinstance(raw, list) else []
    if not found or not all(type(one) in (int, float) and isfinite(one) for one in found):
        raise ArtifactError(f"{name} is {quoted(str(raw))}, wanted finite numbers")
    return [float(one) for one in found]

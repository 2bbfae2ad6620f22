"""One trained predictor without the other, and two such parts made one.

A manifest vouches for both models together, so nothing serves from a part: it is what a training of one model
leaves where there is no other yet. Parts are joined only if they were trained alike, and what comes of it
has the same bytes as a training of both. Knows nothing of how models are fitted.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from churn_saver import __version__
from churn_saver.adapters import artifacts
from churn_saver.adapters.artifacts import ACCEPT, CHURN, MAKE, SCHEMA, THREADS
from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import remove, write_folder
from churn_saver.adapters.tree_lists import Entry
from churn_saver.adapters.vouched import read_artefact, read_vouched, sha256
from churn_saver.domain.plain import object_of, record_of
from churn_saver.errors import ArtifactError, InputError, shown
from churn_saver.tabular.boosting import Trees
from churn_saver.tabular.calibration import from_json
from churn_saver.tabular.features import require_known
from churn_saver.tabular.predictors import AcceptModel, RiskModel, check_accept_names

Name = Literal["risk", "accept"]
OTHER: Mapping[Name, Name] = {"risk": "accept", "accept": "risk"}
ALIKE = ("hold_out", "preset")
"""What the provenance of two parts must agree on, besides the code: else one of them is stale."""
_TREES: Mapping[Name, str] = {"risk": CHURN, "accept": ACCEPT}
_KEYS = ("schema", "code", "model", "files", "features", "provenance", "metrics")
_AGAIN = f"Train it again: {MAKE}"


@dataclass(frozen=True, slots=True)
class Part:
    """What a folder holds of one model."""

    raw: Mapping[str, bytes]
    """Verified bytes by file name."""
    features: tuple[str, ...]
    provenance: dict[str, object]
    metrics: object
    code: str
    version: str


def part_file(name: Name) -> str:
    """Name the file that vouches for a part."""
    return f"PART_{name}.json"


def holds_part(folder: Path, name: Name) -> bool:
    """Say whether a folder holds this part."""
    return (folder / part_file(name)).is_file()


def save_part(
    folder: Path,
    model: RiskModel | AcceptModel,
    provenance: Mapping[str, object],
    metrics: Mapping[str, object],
    beside: Mapping[str, bytes],
) -> str:
    """Write one predictor, all its files or none.

    Args:
        folder: Where; what else it holds stays.
        model: Churn or acceptance.
        provenance: What it was trained on; plain values.
        metrics: How good it is; plain values.
        beside: Further files to put there, not vouched for.

    Returns:
        The version of the part.

    Raises:
        InputError: the folder cannot be written to.
    """
    name: Name = "risk" if isinstance(model, RiskModel) else "accept"
    tie_break = {} if isinstance(model, RiskModel) else {"tie_break": model.tie_break}
    contents = {
        _TREES[name]: model.trees.to_bytes(),
        _curve_file(name): canonical(model.calibration.to_json() | tie_break),
    }
    manifest = canonical(
        {
            "schema": SCHEMA, "code": __version__, "model": name, "features": list(model.names),
            "files": {n: asdict(Entry(sha256(raw), len(raw))) for n, raw in contents.items()},
            "provenance": dict(provenance), "metrics": dict(metrics),
        }
    )  # fmt: skip
    write_folder(folder, {**beside, **contents, part_file(name): manifest})
    return sha256(manifest)[:16]


def join(risk: Path, accept: Path, folder: Path) -> str:
    """Make one folder of two parts, as a training of both would have written it, and take them out of it.

    Args:
        risk: Folder of the churn part.
        accept: Folder of the acceptance part; may be the same one.
        folder: Where to; may be the same one too.

    Returns:
        The version of the artefacts.

    Raises:
        ArtifactError: a part is missing or altered, or they were not trained alike.
        InputError: the folder cannot be written to.
    """
    churn, offers = _read(risk, "risk"), _read(accept, "accept")
    _require_alike(churn, offers)
    version = artifacts.save(
        folder, _risk_model(churn, risk), _accept_model(offers, accept),
        {"risk": churn.provenance, "accept": offers.provenance},
        {"risk": churn.metrics, "accept": offers.metrics},
    )  # fmt: skip
    for name in OTHER:
        # The manifest last: without it the rest is nothing.
        for file in (part_file(name), _curve_file(name)):
            remove(folder / file)
    return version


def _read(folder: Path, name: Name) -> Part:
    path = folder / part_file(name)
    raw = read_artefact(path, f"{MAKE}, or churn-saver train-risk --only {name}")
    try:
        found = object_of(json.loads(raw), _KEYS, str(path))
        if (found["schema"], found["model"]) != (SCHEMA, name):
            raise ArtifactError(f"it holds schema {found['schema']!r} of {found['model']!r}")
        files = object_of(found["files"], (_TREES[name], _curve_file(name)), "files")
        entries = {file: record_of(Entry, one, file) for file, one in files.items()}
        features, provenance = found["features"], found["provenance"]
        if not isinstance(features, list) or not isinstance(provenance, dict):
            raise ArtifactError("features or provenance are not what they should be")
    except (ValueError, RecursionError, ArtifactError) as error:
        raise ArtifactError(f"{path} is no part of trained models ({error}). {_AGAIN}") from error
    contents = {
        file: read_vouched(folder / file, entry.sha256, entry.size, MAKE, _AGAIN)
        for file, entry in entries.items()
    }
    code = str(found["code"])
    names = tuple(str(one) for one in features)
    return Part(contents, names, provenance, found["metrics"], code, sha256(raw)[:16])


def _require_alike(churn: Part, offers: Part) -> None:
    """Refuse parts of which one is stale."""
    pairs = {word: (churn.provenance.get(word), offers.provenance.get(word)) for word in ALIKE}
    pairs["code"] = (churn.code, offers.code)
    odd = [f"{word} {shown(str(a))} and {shown(str(b))}" for word, (a, b) in pairs.items() if a != b]
    if odd:
        raise ArtifactError(
            f"the parts risk and accept were not trained alike: {'; '.join(odd)}. Nobody vouches for both "
            f"together. Train both again: {MAKE}"
        )


def _risk_model(part: Part, folder: Path) -> RiskModel:
    try:
        require_known(part.features)
        trees = Trees.from_bytes(part.raw[CHURN], part.features, THREADS)
        return RiskModel(trees, from_json(_curve(part, "risk")))
    except (KeyError, TypeError, ValueError, ArtifactError, InputError) as error:
        raise ArtifactError(f"{folder}: {error}. {_AGAIN}") from error


def _accept_model(part: Part, folder: Path) -> AcceptModel:
    try:
        check_accept_names(part.features)
        require_known(part.features[2:])
        trees = Trees.from_bytes(part.raw[ACCEPT], part.features, THREADS)
        curve = _curve(part, "accept")
        return AcceptModel(trees, from_json(curve), float(str(curve["tie_break"])))
    except (KeyError, TypeError, ValueError, ArtifactError, InputError) as error:
        raise ArtifactError(f"{folder}: {error}. {_AGAIN}") from error


def _curve(part: Part, name: Name) -> dict[str, object]:
    found = json.loads(part.raw[_curve_file(name)])
    if not isinstance(found, dict):
        raise TypeError(f"{_curve_file(name)} holds {type(found).__name__}, wanted an object")
    return found


def _curve_file(name: Name) -> str:
    return f"calibrator_{name}.json"

"""Trained message models on disk: a folder each, whole or not at all, vouched for by its manifest.

A folder holds what was trained on top of a base model, never the base itself: the adapters of each
stage in order, for a reward model its head, and `manifest.json` with the base's name and version, the
settings, the data in words, the seed and a hash of every file. A model of the text policy carries the
adapters that it started from, so it opens although those were trained anew since. Knows arrays by
name and nothing of torch.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import write_folder
from churn_saver.adapters.plain_files import read_plain
from churn_saver.adapters.tensors import Arrays, Format, pack, read_packed
from churn_saver.config import LoraSettings
from churn_saver.config.reading import validated
from churn_saver.domain.plain import object_of
from churn_saver.errors import ArtifactError, ConfigError, InputError, quoted

MANIFEST = "manifest.json"
SCHEMA = 1
"""Raised when a reader of the old folders could no longer read the new ones."""
SFT, RM, PPO = "sft", "rm", "ppo_text"
STAGES: Mapping[str, tuple[str, str]] = {
    SFT: ("sft_model", "make train-sft"),
    RM: ("rm_model", "make train-rm"),
    PPO: ("ppo_text_model", "make train-ppo-text"),
}
"""Folder of each stage, and what makes it."""
_HEAD = "head.safetensors"
_KEYS = ("schema", "stage", "base", "layers", "head", "files", "provenance")
_BASE = ("name", "version", "licence")
_VERSION_DIGITS = 16
OPT_LICENCE = "OPT licence: non-commercial research only, and so for all that is made from it"
NO_LICENCE = "none: made from nothing, for tests"
_OWN_LICENCES: Mapping[str, str] = {"smollm2-135m": "Apache-2.0", "tiny": NO_LICENCE}
_OPT = "facebook/opt-"
_OTHER_LICENCE = "not known here: read the page of the base model before you use what was made from it"


@dataclass(frozen=True, slots=True)
class Layer:
    """Adapters that one stage trained."""

    lora: LoraSettings
    arrays: Arrays
    """By name, as `message.language_model.adapters_of`."""


@dataclass(frozen=True, slots=True)
class TextModel:
    """A trained message model without its base."""

    stage: str
    base: str
    """Name of the base model, as it was asked for."""
    base_version: str
    layers: tuple[Layer, ...]
    """In the order in which they were trained; all but the last are folded into the weights."""
    provenance: Mapping[str, object]
    """Plain values: settings, seed, data in words, code, figures."""
    head: Arrays = field(default_factory=dict)
    """Of a reward model; empty otherwise."""
    version: str = ""
    """16 digits over the manifest and so over all; empty: not written yet."""


def model_folder(checkpoints: Path, stage: str) -> Path:
    """Say where the model of a stage lies."""
    return checkpoints / STAGES[stage][0]


def licence_of(base: str) -> str:
    """Say under which licence the weights of a base model stand, as far as it is known here.

    A name that only resembles a known one is of somebody else, and so are the terms.
    """
    if base.lower().startswith(_OPT):
        return OPT_LICENCE
    return _OWN_LICENCES.get(base, _OTHER_LICENCE)


def write_model(checkpoints: Path, model: TextModel) -> str:
    """Write a model over the last one of its stage; a writer that is killed leaves the last one.

    Returns:
        Its version.

    Raises:
        InputError: nothing to write, a provenance that is no plain values, or a place that cannot be
            written to.
    """
    if not model.layers:
        raise InputError(f"the model of stage {model.stage} has no adapters, wanted at least one layer")
    kind = _format(model.stage)
    contents = {
        _layer_file(place): pack(layer.arrays, {}, kind) for place, layer in enumerate(model.layers)
    } | ({_HEAD: pack(model.head, {}, kind)} if model.head else {})
    manifest = {
        "schema": SCHEMA,
        "stage": model.stage,
        "base": {"name": model.base, "version": model.base_version, "licence": licence_of(model.base)},
        "layers": [layer.lora.model_dump(mode="json") for layer in model.layers],
        "head": bool(model.head),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
        "provenance": dict(model.provenance),
    }
    try:
        raw = canonical(manifest)
    except (TypeError, ValueError) as error:
        raise InputError(f"the provenance of the {model.stage} model is no plain values ({error})") from error
    write_folder(model_folder(checkpoints, model.stage), contents | {MANIFEST: raw}, keep_others=False)
    return hashlib.sha256(raw).hexdigest()[:_VERSION_DIGITS]


def read_model(checkpoints: Path, stage: str) -> TextModel:
    """Read the model of a stage, each file compared with the manifest before it is parsed.

    Raises:
        ArtifactError: absent, altered, damaged, of another version or another stage; says what makes it.
    """
    folder, kind = model_folder(checkpoints, stage), _format(stage)
    path = folder / MANIFEST
    try:
        raw = read_plain(path, kind.next_step)
    except InputError as error:
        raise ArtifactError(str(error)) from error
    try:
        found = _manifest(raw, stage)
        hashes = object_of(found["files"], _names(found), "files")
        lora = [validated(LoraSettings, _object(one, "a layer"), "layers") for one in _list(found["layers"])]
        base = object_of(found["base"], _BASE, "base")
        provenance = _object(found["provenance"], "provenance")
    except (ArtifactError, ConfigError) as error:
        raise ArtifactError(f"{path}: {error}. Next step: {kind.next_step}") from error
    arrays = {name: read_packed(folder / name, kind, str(sha256)).arrays for name, sha256 in hashes.items()}
    layers = tuple(Layer(one, arrays[_layer_file(place)]) for place, one in enumerate(lora))
    version = hashlib.sha256(raw).hexdigest()[:_VERSION_DIGITS]
    name, base_version = str(base["name"]), str(base["version"])
    return TextModel(stage, name, base_version, layers, provenance, arrays.get(_HEAD, {}), version)


def is_there(checkpoints: Path, stage: str) -> bool:
    """Say whether a stage has been finished, whatever its model is worth."""
    return (model_folder(checkpoints, stage) / MANIFEST).is_file()


def _manifest(raw: bytes, stage: str) -> dict[str, object]:
    """Parse a manifest and compare what says of which kind it is."""
    try:
        parsed = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"it is not JSON ({error})") from error
    found = object_of(parsed, _KEYS, "the manifest")
    for name, wanted in (("schema", SCHEMA), ("stage", stage)):
        if found[name] != wanted:
            raise ArtifactError(f"{name} is {quoted(str(found[name]))}, wanted {wanted}")
    return found


def _names(found: Mapping[str, object]) -> list[str]:
    """Name the files that a manifest must vouch for; none of them comes from the manifest itself."""
    layers = _list(found["layers"])
    if not layers:
        raise ArtifactError("layers is empty, wanted at least 1")
    return [
        *(_layer_file(place) for place in range(len(layers))),
        *([_HEAD] if found["head"] is True else []),
    ]


def _layer_file(place: int) -> str:
    return f"adapters_{place}.safetensors"


def _format(stage: str) -> Format:
    return Format(f"churn_saver/{STAGES[stage][0]}", 1, STAGES[stage][1])


def _object(raw: object, origin: str) -> dict[str, object]:
    if not isinstance(raw, dict):
        raise ArtifactError(f"{origin} is {quoted(str(raw))}, wanted an object")
    return raw


def _list(raw: object) -> list[object]:
    if not isinstance(raw, list):
        raise ArtifactError(f"layers is {quoted(str(raw))}, wanted a list")
    return raw

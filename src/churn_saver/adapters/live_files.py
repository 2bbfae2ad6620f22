"""The folder of an exported model: one GGUF file, and a manifest whose hash is compared before it is parsed.

Knows no runtime; `train.gguf_export` writes it.
"""

import hashlib
import json
from pathlib import Path

from churn_saver.adapters.plain_files import read_plain, require_plain
from churn_saver.domain.plain import object_of
from churn_saver.errors import ArtifactError, InputError

MODEL, MANIFEST = "model.gguf", "manifest.json"
SCHEMA = 1
NEXT_STEP = "Next step: churn-saver live-model"
_KEYS = ("schema", "model", "precision", "asking", "files")


def verified(folder: Path) -> str:
    """Compare the exported model with its manifest, and give what stands between a prompt and its response.

    Raises:
        ArtifactError: absent, cut, altered, or of another schema; says what makes it.
    """
    path = folder / MANIFEST
    try:
        found = object_of(json.loads(read_plain(path, NEXT_STEP)), _KEYS, "the manifest")
        if found["schema"] != SCHEMA:
            raise ArtifactError(f"schema is {found['schema']!r}, wanted {SCHEMA}")
        files = object_of(found["files"], (MODEL,), "files")
        entry = object_of(files[MODEL], ("sha256", "size"), MODEL)
    except InputError as error:
        raise ArtifactError(str(error)) from error
    except (ArtifactError, ValueError, RecursionError) as error:
        raise ArtifactError(f"{path}: {error}. {NEXT_STEP}") from error
    try:
        require_plain(folder / MODEL, NEXT_STEP)
        with (folder / MODEL).open("rb") as file:
            sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
    except InputError as error:
        raise ArtifactError(str(error)) from error
    except OSError as error:
        raise ArtifactError(f"{folder / MODEL} cannot be read ({error.strerror}). {NEXT_STEP}") from error
    if sha256 != entry["sha256"]:
        raise ArtifactError(
            f"{folder / MODEL} has {size} bytes and SHA-256 {sha256}, its manifest says "
            f"{entry['size']} and {entry['sha256']}: it was cut or altered. {NEXT_STEP}"
        )
    return str(found["asking"])

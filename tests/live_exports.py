"""A folder as an export for the live runtime leaves it, with a model that is none."""

import hashlib
from pathlib import Path

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.live_files import MANIFEST, MODEL


def exported(folder: Path, content: bytes = b"GGUF weights", **changed: object) -> Path:
    """Write a folder as an export does, with what is changed in its manifest."""
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    manifest = {
        "schema": 1, "model": {"name": "tiny", "version": "0"}, "precision": "F32", "asking": "\nReply: ",
        "files": {MODEL: entry},
    }  # fmt: skip
    folder.mkdir()
    (folder / MODEL).write_bytes(content)
    (folder / MANIFEST).write_bytes(canonical(manifest | changed))
    return folder

"""The shipped classifier: the same scores as the package it comes from, and no altered byte is parsed."""

import hashlib
import json
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest

from churn_saver.adapters.plain_files import MOST_BYTES
from churn_saver.adapters.toxicity import MANIFEST, WEIGHTS, read_toxicity
from churn_saver.errors import ArtifactError
from churn_saver.opening import defaults_folder
from tests.planted.reading import FOLDER, toxicity

SHIPPED = defaults_folder() / "toxicity"


def test_scores_are_the_package_s_own() -> None:
    """On 400 sentences, scored by alt-profanity-check itself when the numbers were exported."""
    wanted = json.loads((FOLDER / "toxicity_scores.json").read_text())
    judge = read_toxicity(SHIPPED)

    assert [judge.probability(one.text) for one in toxicity()] == pytest.approx(wanted, abs=1e-6)


def test_the_licence_is_beside_it() -> None:
    """The numbers are somebody else's work under MIT: its notice ships with them."""
    manifest = json.loads((SHIPPED / MANIFEST).read_text())

    assert "alt-profanity-check" in manifest["source"]
    assert "Permission is hereby granted, free of charge" in (SHIPPED / "LICENSE.txt").read_text()


def copied(folder: Path, raw: bytes, sha256: str) -> Path:
    """Write weights and a manifest that promises a hash."""
    (folder / WEIGHTS).write_bytes(raw)
    (folder / MANIFEST).write_text(json.dumps({"files": {WEIGHTS: {"sha256": sha256, "size": len(raw)}}}))
    return folder


def test_an_altered_file_is_refused_unparsed(tmp_path: Path) -> None:
    """One byte more, and the hash is another."""
    raw = (SHIPPED / WEIGHTS).read_bytes()
    folder = copied(tmp_path, raw + b"!", hashlib.sha256(raw).hexdigest())

    with pytest.raises(ArtifactError, match=r"weights\.npz has SHA-256 .* it was altered\. Install"):
        read_toxicity(folder)


def test_objects_are_never_opened(tmp_path: Path) -> None:
    """An array of objects would be a pickle, which can run code: refused though its hash is right."""
    np.savez(tmp_path / WEIGHTS, words=np.array([{"a": 1}], dtype=object))
    raw = (tmp_path / WEIGHTS).read_bytes()

    with pytest.raises(ArtifactError, match=r"weights\.npz: Object arrays cannot be loaded"):
        read_toxicity(copied(tmp_path, raw, hashlib.sha256(raw).hexdigest()))


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    """Even where the manifest vouches for it."""
    with pytest.raises(ArtifactError, match=r"weights\.npz: "):
        read_toxicity(copied(tmp_path, b"no archive", hashlib.sha256(b"no archive").hexdigest()))


@pytest.mark.parametrize("manifest", ["{", "[]", '{"files": {}}'])
def test_a_manifest_must_promise_a_hash(tmp_path: Path, manifest: str) -> None:
    """A folder that vouches for nothing is not read."""
    (tmp_path / MANIFEST).write_text(manifest)

    with pytest.raises(ArtifactError, match=r"is no manifest of the classifier"):
        read_toxicity(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """With the next step."""
    with pytest.raises(ArtifactError, match=r"manifest\.json cannot be read .*Install the package again"):
        read_toxicity(tmp_path / "none")


def test_what_unpacks_to_too_much_is_refused_unpacked(tmp_path: Path) -> None:
    """A few hundred kilobytes of zeros, though the manifest vouches for them."""
    bomb = BytesIO()
    with ZipFile(bomb, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("words.npy", bytes(MOST_BYTES + 1))
    raw = bomb.getvalue()

    assert len(raw) < MOST_BYTES // 100
    with pytest.raises(ArtifactError, match=r"unpacks to 268,435,457 bytes, most allowed 268,435,456"):
        read_toxicity(copied(tmp_path, raw, hashlib.sha256(raw).hexdigest()))

"""What a prepared data set says of itself."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from churn_saver.adapters.manifests import FileEntry, Manifest, SourceEntry, read_manifest, read_verified
from churn_saver.errors import ArtifactError

MANIFEST = Manifest(
    dataset="ibm_telco",
    code="1",
    seed=42,
    settings={"shares": {"train": 0.8}},
    sets={"ibm_telco": "full"},
    sources=(SourceEntry("ibm_telco/a.csv", "0" * 64, 12, "Apache-2.0"),),
    files={"train.parquet": FileEntry("1" * 64, 34, 5, {"customer_id": "String"})},
    left_out={"no bill": 11},
    profile={"rows": 5},
)


def changed(**changes: Any) -> bytes:
    """Give the manifest with other values at its top level."""
    return json.dumps(json.loads(MANIFEST.to_bytes()) | changes).encode()


def test_a_manifest_reads_back_as_it_was_written() -> None:
    """Field by field, and the same bytes again."""
    found = read_manifest(MANIFEST.to_bytes(), "m")

    assert found == MANIFEST
    assert found.to_bytes() == MANIFEST.to_bytes()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"{", r"m is not JSON"),
        (b"[1]", r"m holds list, wanted an object"),
        (changed(schema=2), r"m has schema 2, wanted 1"),
        (
            changed(files={"train.parquet": {}}),
            r"m is no manifest of prepared data \(KeyError\('columns'\)\)",
        ),
        (changed(sources=[1]), r"m is no manifest of prepared data"),
        (changed(seed="many"), r"m is no manifest of prepared data"),
        (changed(files=[]), r"m is no manifest of prepared data"),
        (changed(files={}), r"m names no file, wanted at least 1"),
        (changed(seed=float("inf")), r"m is no manifest of prepared data \(OverflowError"),
    ],
)
def test_what_this_code_never_wrote_is_refused(raw: bytes, reason: str) -> None:
    """The message says what was found and what makes a good one."""
    with pytest.raises(ArtifactError, match=reason):
        read_manifest(raw, "m")


@pytest.mark.parametrize("name", ["../train.parquet", "/etc/passwd", "a\\b", "..", "", "manifest.json"])
def test_a_file_outside_the_folder_is_refused(name: str) -> None:
    """Whoever reads the manifest joins its names with a folder."""
    entry = json.loads(MANIFEST.to_bytes())["files"]["train.parquet"]

    with pytest.raises(ArtifactError, match=r"wanted a plain name"):
        read_manifest(changed(files={name: entry}), "m")


def test_a_verified_folder_gives_the_bytes_that_the_manifest_vouches_for(tmp_path: Path) -> None:
    """The file is read once: what was hashed is what is given."""
    content = b"abc"
    entry = FileEntry(hashlib.sha256(content).hexdigest(), 3, 1, {})
    (tmp_path / "train.parquet").write_bytes(content)
    (tmp_path / "manifest.json").write_bytes(replace(MANIFEST, files={"train.parquet": entry}).to_bytes())

    manifest, contents = read_verified(tmp_path, "make it")

    assert (manifest.files["train.parquet"], contents) == (entry, {"train.parquet": content})


def test_a_file_that_differs_from_its_manifest_is_refused(tmp_path: Path) -> None:
    """Both hashes are told."""
    (tmp_path / "train.parquet").write_bytes(b"abd")
    (tmp_path / "manifest.json").write_bytes(MANIFEST.to_bytes())

    with pytest.raises(ArtifactError, match=r"SHA-256 a52d159f.*the manifest says 1111.*make it"):
        read_verified(tmp_path, "make it")

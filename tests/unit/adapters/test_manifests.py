"""What a prepared data set says of itself."""

import json
from typing import Any

import pytest

from churn_saver.adapters.manifests import FileEntry, Manifest, SourceEntry, read_manifest
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
        (changed(files={"train.parquet": {}}), r"m is no manifest of prepared data \(KeyError\('columns'\)\)"),
        (changed(sources=[1]), r"m is no manifest of prepared data"),
        (changed(seed="many"), r"m is no manifest of prepared data"),
        (changed(files=[]), r"m is no manifest of prepared data"),
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

"""Data sets on disk: splits, manifest and report, all or nothing."""

import csv
import hashlib
import io
import json
from pathlib import Path

import polars as pl
import pytest

from churn_saver.data.quality.profile import profile
from churn_saver.errors import ArtifactError, InputError, TableError
from churn_saver.pipeline.run import Outcome
from churn_saver.pipeline.writing import last_profile
from tests.public_data import (
    HH,
    OASST,
    SHP,
    SMALL,
    TELCO,
    bytes_below,
    contents,
    jsonl,
    oasst_lines,
    prepared,
    read_rows,
)


def made(folder: Path, name: str) -> tuple[Path, Outcome]:
    """Prepare a data set; give its folder too."""
    outcome = prepared(name, folder, contents())
    return folder / "data" / "processed" / name, outcome


@pytest.mark.parametrize("name", ["ibm_telco", "oasst1", "preferences"])
def test_the_manifest_vouches_for_every_byte(tmp_path: Path, name: str) -> None:
    """Size, SHA-256, rows and columns of each split, and the sources with their own."""
    place, outcome = made(tmp_path, name)

    manifest = json.loads((place / "manifest.json").read_bytes())
    form = "parquet" if name == "ibm_telco" else "jsonl"
    assert set(manifest["files"]) == {f"{split}.{form}" for split in ("train", "valid", "test")}
    for file, entry in manifest["files"].items():
        raw = (place / file).read_bytes()
        rows = pl.read_parquet(place / file).rows() if form == "parquet" else read_rows(place / file)
        assert (entry["size"], entry["sha256"]) == (len(raw), hashlib.sha256(raw).hexdigest())
        assert entry["rows"] == len(rows) == outcome.rows[file.split(".")[0]]
    for source in manifest["sources"]:
        raw = (tmp_path / "mirror" / source["file"]).read_bytes()
        assert (source["size"], source["sha256"]) == (len(raw), hashlib.sha256(raw).hexdigest())
        assert source["licence"] == "CC0"
    assert manifest["dataset"] == name
    assert manifest["seed"] == 42
    assert manifest["settings"]["shares"] == SMALL["shares"]


def test_columns_of_the_manifest_are_those_of_the_files(tmp_path: Path) -> None:
    """Names in order, with their types."""
    place, _ = made(tmp_path, "ibm_telco")

    columns = json.loads((place / "manifest.json").read_bytes())["files"]["test.parquet"]["columns"]
    schema = pl.read_parquet_schema(place / "test.parquet")
    assert columns == {name: str(kind) for name, kind in schema.items()}
    assert columns["customer_id"] == "String"
    assert columns["churned"] == "Int8"


def test_the_manifest_says_what_was_taken(tmp_path: Path) -> None:
    """Files of both sources in order, the sets, and the settings that bear on it."""
    place, _ = made(tmp_path, "preferences")

    manifest = json.loads((place / "manifest.json").read_bytes())
    assert manifest["sets"] == {"hh_rlhf": "full", "shp2": "full"}
    assert [source["file"] for source in manifest["sources"]] == [HH, SHP]
    assert manifest["left_out"] == {"shp2: score ratio too low": 8}
    assert manifest["settings"]["mix"] == {"hh_rlhf": 0.5, "shp2": 0.5}


def test_the_profile_is_of_all_rows_and_is_read_back(tmp_path: Path) -> None:
    """What the next run is compared with; there is none before the first."""
    assert last_profile(tmp_path / "data" / "processed" / "ibm_telco") is None

    place, _ = made(tmp_path, "ibm_telco")

    whole = pl.concat(pl.read_parquet(place / f"{split}.parquet") for split in ("train", "valid", "test"))
    assert last_profile(place) == profile(whole)
    assert whole.height == 38


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        (b"{", r"(?s)manifest\.json is not JSON.*data prepare ibm_telco --accept-drift"),
        (b"[]", r"manifest\.json holds list"),
        (b'{"schema": 99}', r"manifest\.json has schema 99"),
        (b'{"schema": 1}', r"manifest\.json is no manifest"),
    ],
)
def test_a_damaged_manifest_is_named_and_nothing_is_touched(
    tmp_path: Path, damaged: bytes, message: str
) -> None:
    """The last run cannot be compared with, and what stands there is left as it is."""
    place, _ = made(tmp_path, "ibm_telco")
    (place / "manifest.json").write_bytes(damaged)
    before = bytes_below(place)

    with pytest.raises(ArtifactError, match=message):
        made(tmp_path, "ibm_telco")

    assert bytes_below(place) == before


def test_a_damaged_profile_is_named(tmp_path: Path) -> None:
    """As a fault of ours, without a traceback."""
    place, _ = made(tmp_path, "ibm_telco")
    manifest = json.loads((place / "manifest.json").read_bytes())
    (place / "manifest.json").write_text(json.dumps(manifest | {"profile": {"rows": "many"}}))

    with pytest.raises(ArtifactError, match=r"(?s)profile of the last run cannot be read.*--accept-drift"):
        made(tmp_path, "ibm_telco")


def test_accepting_drift_writes_over_a_damaged_manifest(tmp_path: Path) -> None:
    """Who does not compare needs nothing to compare with."""
    place, _ = made(tmp_path, "ibm_telco")
    before = bytes_below(place)
    (place / "manifest.json").write_bytes(b"{")

    prepared("ibm_telco", tmp_path, contents(), accept_drift=True)

    assert bytes_below(place) == before


def test_nothing_of_the_last_run_is_left(tmp_path: Path) -> None:
    """Files that this run did not write are gone, rejects among them."""
    place, _ = made(tmp_path, "oasst1")
    for stale in ("rejects.csv", "old.jsonl"):
        (place / stale).write_text("stale")

    made(tmp_path, "oasst1")

    assert sorted(bytes_below(place)) == [
        "manifest.json", "report.html", "report.json", "test.jsonl", "train.jsonl", "valid.jsonl",
    ]  # fmt: skip
    assert [path.name for path in place.parent.iterdir()] == ["oasst1"]


def test_the_report_has_every_check_and_the_page_too(tmp_path: Path) -> None:
    """What was found and wanted, and the figures of the manifest."""
    place, outcome = made(tmp_path, "oasst1")

    report = json.loads((place / "report.json").read_bytes())
    assert outcome.report == place / "report.html"
    page = outcome.report.read_text()
    for check in outcome.checks:
        assert check.name in json.dumps(report)
        assert check.name in page
    assert "Title of oasst1" in page
    assert "a better reply was taken" in page


def test_texts_come_back_from_the_files_as_they_were(tmp_path: Path) -> None:
    """Quotes, line ends, other scripts and what JSON escapes."""
    words = 'He said: "ä 漢字 😀\\n \u2028 </script>\tok"'
    lines = [line.replace("Mend it with", json.dumps(words)[1:-1]) for line in oasst_lines()]

    prepared("oasst1", tmp_path, {OASST: jsonl(lines)})

    place = tmp_path / "data" / "processed" / "oasst1"
    rows = [row for split in ("train", "valid", "test") for row in read_rows(place / f"{split}.jsonl")]
    tools = [row["response"] for row in rows if " tool " in row["response"]]
    assert len(tools) == 60
    assert all('"ä 漢字 😀\\n' in said and "</script>" in said for said in tools)
    assert "</script>\tok" not in (place / "report.html").read_text()


def test_rejects_are_a_table_that_any_reader_opens(tmp_path: Path) -> None:
    """Each row as it came, with file, line and fault; quotes and line ends survive."""
    lines = oasst_lines()
    lines[4] = '{"message_tree_id": "x, \\"quoted\\"", '

    with pytest.raises(TableError, match=r"oasst/trees\.jsonl:5"):
        prepared("oasst1", tmp_path, {OASST: jsonl(lines)})

    raw = (tmp_path / "data" / "processed" / "oasst1-refused" / "rejects.csv").read_text()
    (row,) = csv.DictReader(io.StringIO(raw))
    assert (row["file"], row["line"], row["text"]) == (OASST, "5", lines[4])
    assert row["fault"]


def test_rejects_go_beside_the_data_when_they_are_skipped(tmp_path: Path) -> None:
    """The manifest does not vouch for them."""
    text = contents()[TELCO].replace(b"T020,Male,0", b"T020,Male,9")

    prepared(
        "ibm_telco", tmp_path, {TELCO: text}, {**SMALL, "quality.ibm_telco.rows": 37}, skip_bad_rows=True
    )

    place = tmp_path / "data" / "processed" / "ibm_telco"
    (row,) = csv.DictReader(io.StringIO((place / "rejects.csv").read_text()))
    assert (row["file"], row["line"], row["customerID"], row["SeniorCitizen"]) == (TELCO, "22", "T020", "9")
    assert "rejects.csv" not in json.loads((place / "manifest.json").read_bytes())["files"]


def test_a_place_that_nobody_may_look_into_is_named(tmp_path: Path) -> None:
    """A name that is too long stands for it: root may look anywhere."""
    with pytest.raises(InputError, match=r"manifest\.json cannot be looked at \(File name too long\)"):
        last_profile(tmp_path / ("x" * 300))

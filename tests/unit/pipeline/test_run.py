"""One data set from download to folder."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from churn_saver.adapters.download.fetching import How
from churn_saver.errors import InputError, QualityError, SourceAbsent, TableError
from churn_saver.pipeline.run import SOURCES, prepare
from tests.public_data import (
    BANK,
    HH,
    OASST,
    OASST_SAMPLE,
    SHP,
    SMALL,
    TELCO,
    bytes_below,
    contents,
    jsonl,
    oasst_lines,
    prepared,
    settings,
    shp_lines,
    telco_csv,
)

SPOILT = telco_csv().replace("T020,Male,0", "T020,Male,9").replace("T031,Female,1", "T031,Female,old")
"""Lines 22 and 33 cannot be used."""


def processed(folder: Path) -> Path:
    """Give the folder of what was written."""
    return folder / "data" / "processed"


def forget_raw(folder: Path) -> None:
    """Take the raw files away, as if they were to be downloaded anew."""
    shutil.rmtree(folder / "data" / "raw")


@pytest.mark.parametrize("name", ["ibm_telco", "oasst1", "preferences"])
def test_rows_add_up(tmp_path: Path, name: str) -> None:
    """What came in is in a split, left out, or bad."""
    outcome = prepared(name, tmp_path, contents())

    # 40 customers; 60 trees of 3 messages, 30 of them with 2 more, a pair being two; 80 and 80 lines.
    came_in = {"ibm_telco": 40, "oasst1": 60 * 3 + 30 * 2, "preferences": 160}[name]
    weight = 2 if name == "oasst1" else 1
    assert weight * sum(outcome.rows.values()) + outcome.left_out + outcome.bad_rows == came_in
    assert list(outcome.rows) == ["train", "valid", "test"]
    assert not [check for check in outcome.checks if check.failed]


def test_raw_files_are_the_mirror_s_to_the_byte(tmp_path: Path) -> None:
    """Downloaded once; the second run needs no mirror."""
    prepared("oasst1", tmp_path, contents())
    before = bytes_below(processed(tmp_path))

    assert (tmp_path / "data" / "raw" / OASST).read_bytes() == contents()[OASST]
    shutil.rmtree(tmp_path / "mirror")
    prepare("oasst1", settings(SMALL), tmp_path / "data", How(offline=True), lambda *_: None)
    after = bytes_below(processed(tmp_path))
    assert {name: raw for name, raw in after.items() if "report" not in name} == {
        name: raw for name, raw in before.items() if "report" not in name
    }


def test_progress_is_told_from_download_to_check(tmp_path: Path) -> None:
    """Each kind of work comes to its end."""
    heard: dict[str, tuple[int, int]] = {}
    (tmp_path / "oasst").mkdir()
    (tmp_path / OASST).write_bytes(jsonl(oasst_lines()))

    def report(what: str, done: int, total: int) -> None:
        heard[what] = (done, total)

    prepare("oasst1", settings(SMALL), tmp_path / "data", How(mirror=str(tmp_path)), report)

    size = len(jsonl(oasst_lines()))
    assert heard == {
        f"download {OASST}": (size, size), "prepare oasst1": (1, 1), "check oasst1": (1, 1),
    }  # fmt: skip


def test_bad_rows_stop_the_run(tmp_path: Path) -> None:
    """Each is named by file and line, listed in a file, and what stood there stays."""
    prepared("ibm_telco", tmp_path, contents())
    before = bytes_below(processed(tmp_path) / "ibm_telco")
    forget_raw(tmp_path)

    with pytest.raises(TableError, match=rf"(?s){TELCO}:22: .*{TELCO}:33: .*--skip-bad-rows") as raised:
        prepared("ibm_telco", tmp_path, {TELCO: SPOILT.encode()})

    rejects = processed(tmp_path) / "ibm_telco-refused" / "rejects.csv"
    assert str(rejects) in str(raised.value)
    assert pl.read_csv(rejects)["line"].to_list() == [22, 33]
    assert bytes_below(processed(tmp_path) / "ibm_telco") == before


def test_bad_rows_of_a_first_run_leave_no_data(tmp_path: Path) -> None:
    """There is a report of it, and no split."""
    with pytest.raises(TableError, match=rf"{OASST}:61: "):
        prepared("oasst1", tmp_path, {OASST: jsonl([*oasst_lines(), "{"])})

    assert sorted(bytes_below(processed(tmp_path))) == [
        f"oasst1-refused/{name}" for name in ("rejects.csv", "report.html", "report.json")
    ]


def test_bad_rows_are_skipped_when_asked(tmp_path: Path) -> None:
    """36 of 38 go on, and the two are counted, listed and told on the page."""
    changes = {**SMALL, "quality.ibm_telco.rows": 36}

    outcome = prepared("ibm_telco", tmp_path, {TELCO: SPOILT.encode()}, changes, skip_bad_rows=True)

    place = processed(tmp_path) / "ibm_telco"
    assert (sum(outcome.rows.values()), outcome.left_out, outcome.bad_rows) == (36, 2, 2)
    assert pl.read_csv(place / "rejects.csv")["line"].to_list() == [22, 33]
    page = (place / "report.html").read_text()
    assert "What cannot be used" in page
    assert "SeniorCitizen" in page


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"quality.oasst1.longest_text": 20}, "No text is longer than wanted"),
        ({"shares": {"train": 0.998, "valid": 0.001, "test": 0.001}}, "Every split has rows"),
    ],
)
def test_a_failed_check_writes_a_report_and_no_data(
    tmp_path: Path, changes: Mapping[str, object], check: str
) -> None:
    """The error has name, found and wanted, the report says so, and what stood there stays."""
    prepared("oasst1", tmp_path, contents())
    before = bytes_below(processed(tmp_path))

    with pytest.raises(QualityError, match=rf"{check}: found .*, wanted ") as raised:
        prepared("oasst1", tmp_path, contents(), {**SMALL, **changes})

    after = bytes_below(processed(tmp_path))
    refused = {name: raw for name, raw in after.items() if name.startswith("oasst1-refused/")}
    assert sorted(refused) == ["oasst1-refused/report.html", "oasst1-refused/report.json"]
    assert check in refused["oasst1-refused/report.html"].decode()
    assert f"Report: {processed(tmp_path) / 'oasst1-refused' / 'report.html'}." in str(raised.value)
    assert {name: raw for name, raw in after.items() if name not in refused} == before


def test_found_and_wanted_are_numbers_of_the_data(tmp_path: Path) -> None:
    """38 billed customers where 39 were documented, and too few of them gone; both are told at once."""
    changes = {**SMALL, "quality.ibm_telco.rows": 39, "quality.ibm_telco.label_share": [0.9, 1]}

    with pytest.raises(QualityError, match="As many rows as documented: found 38, wanted 39") as raised:
        prepared("ibm_telco", tmp_path, contents(), changes)

    assert "Share of churned as expected: found train" in str(raised.value)
    assert not (processed(tmp_path) / "ibm_telco").exists()


def test_another_bank_table_than_the_known_one_is_refused(tmp_path: Path) -> None:
    """Whichever zip it came in, the table itself is known to the byte."""
    with pytest.raises(QualityError, match=r"(?s)SHA-256 of bank-additional.*wanted 74adfc578bf77a7f"):
        prepared("uci_bank", tmp_path, contents())

    assert list(processed(tmp_path).iterdir()) == [processed(tmp_path) / "uci_bank-refused"]


def test_drift_stops_the_run_until_it_is_accepted(tmp_path: Path) -> None:
    """Every price doubled: another table, unless it is meant; then it is the new measure."""
    prepared("ibm_telco", tmp_path, contents())
    before = bytes_below(processed(tmp_path) / "ibm_telco")
    doubled = {TELCO: telco_csv(factor=2).encode()}
    forget_raw(tmp_path)

    with pytest.raises(QualityError, match=r"(?s)Values are spread as in the last run.*monthly_spend"):
        prepared("ibm_telco", tmp_path, doubled)

    assert bytes_below(processed(tmp_path) / "ibm_telco") == before
    assert sum(prepared("ibm_telco", tmp_path, doubled, accept_drift=True).rows.values()) == 38
    assert not [c for c in prepared("ibm_telco", tmp_path, doubled).checks if c.failed]


def test_the_same_data_again_has_not_drifted(tmp_path: Path) -> None:
    """The comparison is made, and passes."""
    first = prepared("oasst1", tmp_path, contents())
    second = prepared("oasst1", tmp_path, contents())

    name = "Values are spread as in the last run"
    assert name not in [check.name for check in first.checks]
    assert [check.passed for check in second.checks if check.name == name] == [True]


def test_an_absent_source_of_two_is_a_note(tmp_path: Path) -> None:
    """Preferences are made of HH-RLHF alone, and say so wherever they speak of themselves."""
    files = {HH: contents()[HH]}

    outcome = prepared("preferences", tmp_path, files)

    place = processed(tmp_path) / "preferences"
    assert outcome.sets == {"hh_rlhf": "full", "shp2": None}
    assert [note for note in outcome.notes if "shp2" in note]
    assert json.loads((place / "manifest.json").read_bytes())["sets"] == {"hh_rlhf": "full", "shp2": None}
    assert "shp2" in (place / "report.html").read_text()
    assert sum(outcome.rows.values()) == 80


def test_both_sources_leave_no_note(tmp_path: Path) -> None:
    """Nothing is absent, and the full sets were taken."""
    outcome = prepared("preferences", tmp_path, contents())

    assert outcome.sets == {"hh_rlhf": "full", "shp2": "full"}
    assert outcome.notes == ()


@pytest.mark.parametrize("name", SOURCES)
def test_a_data_set_without_any_source_is_an_error(tmp_path: Path, name: str) -> None:
    """It names the files that were looked for, and nothing is made."""
    with pytest.raises(SourceAbsent, match=r"no set of files is whole in .*mirror"):
        prepared(name, tmp_path, {})

    assert not processed(tmp_path).exists()


def test_a_sample_is_taken_where_the_full_set_is_absent(tmp_path: Path) -> None:
    """A note says so."""
    outcome = prepared("oasst1", tmp_path, {OASST_SAMPLE: jsonl(oasst_lines())})

    assert outcome.sets == {"oasst1": "sample"}
    assert [note for note in outcome.notes if "'sample'" in note and "'full'" in note]


def test_a_fault_is_no_absence(tmp_path: Path) -> None:
    """SHP-2 that cannot be used stops preferences; it is not passed over as absent."""
    broken = jsonl([*shp_lines(), '{"post_id": 1}'])

    with pytest.raises(TableError, match=rf"{SHP}:81: "):
        prepared("preferences", tmp_path, {HH: contents()[HH], SHP: broken})


def test_a_raw_file_that_was_edited_is_refused(tmp_path: Path) -> None:
    """The hash first seen holds."""
    prepared("oasst1", tmp_path, contents())
    with (tmp_path / "data" / "raw" / OASST).open("a") as file:
        file.write("\n")

    with pytest.raises(InputError, match=r"a raw file is never edited"):
        prepared("oasst1", tmp_path, contents())


def test_a_mirror_that_changed_is_not_asked_again(tmp_path: Path) -> None:
    """What was downloaded once is used."""
    first = prepared("oasst1", tmp_path, contents())
    second = prepared("oasst1", tmp_path, {OASST: jsonl(oasst_lines(50))})

    assert first.rows == second.rows


def test_bank_zip_that_is_damaged_is_named(tmp_path: Path) -> None:
    """Before anything is written."""
    with pytest.raises(InputError, match=BANK):
        prepared("uci_bank", tmp_path, {BANK: contents()[BANK][:300]})

    assert not processed(tmp_path).exists()

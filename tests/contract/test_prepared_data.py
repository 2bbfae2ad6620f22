"""Prepared data: the same input gives the same bytes anywhere, every row is accounted for, nothing leaks."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from tests import public_data

ROOT = Path(__file__).parents[2]
SMALL = """
import hashlib
import sys
from pathlib import Path

from tests import public_data
from tests.unit.pipeline.test_tables import bank

folder = Path(sys.argv[1])
for name in ("ibm_telco", "oasst1", "preferences"):
    public_data.prepared(name, folder, public_data.contents())
whole = bank(folder, public_data.bank_zip(300)).whole
print(hashlib.sha256(whole.write_csv().encode()).hexdigest())
"""
REAL = "from churn_saver.cli import main; main()"
NAMES = ("ibm_telco", "uci_bank", "oasst1", "preferences")
HERE: Mapping[str, str] = {"PYTHONHASHSEED": "1", "POLARS_MAX_THREADS": "1"}
ELSEWHERE: Mapping[str, str] = {
    "PYTHONHASHSEED": "2",
    "POLARS_MAX_THREADS": "5",
    "TZ": "Asia/Tokyo",
    "LANG": "C",
}


def begun(
    script: str, folder: Path, variables: Mapping[str, str], *arguments: str
) -> "subprocess.Popen[str]":
    """Begin a process of its own, with hashes and threads of its own."""
    folder.mkdir(parents=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CONFIG_DIR": str(ROOT / "ops" / "configs")}
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**environment, **variables},
    )


def ended(process: "subprocess.Popen[str]") -> str:
    """Wait for a process that must succeed, and give what it printed."""
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out


def hashes(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of every file below a folder."""
    return {name: hashlib.sha256(raw).hexdigest() for name, raw in public_data.bytes_below(folder).items()}


def without_reports(files: Mapping[str, str]) -> dict[str, str]:
    """Take the reports away: they compare with the run before."""
    return {name: one for name, one in files.items() if Path(name).name not in ("report.html", "report.json")}


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[Path, str], tuple[Path, str]]:
    """Prepare small data in two processes, at paths of other length."""
    base = tmp_path_factory.mktemp("small")
    here, elsewhere = base / "a", base / "somewhere" / "quite else"
    first = begun(SMALL, here, HERE, str(here))
    second = begun(SMALL, elsewhere, ELSEWHERE, str(elsewhere))
    return (here, ended(first)), (elsewhere, ended(second))


def test_same_input_same_bytes(two_runs: tuple[tuple[Path, str], tuple[Path, str]]) -> None:
    """Splits, manifests and reports; in another process, place, time zone, with other hashes and threads."""
    (here, drawn), (elsewhere, drawn_elsewhere) = two_runs

    ours, theirs = hashes(here / "data" / "processed"), hashes(elsewhere / "data" / "processed")
    assert ours == theirs
    assert len(ours) == 3 * 6
    assert drawn == drawn_elsewhere


def test_no_path_of_a_machine_is_written(two_runs: tuple[tuple[Path, str], tuple[Path, str]]) -> None:
    """Nor does any file say where it was made."""
    (here, _), _ = two_runs

    for name, raw in public_data.bytes_below(here / "data" / "processed").items():
        assert str(here).encode() not in raw, name


def test_a_second_run_changes_the_report_alone(tmp_path: Path) -> None:
    """It compares with the last run; from then on it is the same too."""
    runs = []
    for _ in range(3):
        public_data.prepared("preferences", tmp_path, public_data.contents())
        runs.append(hashes(tmp_path / "data" / "processed"))

    assert without_reports(runs[0]) == without_reports(runs[1])
    assert runs[1] == runs[2]


@pytest.mark.parametrize("name", ["oasst1", "preferences"])
def test_order_of_lines_plays_no_part(tmp_path: Path, name: str) -> None:
    """Promised for texts: splits to the byte, and the manifest but for the hash of its sources."""
    turned = {
        public_data.OASST: public_data.jsonl(public_data.oasst_lines()[::-1]),
        public_data.HH: gzip.compress(public_data.jsonl(public_data.hh_lines()[::-1])),
        public_data.SHP: public_data.jsonl(public_data.shp_lines()[::-1]),
    }
    places = []
    for run, files in (("straight", public_data.contents()), ("turned", turned)):
        public_data.prepared(name, tmp_path / run, files)
        places.append(tmp_path / run / "data" / "processed" / name)

    for split in ("train", "valid", "test"):
        assert (places[0] / f"{split}.jsonl").read_bytes() == (places[1] / f"{split}.jsonl").read_bytes()
    ours, theirs = (json.loads((place / "manifest.json").read_bytes()) for place in places)
    assert ours.pop("sources") != theirs.pop("sources")
    assert ours == theirs


def test_order_of_customers_moves_nobody(tmp_path: Path) -> None:
    """Promised for tables with ids: the same rows in each split, in the order of the file."""
    header, *rows = public_data.telco_csv().split("\n")[:-1]
    turned = "\n".join([header, *rows[::-1], ""]).encode()
    places = []
    for run, content in (("straight", public_data.telco_csv().encode()), ("turned", turned)):
        public_data.prepared("ibm_telco", tmp_path / run, {public_data.TELCO: content})
        places.append(tmp_path / run / "data" / "processed" / "ibm_telco")

    for split in ("train", "valid", "test"):
        ours, theirs = (pl.read_parquet(place / f"{split}.parquet") for place in places)
        assert ours.equals(theirs.reverse())


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepare the real files, and those of the bank in another process too; give the folder of the first."""
    mirror = os.environ.get("CHURN_SAVER_TEST_DATA")
    if mirror is None or not (Path(mirror) / "ibm_telco").is_dir():
        pytest.skip("set CHURN_SAVER_TEST_DATA to a folder with the files that sources.yaml names")
    base = tmp_path_factory.mktemp("real")
    arguments = ("data", "prepare", "--from", str(Path(mirror).resolve()))
    here, elsewhere = base / "a", base / "somewhere" / "quite else"
    first = begun(REAL, here, HERE, *arguments)
    second = begun(REAL, elsewhere, ELSEWHERE, *arguments, "uci_bank")
    ended(first)
    ended(second)
    again = hashes(elsewhere / "data" / "processed" / "uci_bank")
    assert hashes(here / "data" / "processed" / "uci_bank") == again
    return here / "data" / "processed"


def rows_of(folder: Path) -> dict[str, list[dict[str, object]]]:
    """Read the splits by other means than the code does."""
    if (folder / "train.parquet").is_file():
        return {
            split: pl.read_parquet(folder / f"{split}.parquet").to_dicts()
            for split in ("train", "valid", "test")
        }
    return {split: public_data.read_rows(folder / f"{split}.jsonl") for split in ("train", "valid", "test")}


@pytest.mark.parametrize(
    ("name", "rows"),
    [("ibm_telco", 7_032), ("uci_bank", 41_188), ("oasst1", 700), ("preferences", 4_567)],
)
def test_real_rows_are_all_there(real: Path, name: str, rows: int) -> None:
    """As many as documented, and each split has about its share."""
    splits = rows_of(real / name)

    assert sum(map(len, splits.values())) == rows
    entries = json.loads((real / name / "manifest.json").read_bytes())["files"]
    assert {file.split(".")[0]: entry["rows"] for file, entry in entries.items()} == {
        split: len(found) for split, found in splits.items()
    }
    assert 0.7 < len(splits["train"]) / rows < 0.9


@pytest.mark.parametrize("name", NAMES)
def test_nothing_real_is_in_two_splits(real: Path, name: str) -> None:
    """No customer, no conversation, and no prompt, letter case and spaces aside."""
    where: dict[tuple[str, str], set[str]] = defaultdict(set)
    for split, rows in rows_of(real / name).items():
        for row in rows:
            for column in {"customer_id", "conversation_id", "prompt"} & set(row):
                where[column, " ".join(str(row[column]).lower().split())].add(split)

    assert not [value for value, splits in where.items() if len(splits) > 1]
    assert len(where) > 500


def test_real_customers_are_those_of_the_raw_file(real: Path) -> None:
    """7,043 rows less the 11 without a total, each id once."""
    raw = pl.read_csv(real.parent / "raw" / "ibm_telco" / "Telco-Customer-Churn.csv", infer_schema=False)

    ids = [row["customer_id"] for rows in rows_of(real / "ibm_telco").values() for row in rows]
    wanted = raw.filter(pl.col("TotalCharges").str.strip_chars() != "")["customerID"].to_list()
    assert (raw.height, len(wanted)) == (7_043, 7_032)
    assert sorted(str(one) for one in ids) == sorted(wanted)


def test_real_contacts_have_offers_and_no_truth(real: Path) -> None:
    """No drawn chance is in the files, nor what is known after the call only."""
    for rows in rows_of(real / "uci_bank").values():
        names = set(rows[0])
        assert {"offer_pct", "propensity", "accepted", "contacted_before"} <= names
        assert not [name for name in names if name.startswith("true_prob") or name == "duration"]
        assert all(row["pdays"] != 999 for row in rows)
        assert all((row["pdays"] is not None) == (row["contacted_before"] == 1) for row in rows)

"""Prepared data: the same input gives the same bytes, wherever it is prepared."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from tests import public_data
from tests.contract.elsewhere import ELSEWHERE, HERE, begun, ended, hashes

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

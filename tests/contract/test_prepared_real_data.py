"""Prepared data, from the real files: every row is accounted for, and nothing leaks."""

import json
import os
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest

from tests import public_data
from tests.contract.elsewhere import ELSEWHERE, HERE, begun, ended, hashes

COMMAND = "from churn_saver.cli import main; main()"
NAMES = ("ibm_telco", "uci_bank", "oasst1", "preferences")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepare the real files, and those of the bank in another process too; give the folder of the first."""
    mirror = os.environ.get("CHURN_SAVER_TEST_DATA")
    if mirror is None or not (Path(mirror) / "ibm_telco").is_dir():
        pytest.skip("set CHURN_SAVER_TEST_DATA to a folder with the files that sources.yaml names")
    base = tmp_path_factory.mktemp("real")
    arguments = ("data", "prepare", "--from", str(Path(mirror).resolve()))
    here, elsewhere = base / "a", base / "somewhere" / "quite else"
    first = begun(COMMAND, here, HERE, *arguments)
    second = begun(COMMAND, elsewhere, ELSEWHERE, *arguments, "uci_bank")
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

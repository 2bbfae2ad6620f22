"""The check of a company's own table."""

import gzip
import hashlib
from pathlib import Path

import polars as pl
import pytest

from churn_saver.data.checking.streaming import Verdict
from churn_saver.data.reading.parsing import Sizes
from churn_saver.data.tables import CUSTOMERS, read
from churn_saver.errors import InputError, TableError
from churn_saver.pipeline.company import check_file

HEADER = "customer_id,tenure,monthly_spend\n"
ROWS = "C1,1,2\nC2,no,2\nC3,3,4\n"


def check(path: Path, keep: Path | None = None, sizes: Sizes | None = None) -> Verdict:
    """Check a table of customers; rejects go to `out` beside it."""
    return check_file(
        path, "customers", {}, path.parent / "out", keep, lambda _what, _done, _total: None, sizes=sizes
    )


def table(folder: Path, text: str = HEADER + ROWS) -> Path:
    """Write a table."""
    path = folder / "t.csv"
    path.write_text(text)
    return path


def names(folder: Path) -> list[str]:
    """Every file below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_rejects_are_written_and_good_rows_are_not(tmp_path: Path) -> None:
    """Good rows stay where they are unless they are asked for."""
    verdict = check(table(tmp_path))

    assert (verdict.good, verdict.bad) == (2, 1)
    assert names(tmp_path) == ["out/rejects.csv", "t.csv"]
    assert (tmp_path / "out" / "rejects.csv").read_text().splitlines() == [
        "customer_id,tenure,monthly_spend,line,fault",
        "C2,no,2,3,\"column 'tenure' is 'no', wanted months from 0 to 1200\"",
    ]


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".csv"])
@pytest.mark.parametrize("piece", [8, 1 << 20])
def test_good_rows_are_kept_in_each_kind_of_file(tmp_path: Path, suffix: str, piece: int) -> None:
    """What was kept is a good table itself, with the same rows."""
    keep = tmp_path / "kept" / f"good{suffix}"

    check(table(tmp_path), keep, Sizes(piece=piece))

    again = read(keep.read_bytes(), keep.name, CUSTOMERS)
    assert again.frame.rows() == [("C1", 1.0, 2.0), ("C3", 3.0, 4.0)]
    assert names(tmp_path) == [f"kept/good{suffix}", "out/rejects.csv", "t.csv"]


def test_instants_survive_being_kept(tmp_path: Path) -> None:
    """A time written to each kind of file reads as the same time."""
    path = tmp_path / "t.csv"
    path.write_text(
        "customer_id,offer_pct,churn_risk,tenure_months,accepted,logged_at\nC,5,0.5,1,1,2025-01-31T09:30:00Z\n"
    )
    frames = []
    for suffix in (".parquet", ".jsonl", ".csv"):
        keep = tmp_path / f"good{suffix}"
        check_file(path, "accept", {}, tmp_path, keep, lambda _what, _done, _total: None)
        again = check_file(keep, "accept", {}, tmp_path, tmp_path / "again.parquet", lambda *_: None)
        frames.append(pl.read_parquet(tmp_path / "again.parquet").select("customer_id", "logged_at"))
        assert again.bad == 0

    assert frames[0].equals(frames[1])
    assert frames[0].equals(frames[2])
    assert str(frames[0]["logged_at"][0]) == "2025-01-31 09:30:00+00:00"


def test_rejects_of_an_earlier_check_are_taken_away(tmp_path: Path) -> None:
    """A clean table leaves none; a file that we did not write stays."""
    check(table(tmp_path))
    check(table(tmp_path, HEADER + "C1,1,2\n"))
    none = names(tmp_path)
    (tmp_path / "out" / "rejects.csv").write_text("my own\n")
    check(table(tmp_path, HEADER + "C1,1,2\n"))

    assert none == ["t.csv"]
    assert (tmp_path / "out" / "rejects.csv").read_text() == "my own\n"


def test_table_refused_as_a_whole_keeps_no_row(tmp_path: Path) -> None:
    """Every row is a reject."""
    path = tmp_path / "t.csv"
    path.write_text(
        "customer_id,offer_pct,churn_risk,tenure_months,accepted\nC1,0,0.5,1,1\nC2,0.05,0.5,1,1\n"
    )

    verdict = check_file(path, "accept", {}, tmp_path, tmp_path / "good.csv", lambda *_: None)

    assert verdict.whole
    assert names(tmp_path) == ["rejects.csv", "t.csv"]
    assert len((tmp_path / "rejects.csv").read_text().splitlines()) == 3


def test_damaged_file_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """Also when rows were good before the damage."""
    rows = "".join(f"C{i},{i % 99},{i * 7919 % 1000}\n" for i in range(20_000))
    raw = gzip.compress(f"{HEADER}bad,no,1\n{rows}".encode())
    path = tmp_path / "t.csv.gz"
    path.write_bytes(raw[: len(raw) // 2])

    with pytest.raises(TableError, match="a whole gzip file"):
        check(path, tmp_path / "good.parquet", Sizes(piece=1 << 14))

    assert names(tmp_path) == ["t.csv.gz"]


def test_progress_is_told_in_bytes(tmp_path: Path) -> None:
    """It rises to the size of the file, also where that is read packed."""
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress((HEADER + ROWS).encode()))
    told: list[tuple[str, int, int]] = []

    check_file(
        path, "customers", {}, tmp_path, None, lambda what, done, total: told.append((what, done, total))
    )

    size = path.stat().st_size
    assert told[-1] == ("check t.csv.gz", size, size)
    assert all(0 <= done <= total for _, done, total in told)


def test_mapping_and_kind_are_those_of_the_tables(tmp_path: Path) -> None:
    """An unknown kind lists the known ones."""
    path = tmp_path / "t.csv"
    path.write_text("customer_id,months,monthly_spend\nC1,1,2\n")

    mapped = check_file(path, "customers", {"tenure": "months"}, tmp_path, None, lambda *_: None)

    assert mapped.good == 1
    with pytest.raises(InputError, match=r"'x', wanted one of: churn, accept, customers, pairs, messages"):
        check_file(path, "x", {}, tmp_path, None, lambda *_: None)


def test_absent_file_says_what_to_name(tmp_path: Path) -> None:
    """So does a folder."""
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(InputError, match=r"cannot be read .*name a CSV, JSON lines or Parquet file"):
            check(path)


def test_good_rows_need_a_known_kind_of_file(tmp_path: Path) -> None:
    """An Excel file is not one."""
    with pytest.raises(InputError, match=r"'good.xlsx', wanted a name in .parquet or .jsonl or .csv"):
        check(table(tmp_path), tmp_path / "good.xlsx")


def test_whoever_looks_sees_every_good_row(tmp_path: Path) -> None:
    """Block by block, whether the rows are kept or not."""
    seen: list[pl.DataFrame] = []

    check_file(
        table(tmp_path),
        "customers",
        {},
        tmp_path / "out",
        tmp_path / "good.csv",
        lambda *_: None,
        look=seen.append,
        sizes=Sizes(piece=8),
    )

    assert pl.concat(seen)["customer_id"].to_list() == ["C1", "C3"]
    assert pl.read_csv(tmp_path / "good.csv")["customer_id"].to_list() == ["C1", "C3"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_verdict_knows_the_file_as_it_stands_on_disk(tmp_path: Path, pack: type[bytes]) -> None:
    """Packed bytes, not those within."""
    path = tmp_path / "t.csv"
    path.write_bytes(pack((HEADER + ROWS).encode()))

    verdict = check(path)

    assert verdict.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert verdict.size == path.stat().st_size


def test_header_without_rows_is_a_table_of_none(tmp_path: Path) -> None:
    """Nothing is wrong with it, and nothing is kept of it."""
    verdict = check(table(tmp_path, HEADER), tmp_path / "good.csv")

    assert (verdict.rows, verdict.faults, verdict.whole) == (0, (), False)
    assert names(tmp_path) == ["t.csv"]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
@pytest.mark.parametrize("piece", [8, 1 << 20])
def test_offers_of_nothing_but_0_are_good(tmp_path: Path, suffix: str, piece: int) -> None:
    """No discount was ever offered; the rows wait for the end of the file and then are all there."""
    frame = pl.DataFrame({"customer_id": [f"C{i}" for i in range(9)], "offer_pct": 0, "churn_risk": 0.5})
    frame = frame.with_columns(tenure_months=1, accepted=1)
    path = tmp_path / f"t{suffix}"
    _ = frame.write_csv(path) if suffix == ".csv" else frame.write_ndjson(path)
    seen: list[pl.DataFrame] = []

    verdict = check_file(
        path, "accept", {}, tmp_path / "out", None, lambda *_: None, seen.append, Sizes(piece=piece)
    )

    assert (verdict.good, verdict.bad, verdict.whole) == (9, 0, False)
    assert pl.concat(seen)["customer_id"].to_list() == [f"C{i}" for i in range(9)]


def test_refused_file_leaves_no_folder(tmp_path: Path) -> None:
    """Nor is one taken away that was there."""
    path = table(tmp_path, "a|b\n")
    with pytest.raises(TableError, match="absent"):
        check(path)
    was_made = (tmp_path / "out").exists()
    (tmp_path / "out").mkdir()
    with pytest.raises(TableError, match="absent"):
        check(path)

    assert not was_made
    assert (tmp_path / "out").is_dir()

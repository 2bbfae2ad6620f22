"""A table goes to its file whole, or not at all."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from churn_saver.errors import InputError
from churn_saver.pipeline.exported import Exported
from churn_saver.pipeline.exporting import PART_ROWS, require_free, write

READERS: dict[str, Callable[[Path], pl.DataFrame]] = {
    ".csv": pl.read_csv, ".jsonl": pl.read_ndjson, ".parquet": pl.read_parquet,
}  # fmt: skip


def table(rows: int = 3) -> Exported:
    """Give a table of so many rows."""
    return Exported(pl.DataFrame({"row": range(rows)}), (), ())


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet"])
def test_every_row_arrives_in_its_order(tmp_path: Path, name: str) -> None:
    """One row more than a part, and nothing else stays in the folder."""
    place = tmp_path / "new" / name

    write(table(PART_ROWS + 1), place)

    assert READERS[place.suffix](place)["row"].to_list() == list(range(PART_ROWS + 1))
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]


def test_what_is_there_is_replaced_only_by_force(tmp_path: Path) -> None:
    """Without it the old file stands, and the message names the way."""
    place = tmp_path / "t.csv"
    place.write_text("mine")

    with pytest.raises(InputError, match=r"t\.csv is there already\..*--force"):
        write(table(), place)
    assert place.read_text() == "mine"

    write(table(), place, force=True)
    assert place.read_text().splitlines() == ["row", "0", "1", "2"]


def test_who_is_stopped_in_between_leaves_the_old_file(tmp_path: Path) -> None:
    """The second part cannot be written: the old file stands whole, and nothing lies beside it."""

    class Breaking(pl.DataFrame):
        """A frame whose second part never comes."""

        def iter_slices(self, n_rows: int = 1) -> object:  # type: ignore[override]
            """Give one part, and be stopped."""
            yield self.head(n_rows)
            raise KeyboardInterrupt("stopped")

    place = tmp_path / "t.csv"
    place.write_text("mine")

    with pytest.raises(KeyboardInterrupt, match=r"^stopped$"):
        write(Exported(Breaking({"row": [1]}), (), ()), place, force=True)
    assert place.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [place]


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    """By its name, with those that can be written."""
    with pytest.raises(InputError, match=r"'t\.xlsx', wanted a name in \.parquet or \.jsonl or \.csv"):
        write(table(), tmp_path / "t.xlsx")


def test_a_free_place_is_fine(tmp_path: Path) -> None:
    """Nothing is made of it."""
    require_free(tmp_path / "t.csv", force=False)

    assert list(tmp_path.iterdir()) == []

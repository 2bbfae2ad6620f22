"""Files that grow by rows."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from churn_saver.adapters.row_files import SUFFIXES, row_file
from churn_saver.errors import InputError

FRAMES = (pl.DataFrame({"a": [1, 2], "b": ["x", None]}), pl.DataFrame({"a": [3], "b": ["y,z"]}))
READERS: dict[str, Callable[[Path], pl.DataFrame]] = {
    ".csv": pl.read_csv,
    ".jsonl": pl.read_ndjson,
    ".parquet": pl.read_parquet,
}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_frames_become_one_file(tmp_path: Path, suffix: str) -> None:
    """In their order, and nothing is left beside it."""
    place = tmp_path / "below" / f"rows{suffix}"

    with row_file(place) as file:
        for frame in FRAMES:
            file.add(frame)
        file.keep()

    assert file.rows == 3
    assert READERS[suffix](place).equals(pl.concat(FRAMES))
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_file_that_is_not_kept_leaves_the_old_one(tmp_path: Path, suffix: str) -> None:
    """Nothing stays of what was added."""
    place = tmp_path / f"rows{suffix}"
    place.write_text("old")

    with row_file(place) as file:
        file.add(FRAMES[0])

    assert place.read_text() == "old"
    assert list(tmp_path.iterdir()) == [place]


def test_kept_file_may_be_read_by_whom_the_umask_lets(tmp_path: Path) -> None:
    """As any file that is written there."""
    (tmp_path / "plain").write_text("")
    with row_file(tmp_path / "rows.csv") as file:
        file.add(FRAMES[0])
        file.keep()

    assert (tmp_path / "rows.csv").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_other_suffix_is_refused(tmp_path: Path) -> None:
    """With those that there are."""
    with pytest.raises(InputError, match=r"'rows.txt', wanted a name in .parquet or .jsonl or .csv"):
        row_file(tmp_path / "rows.txt").__enter__()


def test_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")

    with pytest.raises(InputError, match=r"rows.csv cannot be written \(.*\). Name another place"):
        row_file(tmp_path / "file" / "rows.csv").__enter__()

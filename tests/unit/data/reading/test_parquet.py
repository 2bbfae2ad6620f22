"""Parquet a slice at a time."""

import io

import polars as pl
import pytest

from churn_saver.data.reading.parquet import grids, is_cell, schema
from churn_saver.errors import TableError


def written(frame: pl.DataFrame) -> io.BytesIO:
    """Write a frame as Parquet."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer


def test_slices_join_to_the_whole() -> None:
    """An empty one first, then each with the lines of its rows; numbers are known as no text."""
    frame = pl.DataFrame({"a": [1.0, None, 2.5], "b": ["x", "y", "z"]})

    found = list(grids(written(frame), "t.parquet", rows=2))

    assert [grid.cells.rows() for grid in found] == [[], [("1", "x"), (None, "y")], [("2.5", "z")]]
    assert [grid.lines.tolist() for grid in found] == [[], [2, 3], [4]]
    assert {i: flags.to_list() for i, flags in found[1].not_text.items()} == {0: [True, False]}


def test_types_are_known_before_rows_are_read() -> None:
    """Lists, structures and bytes are no single cells."""
    frame = pl.DataFrame({"a": [[1]], "b": [{"c": 1}], "d": [b"x"], "e": ["x"], "f": [1]})

    assert [is_cell(dtype) for dtype in schema(written(frame), "t.parquet").values()] == [
        False, False, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize("raw", [b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1"])
def test_what_is_no_whole_file_is_refused(raw: bytes) -> None:
    """With the name of the file."""
    with pytest.raises(TableError, match=r"t.parquet:0: .*wanted a whole Parquet file"):
        schema(io.BytesIO(raw), "t.parquet")


def test_damage_within_names_the_row_it_got_to() -> None:
    """The end of the file is whole, so the damage shows only when the rows are read."""
    raw = bytearray(written(pl.DataFrame({"a": range(1_000)})).getvalue())
    raw[4:40] = b"\xff" * 36

    with pytest.raises(TableError, match=r"(?s)t.parquet:2: .*The file is damaged"):
        list(grids(io.BytesIO(bytes(raw)), "t.parquet"))


def test_altered_byte_is_a_fault_of_the_file_or_no_fault() -> None:
    """Never an error of the reader, nor its panic."""
    whole = written(pl.DataFrame({"a": ["x", "y"] * 9, "b": range(18)})).getvalue()
    said = []
    for place in range(4, len(whole), 7):
        altered = whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
        try:
            list(grids(io.BytesIO(altered), "t.parquet"))
        except TableError as error:
            said.append(str(error))

    assert said
    assert all("wanted a whole Parquet file" in message for message in said)

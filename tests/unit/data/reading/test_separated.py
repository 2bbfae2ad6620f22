"""CSV a piece at a time."""

import io

import polars as pl
import pytest

from churn_saver.data.reading.feed import Feed
from churn_saver.data.reading.grid import Grid
from churn_saver.data.reading.separated import Layout, grids, layout
from churn_saver.errors import TableError


def read(raw: bytes, piece: int = 1 << 20, longest: int = 1 << 20) -> tuple[Layout, list[Grid]]:
    """Read bytes a piece at a time."""
    feed = Feed(io.BytesIO(raw), "t.csv", piece, longest)
    found = layout(feed)
    return found, list(grids(feed, found))


def test_layout_is_that_of_the_header() -> None:
    """Blank lines before it count for nothing but its line."""
    found, _ = read(b'\n\n"a;x";b\n1;2\n')

    assert found == Layout(";", ("a;x", "b"), 3)


def test_first_grid_is_empty_and_the_rest_hold_the_rows() -> None:
    """Every grid has the header and the lines of its own rows."""
    _, found = read(b"a,b\n1,2\n3,4\n" * 1, piece=4)

    assert found[0].cells.height == 0
    assert pl.concat([grid.cells for grid in found]).rows() == [("1", "2"), ("3", "4")]
    assert [line for grid in found for line in grid.lines.tolist()] == [2, 3]


def test_odd_rows_keep_their_place_among_straight_ones() -> None:
    """A ragged row, one in latin-1 and a blank line between good ones."""
    _, (_, grid) = read(b"a,b\n1,2\n3\n\nZo\xeb,4\n5,6\n")

    assert grid.cells.rows() == [("1", "2"), ("3", None), ("Zo\\xeb", "4"), ("5", "6")]
    assert grid.lines.tolist() == [2, 3, 5, 6]
    assert list(grid.troubles) == [1, 2]


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_quotes_in_odd_places_are_characters(end: str) -> None:
    """The slow reader takes such a piece, whatever its line ends."""
    _, found = read(f'a,b{end}5" pipe,2{end}3,4{end}'.encode(), piece=3)

    assert pl.concat([grid.cells for grid in found]).rows() == [('5" pipe', "2"), ("3", "4")]


def test_header_with_a_nul_is_no_text() -> None:
    """It is UTF-16 without its mark, or no table at all."""
    with pytest.raises(TableError, match="binary data or UTF-16"):
        read(b"a\x00,b\n")


@pytest.mark.parametrize("piece", [7, 1 << 20])
def test_mark_before_a_row_belongs_to_its_first_cell(piece: int) -> None:
    """Also where a piece begins with it: a mark is taken off before the header alone."""
    feed = Feed(io.BytesIO(b"1234,5\n\xef\xbb\xbf12,6\n"), "t.csv", piece)

    found = list(grids(feed, Layout(",", ("a", "b"), 1)))

    assert [row for grid in found for row in grid.cells.rows()] == [("1234", "5"), ("\ufeff12", "6")]

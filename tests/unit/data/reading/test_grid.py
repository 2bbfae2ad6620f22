"""Rows as they came."""

import numpy as np

from churn_saver.data.reading.grid import (
    Grid,
    Trouble,
    as_columns,
    refused,
    shortened,
    without_repeated_header,
)


def test_header_again_is_no_row() -> None:
    """Spaces around a name do not hide it; a row that only begins like it is a row."""
    cells = as_columns(["1", "2", "a", " b ", "a", "x"], 2)

    grid = without_repeated_header(Grid(("a", "b"), 1, cells, np.arange(2, 5)))

    assert {row: trouble[0].value for row, trouble in grid.troubles.items()} == {1: "the header again"}


def test_row_keeps_the_trouble_it_has() -> None:
    """More troubles are put in the order of the rows."""
    first, second = Trouble("a", "1", "2"), Trouble("b", "3", "4")
    grid = Grid(("a",), 1, as_columns(["x", "y", "z"], 1), np.arange(3), {2: (first,)})

    assert grid.with_troubles({2: (second,), 0: (second,)}).troubles == {0: (second,), 2: (first,)}


def test_long_value_is_shortened_and_measured() -> None:
    """A fault never holds a megabyte."""
    assert shortened("x" * 200) == "x" * 200
    assert shortened("x" * 1_000_000) == "x" * 200 + "... (1,000,000 characters)"


def test_refusal_names_the_file() -> None:
    """With its line and the next step."""
    assert (
        str(refused("t.csv", 3, "x", "y", "Do this."))
        == "t.csv:3: column '(file)' is 'x', wanted y\nDo this."
    )

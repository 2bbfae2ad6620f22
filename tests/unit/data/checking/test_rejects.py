"""Rows that cannot be used."""

import numpy as np

from churn_saver.data.checking.rejects import as_rejects
from churn_saver.data.reading.grid import Grid, as_columns


def test_rejects_are_the_rows_as_they_came() -> None:
    """Null is written as nothing; a name that is taken gets a number."""
    grid = Grid(("line", "a", "a"), 1, as_columns(["1", "2", None, "4", "5", "6"], 3), np.array([2, 7]))

    rejects = as_rejects(grid, {1: "bad", 0: "worse"})

    assert rejects.columns == ["line_2", "a", "a_2", "line", "fault"]
    assert rejects.rows() == [("4", "5", "6", 7, "bad"), ("1", "2", "", 2, "worse")]


def test_json_is_kept_as_its_line() -> None:
    """Bytes that are no UTF-8 are written out."""
    grid = Grid(("a",), 1, as_columns(["x", "y"], 1), np.array([1, 2]), raw=[b'{"a": "x"}\r', b"\xff"])

    assert as_rejects(grid, {0: "bad", 1: "bad"}).rows() == [('{"a": "x"}', 1, "bad"), ("\\xff", 2, "bad")]

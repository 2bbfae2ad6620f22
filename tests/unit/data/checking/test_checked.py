"""Faults and rejects, by line."""

import polars as pl
import pytest

from churn_saver.data.checking.checked import Checked, check
from churn_saver.data.meaning.columns import Column, identifier, number, offer_percent
from churn_saver.data.reading.parsing import parse
from churn_saver.errors import Fault, TableError

COLUMNS: tuple[Column, ...] = (identifier("id"), number("x", "a number from 0 to 9", 0, 9))


def checked(content: bytes, columns: tuple[Column, ...] = COLUMNS) -> Checked:
    """Check a CSV whose names are canonical already."""
    grid = parse(content, "t.csv")
    return check(
        grid, {c.name: grid.header.index(c.name) for c in columns if c.name in grid.header}, columns, "t.csv"
    )


def test_clean_rows_come_through_typed() -> None:
    """Nothing is rejected and the columns that no rule is about are listed."""
    result = checked(b"id,note,x\na,hi,1\nb,,\n")

    assert result.frame.rows() == [("a", 1.0), ("b", None)]
    assert result.frame.schema == {"id": pl.String, "x": pl.Float64}
    assert (result.faults, result.ignored, result.rejects.height) == ((), ("note",), 0)
    assert result.require(skip_bad_rows=False) is result.frame


def test_every_bad_cell_is_a_fault_and_its_row_a_reject() -> None:
    """Line 2 has two bad cells, line 4 one; the rejects are the rows as they came."""
    result = checked(b"id,x,note\n,10,n\nb,9,n\nc,many,n\n")

    assert [(f.line, f.column, f.value) for f in result.faults] == [
        (2, "id", ""),
        (2, "x", "10"),
        (4, "x", "many"),
    ]
    assert {f.wanted for f in result.faults if f.column == "x"} == {"a number from 0 to 9"}
    assert result.frame.rows() == [("b", 9.0)]
    assert result.rejects.columns == ["id", "x", "note", "line", "fault"]
    assert result.rejects.row(1) == ("c", "many", "n", 4, "column 'x' is 'many', wanted a number from 0 to 9")
    assert result.rejects["fault"][0].count("; ") == 1


def test_repeated_id_names_the_line_that_had_it_first() -> None:
    """Spaces around an id do not make another one; later rows go, the first stays."""
    result = checked(b"id,x\na,1\nb,1\n a,2\na,3\n")

    assert [(f.line, f.value, f.wanted[-7:]) for f in result.faults] == [
        (4, " a", "already"),
        (5, "a", "already"),
    ]
    assert all("line 2 " in f.wanted for f in result.faults)
    assert result.frame.rows() == [("a", 1.0), ("b", 1.0)]


def test_ragged_row_is_one_fault_and_its_cells_are_not_judged() -> None:
    """Its cells may stand in the wrong columns, so only the row is named, and its id is free again."""
    result = checked(b"id,x\na\nb,1,2\na,5\n")

    assert [(f.line, f.column, f.value) for f in result.faults] == [
        (2, "(row)", "1 cells"),
        (3, "(row)", "3 cells"),
    ]
    assert all(f.wanted.startswith("2 cells, as in the header") for f in result.faults)
    assert result.frame.rows() == [("a", 5.0)]
    assert result.rejects["x"].to_list() == ["", "1,2"]


def test_line_counts_blank_lines_and_quoted_newlines() -> None:
    """The bad cell stands on the line where its row begins: 1 header, 2-3 row, 4 blank, 5 row."""
    result = checked(b'id,x\n"a",\n\n"b\n",no\n,1\n')

    assert [(f.line, f.column) for f in result.faults] == [(4, "x"), (6, "id")]


def test_rejects_keep_names_apart() -> None:
    """A header may repeat a name, or use `line` and `fault` itself."""
    result = checked(b"id,x,line,fault,note,note\n,1,2,3,4,5\n")

    assert result.rejects.columns == ["id", "x", "line_2", "fault_2", "note", "note_2", "line", "fault"]


def test_column_that_cannot_be_meant_spoils_the_table() -> None:
    """One fault at line 0 instead of one a row, and skipping rows does not help."""
    result = checked(b"offer_pct\n0.05\n0.1\n", (offer_percent("offer_pct"),))

    assert [(f.line, f.column) for f in result.faults] == [(0, "offer_pct")]
    assert (result.frame.height, result.rejects.height) == (0, 2)
    with pytest.raises(TableError, match=r"(?s)as if they were fractions.*does not help"):
        result.require(skip_bad_rows=True)


def test_require_stops_at_bad_rows_unless_told_to_skip() -> None:
    """The error holds every fault and names both ways on."""
    result = checked(b"id,x\na,no\nb,1\n")

    assert result.require(skip_bad_rows=True).rows() == [("b", 1.0)]
    with pytest.raises(TableError, match=r"(?s)t.csv:2: column 'x' is 'no'.*Mend.*--skip-bad-rows") as caught:
        result.require(skip_bad_rows=False)
    assert caught.value.faults == result.faults


def test_short_fault_leaves_out_where() -> None:
    """Also when the file's name looks like a place itself."""
    assert Fault("a: 1: b.csv", 3, "x", "no", "yes").told() == "column 'x' is 'no', wanted yes"


def test_table_without_rows_is_checked_too() -> None:
    """An empty frame has its types."""
    result = checked(b"id,x\n")

    assert result.frame.schema == {"id": pl.String, "x": pl.Float64}
    assert (result.frame.height, result.rejects.height, result.faults) == (0, 0, ())

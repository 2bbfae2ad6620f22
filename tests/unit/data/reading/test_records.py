"""Records one by one."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.reading.records import Record, fitted, lines_in, readable, records, trouble_of


def found(text: str, at_end: bool = True, longest: int = 1_000) -> list[tuple[int, list[str]]]:
    """Lines and cells of the records that are not blank."""
    every = records(text, 1, ",", at_end, longest)
    return [(record.line, record.cells) for record in every if not record.is_blank]


@given(
    st.lists(st.lists(st.text("ab,;\"'\r\n é", max_size=5), min_size=2, max_size=3), max_size=5),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_the_csv_module_wrote_is_read_back(rows: list[list[str]], end: str) -> None:
    """Cell by cell, and each on its line."""
    buffer = io.StringIO(newline="")
    expected, line = [], 1
    for row in rows:
        before = len(buffer.getvalue())
        csv.writer(buffer, lineterminator=end, quoting=csv.QUOTE_ALL).writerow(row)
        expected.append((line, row))
        line += lines_in(buffer.getvalue(), before, len(buffer.getvalue()))

    assert found(buffer.getvalue()) == expected


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ('5" pipe,a"b"c\n', ['5" pipe', 'a"b"c']),
        ('"a""b",""\n', ['a"b', ""]),
        ("a,b", ["a", "b"]),
        ('"a\rb",c\r', ["a\rb", "c"]),
        (",\n", ["", ""]),
    ],
)
def test_quote_opens_a_cell_only_at_its_beginning(text: str, cells: list[str]) -> None:
    """Anywhere else it is a character."""
    assert found(text) == [(1, cells)]


@pytest.mark.parametrize(("text", "cell", "opened"), [('a,"b\nc,d\n', 1, 1), ('"x\ny","z"w,1\nc,d\n', 1, 2)])
def test_quote_that_does_not_close_spoils_its_line(text: str, cell: int, opened: int) -> None:
    """The next line is read as if nothing had been."""
    first, *rest = records(text, 1, ",", True, 1_000)

    assert first.broken is not None
    assert first.broken[0] == cell
    assert first.broken[2].endswith(f"(it opens on line {opened})")
    assert rest[-1].cells == ["c", "d"]


def test_record_that_may_go_on_is_not_given() -> None:
    """Until the file ends, or it is longer than a record may be."""
    text = 'a,b\n"c\nd,e\n'

    assert found(text, at_end=False) == [(1, ["a", "b"])]
    assert found(text, at_end=False, longest=5) == [(1, ["a", "b"]), (2, ['"c']), (3, ["d", "e"])]


def test_trouble_says_what_is_wrong() -> None:
    """Too few cells, one too many at the end, bytes that are no UTF-8; a good record has none."""
    header = ("a", "b")

    def wanted(*cells: str) -> str:
        return " ".join(trouble.wanted for trouble in trouble_of(Record(1, 0, 1, list(cells)), header))

    assert wanted("1", "2") == ""
    assert "is a quote left open" in wanted("1")
    assert "a separator too many at its end" in wanted("1", "2", "")
    assert wanted("1", "Zo\udceb").startswith("UTF-8 text")


def test_cells_are_fitted_to_the_header() -> None:
    """Missing ones are null; the last takes what is too much."""
    assert fitted(["a"], 2, ",") == ["a", None]
    assert fitted(["a", "b", "c"], 2, ";") == ["a", "b;c"]


def test_bytes_that_are_no_utf8_are_written_out() -> None:
    """Everything else stays as it is."""
    assert readable(b"Zo\xeb \xc3\xab".decode("utf-8", "surrogateescape")) == "Zo\\xeb ë"


def test_last_row_needs_no_line_end_to_be_as_long_as_it_may() -> None:
    """The end of the file is no further character."""
    (record,) = records("a,bc", 1, ",", True, 4)

    assert (record.cells, record.end, record.broken) == (["a", "bc"], 4, None)

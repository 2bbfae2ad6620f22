"""Bytes → strings with exact line numbers."""

import io
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.reading.grid import Grid
from churn_saver.data.reading.parsing import header, parse
from churn_saver.errors import TableError

PLAIN_CELL = st.text(st.characters(codec="utf-8", exclude_characters='",;\t\r\n\x00'), min_size=1, max_size=6)


def found(grid: Grid) -> dict[int, str]:
    """What each row that cannot be read is."""
    return {row: troubles[0].value for row, troubles in grid.troubles.items()}


def test_plain_file_gives_cells_and_lines() -> None:
    """The header is line 1, so row i stands on line i + 2."""
    grid = parse(b"a,b\n1,2\n3,\n", "t.csv")

    assert grid.header == ("a", "b")
    assert grid.cells.fill_null("").rows() == [("1", "2"), ("3", "")]
    assert grid.lines.tolist() == [2, 3]
    assert not grid.troubles


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separator_is_told_from_the_header(separator: str) -> None:
    """Comma, semicolon and tab need no option."""
    grid = parse(f"a{separator}b\n1.5{separator}2\n".encode(), "t.csv")

    assert grid.header == ("a", "b")
    assert grid.cells.rows() == [("1.5", "2")]


def test_decimal_commas_do_not_hide_the_semicolon() -> None:
    """The separator that gives most names wins, whatever stands in the rows."""
    grid = parse(b"a;b;c\n1,5;2,5;3,5\n", "t.csv")

    assert grid.cells.rows() == [("1,5", "2,5", "3,5")]


def test_byte_order_mark_is_no_part_of_the_first_name() -> None:
    """Excel's UTF-8 begins with a mark."""
    assert parse(b"\xef\xbb\xbfa,b\n1,2\n", "t.csv").header == ("a", "b")


@pytest.mark.parametrize(
    ("content", "rows", "lines"),
    [
        (b"a,b\r\n1,2\r\n3,4\r\n", [("1", "2"), ("3", "4")], [2, 3]),
        (b"a,b\r1,2\r3,4", [("1", "2"), ("3", "4")], [2, 3]),
        (b"a,b\n1,2\n\n  \n3,4", [("1", "2"), ("3", "4")], [2, 5]),
        (b"\n\na,b\n1,2\n", [("1", "2")], [4]),
        (b'a,b\n"x\ny",2\n3,4\n', [("x\ny", "2"), ("3", "4")], [2, 4]),
        (b'a,b\r\n"x\r\n\r\ny",2\r\n3,4\r\n', [("x\r\n\r\ny", "2"), ("3", "4")], [2, 5]),
        (b'"a\nb",c\n1,2\n', [("1", "2")], [3]),
        (b'a,b\n"say ""hi"", now",2\n', [('say "hi", now', "2")], [2]),
        (b"a\n1\n\n2\n", [("1",), ("2",)], [2, 4]),
        (b"a,b\n1,2\n\n\n", [("1", "2")], [2]),
        (b"a,b", [], []),
    ],
)
def test_line_is_the_first_of_the_row(content: bytes, rows: list[tuple[str]], lines: list[int]) -> None:
    """CRLF, lone CR, blank lines and quoted newlines do not shift a line number."""
    grid = parse(content, "t.csv")

    assert grid.cells.rows() == rows
    assert grid.lines.tolist() == lines


def test_ragged_rows_are_kept_and_named() -> None:
    """A short row is filled with null; what a long row has too much stays in its last cell."""
    grid = parse(b"a,b,c\n1,2\n4,5,6\n7,8,9,10,11\n", "t.csv")

    assert found(grid) == {0: "2 cells", 2: "5 cells"}
    assert grid.cells.rows() == [("1", "2", None), ("4", "5", "6"), ("7", "8", "9,10,11")]
    assert grid.lines.tolist() == [2, 3, 4]


def test_short_and_long_row_do_not_make_up_for_each_other() -> None:
    """The separators of the whole file add up here, but not those of each row."""
    grid = parse(b"a,b\n1\n2,3,4\n", "t.csv")

    assert found(grid) == {0: "1 cells", 1: "3 cells"}


def test_repeated_names_are_left_to_the_caller() -> None:
    """A header may hold a name twice, or none."""
    assert parse(b"a,a,\n1,2,3\n", "t.csv").header == ("a", "a", "")


def test_cell_of_a_megabyte_is_read() -> None:
    """Size of a cell is for the rules to judge, not a reason to lose the row."""
    grid = parse(b'a,b\n"' + b"x" * 1_000_000 + b'",2\n', "t.csv")

    assert len(grid.cells["0"][0]) == 1_000_000


def test_rows_beyond_one_batch_keep_their_lines() -> None:
    """Files are read a piece at a time."""
    grid = parse(b'a,b\n"x",1\n' + b"y,2\n" * 100_000 + b"z\n", "t.csv")

    assert grid.cells.height == 100_002
    assert found(grid) == {100_001: "1 cells"}
    assert grid.lines[-1] == 100_003


@given(st.lists(st.tuples(PLAIN_CELL, PLAIN_CELL, PLAIN_CELL), max_size=20), st.sampled_from(["\n", "\r\n"]))
def test_quotes_around_plain_cells_change_nothing(rows: list[tuple[str, str, str]], end: str) -> None:
    """The fast reader and the counting reader agree."""
    plain = end.join(["a,b,c", *(",".join(row) for row in rows), ""]).encode()
    quoted = end.join(["a,b,c", *(",".join(f'"{cell}"' for cell in row) for row in rows), ""]).encode()

    fast, walked = parse(plain, "t.csv"), parse(quoted, "t.csv")

    assert fast.cells.rows() == walked.cells.rows() == rows
    assert fast.lines.tolist() == walked.lines.tolist() == list(range(2, len(rows) + 2))


def test_row_in_another_encoding_spoils_itself_only() -> None:
    """Latin-1 is named by line and column; the bytes are kept as they came, and the row beside it stays."""
    grid = parse("a,b\n1,Zoë\n2,x\n".encode("latin-1"), "t.csv")

    (trouble,) = grid.troubles[0]
    assert (trouble.column, trouble.value) == ("b", "Zo\\xeb")
    assert grid.cells.rows() == [("1", "Zo\\xeb"), ("2", "x")]


def test_header_in_another_encoding_is_refused() -> None:
    """Nobody can tell which column is meant."""
    with pytest.raises(TableError, match=r"t.csv:1: .*wanted CSV or JSON lines as UTF-8.*\n.*CSV UTF-8"):
        parse("a,Größe\n1,2\n".encode("latin-1"), "t.csv")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("a,b\n".encode("utf-16"), "UTF-16"),
        ("a,b\n".encode("utf-16-le"), "binary data or UTF-16"),
        (b"PK\x03\x04....", "zip or Excel"),
        (b"\xd0\xcf\x11\xe0....", "old Excel"),
        (b"\x1f\x8b....", "a whole gzip file"),
    ],
)
def test_what_is_no_text_is_named(content: bytes, kind: str) -> None:
    """A workbook or archive with the wrong name is told by its first bytes."""
    with pytest.raises(TableError, match=kind):
        parse(content, "t.csv")


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_empty_file_is_refused(content: bytes) -> None:
    """Nothing, or blank lines only, is no table."""
    with pytest.raises(TableError, match="empty: export it again"):
        parse(content, "t.csv")


def parquet(frame: pl.DataFrame) -> bytes:
    """Write a frame as Parquet."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def test_parquet_is_known_by_its_first_bytes() -> None:
    """Typed columns come as the text that a CSV would have; whole floats lose their '.0'."""
    frame = pl.DataFrame(
        {
            "id": [1, 2],
            "spend": pl.Series([89.99, None], dtype=pl.Float32),
            "churned": [1.0, 0.0],
            "yes": [True, False],
            "at": [datetime(2025, 1, 31, 9, 30, tzinfo=UTC), None],
            "tags": [["a"], []],
        }
    )

    grid = parse(parquet(frame), "t.parquet")

    assert grid.header == ("id", "spend", "churned", "yes", "at", "tags")
    assert grid.cells[:, [0, 1, 2, 3, 5]].rows() == [
        ("1", "89.99", "1", "true", "<List(String)>"),
        ("2", None, "0", "false", "<List(String)>"),
    ]
    assert datetime.fromisoformat(grid.cells["4"][0]) == datetime(2025, 1, 31, 9, 30, tzinfo=UTC)
    assert grid.lines.tolist() == [2, 3]


def test_torn_parquet_is_refused() -> None:
    """Half a download is not a table."""
    content = parquet(pl.DataFrame({"a": [1]}))

    with pytest.raises(TableError, match="damaged: export it again"):
        parse(content[: len(content) // 2], "t.parquet")


def test_header_alone_is_told_of_both_kinds() -> None:
    """The columns can be asked for without reading the rows."""
    assert header(b"a;b\n1;2\n", "t.csv") == ("a", "b")
    assert header(parquet(pl.DataFrame({"a": [1], "b": [2]})), "t.parquet") == ("a", "b")

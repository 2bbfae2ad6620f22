"""Where records stand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.reading.outline import find_rows, not_utf8, without
from churn_saver.data.reading.records import records


@pytest.mark.parametrize(
    ("text", "starts", "lines", "widths"),
    [
        (b"a,b\nc\n", [0, 4], [5, 6], [2, 1]),
        (b'"a,\nb",c\nd,e\n', [0, 9], [5, 7], [2, 2]),
        (b'"a""b",""\r\nc,d\r\n', [0, 11], [5, 6], [2, 2]),
        (b"a,b\nc,d", [0, 4], [5, 6], [2, 2]),
        (b"\n\n", [0, 1], [5, 6], [1, 1]),
    ],
)
def test_records_are_found(text: bytes, starts: list[int], lines: list[int], widths: list[int]) -> None:
    """Separators and line ends within quotes count for nothing but the line numbers."""
    rows = find_rows(text, 5, ",", True, 100)

    assert rows is not None
    assert (rows.starts.tolist(), rows.lines.tolist(), rows.widths.tolist()) == (starts, lines, widths)


@pytest.mark.parametrize(
    "text", [b'"a"b,c\n', b'a,"b\n', b"a\rb\n", b'"a" ,b\n', b'5" pipe,"a"b\n', b"x" * 101 + b"\n"]
)
def test_text_that_counting_could_misread_is_left_to_others(text: bytes) -> None:
    """Quotes in odd places, lone carriage returns, a quote left open, a record that is too long."""
    assert find_rows(text, 1, ",", True, 100) is None


@given(st.text('a,"\n', max_size=25), st.booleans())
def test_counting_agrees_with_reading(text: str, at_end: bool) -> None:
    """Wherever it gives an answer."""
    text = text if at_end else text + "\n"
    rows = find_rows(text.encode(), 1, ",", at_end, 100)
    if rows is None or not text:
        return

    walked = list(records(text, 1, ",", at_end, 100))

    assert rows.starts.tolist() == [record.start for record in walked]
    assert rows.ends.tolist() == [record.end for record in walked]
    assert rows.lines.tolist() == [record.line for record in walked]
    assert rows.widths.tolist() == [len(record.cells) for record in walked]


def test_records_can_be_cut_out() -> None:
    """By their number; those that are not UTF-8 are found."""
    text = b"a,b\nZo\xeb,1\n\xc3\xab,2\nc,d\n"
    rows = find_rows(text, 1, ",", True, 100)

    assert rows is not None
    assert not_utf8(text, rows).tolist() == [False, True, False, False]
    assert without(text, rows, np.array([False, True, False, True])) == b"a,b\n\xc3\xab,2\n"

"""What a server says of the bytes it is about to send."""

import pytest

from churn_saver.adapters.download.announced import announced


def test_whole_file_with_length_and_tag() -> None:
    """Starts at 0; the length is that of the file."""
    said = announced(200, {"content-length": "12", "etag": '"a"', "last-modified": "Mon"})

    assert (said.start, said.total, said.validator, said.is_framed, said.encoding) == (0, 12, '"a"', True, "")


def test_range_says_where_it_starts_and_how_long_the_file_is() -> None:
    """The length is only that of the range."""
    said = announced(206, {"content-range": "bytes 5-11/12", "content-length": "7", "etag": '"a"'})

    assert (said.start, said.total) == (5, 12)
    assert said.goes_on(5, '"a"')
    assert not said.goes_on(4, '"a"')
    assert not said.goes_on(5, '"b"')


@pytest.mark.parametrize(
    "said", ["", "bytes 5-11", "bytes */12", "items 5-11/12", "bytes -5-11/12", "bytes 5-11/1x"]
)
def test_range_that_is_not_understood_goes_on_from_nowhere(said: str) -> None:
    """So the file is asked for again from its start."""
    answer = announced(206, {"content-range": said})

    assert (answer.start, answer.total) == (None, None)
    assert not answer.goes_on(5, "")


def test_range_of_a_file_of_unknown_length() -> None:
    """A star stands for it."""
    assert announced(206, {"content-range": "bytes 5-11/*"}).total is None


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({"etag": 'W/"a"', "last-modified": "Mon, 01 Jan 2024"}, "Mon, 01 Jan 2024"),
        ({"etag": 'W/"a"'}, ""),
        ({}, ""),
    ],
)
def test_weak_tag_does_not_fit_for_ranges(headers: dict[str, str], wanted: str) -> None:
    """RFC 9110, 13.1.5: If-Range takes a strong tag or a date."""
    assert announced(200, headers).validator == wanted


def test_end_of_chunks_is_known_and_end_of_a_connection_is_not() -> None:
    """A length that is no number is none."""
    assert announced(200, {"transfer-encoding": "Chunked"}).is_framed
    assert not announced(200, {}).is_framed
    assert not announced(200, {"content-length": "-5"}).is_framed


def test_packing_is_told() -> None:
    """'identity' is none."""
    assert announced(200, {"content-encoding": "GZIP"}).encoding == "gzip"
    assert announced(200, {"content-encoding": "identity"}).encoding == ""

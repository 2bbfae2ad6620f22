"""How cells are read."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.meaning import cells
from churn_saver.domain.names import clean_name
from churn_saver.errors import InputError


def read(reader: cells.Reader, *texts: str | None) -> tuple[list[object], list[bool]]:
    """Read cells and tell which could not be read."""
    values, bad = reader(pl.Series(texts, dtype=pl.String))
    return values.to_list(), bad.to_list()


def slowly(text: str) -> object:
    """Read an instant as the standard library does; what it refuses is the word bad."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return "bad" if text.strip() else None


DAY = st.sampled_from(
    ["2025-01-31", "2024-02-29", "2025-02-29", "1999-12-31", "0001-01-01", "9999-12-31", "20250131"]
)
CLOCK = st.sampled_from(
    ["", "T09:30", " 09:30:00", "T23:59:59", "T24:00:00", "T09:30:60", "t09:30:00", "T093000"]
)
ZONE = st.sampled_from(["", "Z", "+01:00", "-05:30", "+24:00", "+0100", ".5", ".123456+14:00", "-00:00", " "])


@given(st.lists(st.tuples(DAY, CLOCK, ZONE).map("".join), min_size=1, max_size=6))
def test_instants_are_read_as_the_standard_library_does(texts: list[str]) -> None:
    """The fast way and the slow way agree about every cell."""
    values, bad = read(cells.read_instant, *texts)

    assert ["bad" if unreadable else value for value, unreadable in zip(values, bad, strict=True)] == [
        slowly(text) for text in texts
    ]


@pytest.mark.parametrize(
    "name", ["Percent Off", "Dlscount", "Free Coupon", "One Two Three Four Five Six Seven"]
)
def test_name_that_reads_like_an_offer_is_refused_though_it_is_plain(name: str) -> None:
    """What `clean_name` refuses is refused in a table too."""
    with pytest.raises(InputError, match="reads like"):
        clean_name(name)
    assert read(cells.read_person, name, "Sam") == ([None, "Sam"], [True, False])


@given(st.lists(st.text(st.sampled_from("abcoffdlsuntIi '-."), max_size=12), min_size=1, max_size=4))
def test_names_are_read_as_the_domain_does(names: list[str]) -> None:
    """The fast way and the slow way agree about every name."""
    expected: list[object] = []
    for name in names:
        try:
            expected.append(clean_name(name.strip()) if name.strip() else None)
        except InputError:
            expected.append("bad")

    values, bad = read(cells.read_person, *names)

    assert ["bad" if b else value for value, b in zip(values, bad, strict=True)] == expected


def test_number_with_spaces_around_it_is_read_beside_plain_ones() -> None:
    """Only what is not plain is looked at twice."""
    assert read(cells.read_number, "1", " 2 ", "", " ", None, "x", "1e400") == (
        [1.0, 2.0, None, None, None, None, float("inf")],
        [False, False, False, False, False, True, False],
    )


def test_id_of_any_letters_is_read() -> None:
    """Plain ids come as they are, others are stripped and looked through."""
    assert read(cells.read_id, "a1", "b-2") == (["a1", "b-2"], [False, False])
    assert read(cells.read_id, "a1", " é ", "a\u200bb", None) == (
        ["a1", "é", None, None],
        [False, False, True, False],
    )
    assert read(cells.read_id, "Jose\u0301", "\u0958" * 65) == (["Jos\u00e9", None], [False, True])


def test_passage_is_measured_in_characters() -> None:
    """Not in bytes."""
    assert read(cells.passage_reader(3), "ééé", "éééé", "abc", "abcd")[1] == [False, True, False, True]


def test_passage_keeps_its_spaces() -> None:
    """Blank is nothing; a NUL is no text."""
    assert read(cells.passage_reader(5), " a\n", " \n", None, "a\x00") == (
        [" a\n", None, None, "a\x00"],
        [False, False, False, True],
    )


@pytest.mark.parametrize(
    ("text", "is_bad"),
    [
        ("Hello {name}, {offer} off {duration} until {valid_until}", False),
        ("no slot\nat all", False),
        ("{ name }", True),
        ("{nam}", True),
        ("{name", True),
        ("name}", True),
        ("{{name}}", True),
        ("{}", True),
    ],
)
def test_draft_has_known_slots_only(text: str, is_bad: bool) -> None:
    """Every brace belongs to a slot."""
    assert read(cells.draft_reader(100), text)[1] == [is_bad]


def test_pattern_matches_the_whole_cell() -> None:
    """Alternatives in it too."""
    assert read(cells.read_matching("a|bc"), "a", " bc ", "abc", "", None)[1] == [
        False,
        False,
        True,
        False,
        False,
    ]


def test_word_reader_folds_case_and_pandas_floats() -> None:
    """A spelling is looked up folded; 1.0 is 1."""
    reader = cells.word_reader({"1": "yes", "two words": "no"})

    assert read(reader, " 1.0", "TWO  words", "", "3") == (
        ["yes", "no", None, None],
        [False, False, False, True],
    )

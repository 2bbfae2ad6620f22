"""What one column may hold."""

from datetime import UTC, datetime

import polars as pl
import pytest
from pandera.errors import SchemaErrors

from churn_saver.data.meaning import columns
from churn_saver.domain.customer import FIELDS, Field


def read(column: columns.Column, *cells: str | None) -> tuple[list[object], list[bool]]:
    """Read cells and tell which could not be read."""
    values, unreadable = column.read(pl.Series(cells, dtype=pl.String))
    return values.to_list(), unreadable.to_list()


@pytest.mark.parametrize("entry", FIELDS, ids=lambda entry: entry.name)
def test_every_field_of_the_domain_has_a_column(entry: Field) -> None:
    """Bounds, words, spellings and aliases are those of the domain's list."""
    column = columns.field(entry.name)

    assert (column.wanted, column.aliases) == (entry.wanted, entry.aliases)
    for spelling, word in entry.synonyms.items():
        assert read(column, spelling.upper()) == ([word], [False])


def test_number_reads_what_is_one_and_nothing_else() -> None:
    """Blank is not a fault of reading; decimal commas, units and underscores are."""
    column = columns.number("x", "a number", 0, 10)

    assert read(column, " 1.5 ", "1e1", "", None, "1,5", "$3", "1_0", "0x1") == (
        [1.5, 10.0, None, None, None, None, None, None],
        [False, False, False, False, True, True, True, True],
    )


def breaks(column: columns.Column, values: list[float | None]) -> list[int]:
    """Rows that the column's schema refuses."""
    frame = pl.DataFrame({column.name: pl.Series(values, dtype=pl.Float64)})
    try:
        columns.schema_of([column]).validate(frame, lazy=True)
    except SchemaErrors as error:
        return sorted(set(error.failure_cases["index"].to_list()))
    return []


def test_number_stays_within_bounds() -> None:
    """Both ends belong to it; NaN and infinity do not."""
    nan, inf = float("nan"), float("inf")

    assert breaks(columns.number("x", "", 0, 10), [0, 10, None, -1e-9, 10.1, nan, inf, -inf]) == [
        3,
        4,
        5,
        6,
        7,
    ]


def test_number_may_leave_out_its_low_end_or_be_whole() -> None:
    """A propensity of 0 and half a contact are refused."""
    assert breaks(columns.number("x", "", 0, 1, include_low=False), [0, 1e-9, 1]) == [0]
    assert breaks(columns.number("x", "", 0, 9, whole=True), [0, 2, 2.5, None, 9]) == [2]


def test_required_column_has_no_blank() -> None:
    """Unless the table says that it may."""
    column = columns.number("x", "", 0, 1)

    assert breaks(columns.required(column), [0, None]) == [1]
    assert breaks(columns.required(column, blank_ok=True), [0, None]) == []


def test_word_of_a_pandas_float_is_read() -> None:
    """1.0 is what pandas makes of 1 when a neighbour is missing."""
    assert read(columns.field("senior_citizen"), "1.0", "0.0", "1", "No", "2.0") == (
        ["yes", "no", "yes", "no", None],
        [False, False, False, False, True],
    )


def test_flag_and_yes_or_no_read_the_same_words() -> None:
    """One gives 0 and 1, the other words."""
    cells = ("0", "1", "YES", "no", "true", "1.0", "2", "", "y")
    bad = [False, False, False, False, False, False, True, False, True]

    assert read(columns.flag("x"), *cells) == ([0, 1, 1, 0, 1, 1, None, None, None], bad)
    assert read(columns.yes_or_no("x"), *cells)[0] == [
        "no",
        "yes",
        "yes",
        "no",
        "yes",
        "yes",
        None,
        None,
        None,
    ]


def test_id_is_stripped_and_bounded() -> None:
    """128 characters pass, 129 and invisible ones do not."""
    values, unreadable = read(columns.identifier("id"), " C1 ", "x" * 128, "x" * 129, "a\u202eb", "a\tb", "")

    assert values == ["C1", "x" * 128, None, None, None, None]
    assert unreadable == [False, False, True, True, True, False]


def test_name_is_cleaned_by_the_domain() -> None:
    """Plain names pass as they are, odd ones are cleaned, what is no name is refused."""
    values, unreadable = read(
        columns.person("name"), " Sam ", "O'Brien", "Zoë", "Jean\u200b-Luc", "\u200b", "<b>", "x" * 81, None
    )

    assert values == ["Sam", "O'Brien", "Zoë", "Jean-Luc", None, None, None, None]
    assert unreadable == [False, False, False, False, False, True, True, False]


def test_zone_is_one_of_iana() -> None:
    """A city alone or an offset is not a zone."""
    assert read(columns.zone("z"), "Europe/Berlin", "Berlin", "+01:00", "") == (
        ["Europe/Berlin", None, None, None],
        [False, True, True, False],
    )


def test_instant_is_utc() -> None:
    """09:30 at +01:00 is 08:30 UTC; no zone means UTC; a date is its midnight."""
    values, unreadable = read(
        columns.instant("at"), "2025-01-31T09:30:00+01:00", "2025-01-31 09:30", "2025-01-31", "31.1.2025",
        "0001-01-01T00:00:00+05:00", "",
    )  # fmt: skip

    assert values == [
        datetime(2025, 1, 31, 8, 30, tzinfo=UTC),
        datetime(2025, 1, 31, 9, 30, tzinfo=UTC),
        datetime(2025, 1, 31, tzinfo=UTC),
        None,
        None,
        None,
    ]
    assert unreadable == [False, False, False, True, True, False]


def test_offer_column_of_fractions_is_refused_as_a_whole() -> None:
    """0.05 must not be taken for 0.05 per cent; one value above 1 shows that per cent are meant."""
    column = columns.offer_percent("offer_pct")

    assert "whole per cent, 0, 5, 10, 15" in str(column.refuses(pl.Series([0.05, 0.1, None, 0.0])))
    assert column.refuses(pl.Series([0.05, 10.0])) is None
    assert column.refuses(pl.Series([], dtype=pl.Float64)) is None
    assert breaks(column, [0, 5, 10, 15, 20, 0.05]) == [4, 5]


@pytest.mark.parametrize(
    ("values", "is_refused", "clears"),
    [
        ([0.0, 0.0, None], False, False),
        ([0.0, 0.05], True, False),
        ([1.0], True, False),
        ([0.05, 5.0], False, True),
        ([-1.0, 0.5], False, True),
        ([None], False, False),
    ],
)
def test_offers_are_refused_when_they_look_like_fractions(
    values: list[float | None], is_refused: bool, clears: bool
) -> None:
    """All within 0 and 1, and one above 0; nothing but 0 says that no discount was ever offered."""
    column = columns.offer_percent("offer_pct")
    typed = pl.Series(values, dtype=pl.Float64)

    assert (column.refuses(typed) is not None, column.clears(typed)) == (is_refused, clears)

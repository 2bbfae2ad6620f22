"""What one column of a table may hold: how its cells are read, and the pandera rules they must pass.

Numbers, words and bounds of customer fields come from `domain.customer.FIELDS`, the only place
where they are defined; this module adds the few columns that are no field of a customer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeAlias
from zoneinfo import available_timezones

import pandera.polars as pa
import polars as pl

from churn_saver.domain.action import OFFER_PERCENTS
from churn_saver.domain.customer import (
    FIELD_BY_NAME,
    MAX_ID_LENGTH,
    word_codes,
    word_key,
)
from churn_saver.domain.names import MAX_NAME_LENGTH, clean_name
from churn_saver.errors import InputError

Reading: TypeAlias = tuple[pl.Series, pl.Series]
"""Typed values, and which cells could not be read (a blank one is not among them)."""
Reader: TypeAlias = Callable[[pl.Series], Reading]

_FLAGS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "no": 0, "yes": 1, "false": 0, "true": 1}
_PLAIN_NAME = r"^[A-Za-z]+([ '-][A-Za-z]+)*$"
_INSTANT = pl.Datetime("us", "UTC")


def _nothing_refused(_typed: pl.Series) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    wanted: str
    """What a valid cell is, for error messages."""
    dtype: pl.DataType | type[pl.DataType]
    read: Reader
    rules: tuple[pa.Check, ...] = ()
    aliases: tuple[str, ...] = ()
    required: bool = False
    """The table cannot do without the column."""
    blank_ok: bool = True
    unique: bool = False
    refuses: Callable[[pl.Series], str | None] = _nothing_refused
    """Says what is wanted when the column as a whole cannot be meant."""


def required(column: Column, blank_ok: bool = False) -> Column:
    """Make a column one that the table cannot do without."""
    return replace(column, required=True, blank_ok=blank_ok)


def schema_of(columns: Sequence[Column]) -> pa.DataFrameSchema:
    """Give the pandera schema of a typed frame; for eager frames (a lazy one is checked by type only)."""
    first_only = pa.Check(
        lambda data: data.lazyframe.select(pl.col(data.key).is_first_distinct() | pl.col(data.key).is_null()),
        name="unique",
    )
    return pa.DataFrameSchema(
        {
            column.name: pa.Column(
                column.dtype,
                [*column.rules, *([first_only] if column.unique else [])],
                nullable=column.blank_ok,
                required=column.required,
            )
            for column in columns
        },
        strict=True,
    )


def number(
    name: str, wanted: str, low: float, high: float, *, include_low: bool = True, whole: bool = False
) -> Column:
    """A finite number within bounds."""
    rules = [pa.Check.in_range(low, high, include_min=include_low)]
    if whole:
        rules.append(
            pa.Check(lambda data: data.lazyframe.select(pl.col(data.key).floor() == pl.col(data.key)))
        )
    return Column(name, wanted, pl.Float64, _read_number, tuple(rules))


def words(name: str, wanted: str, vocabulary: Sequence[str], spellings: Mapping[str, str]) -> Column:
    """One word of a vocabulary; `spellings` maps whatever is accepted, folded, to the word itself."""

    def word(cell: str) -> str:
        key = word_key(cell)
        # pandas turns 0 and 1 into 0.0 and 1.0 as soon as one of them is missing.
        return spellings[key] if key in spellings else spellings[key.removesuffix(".0")]

    return Column(name, wanted, pl.String, _reader_of(word, pl.String), (pa.Check.isin(list(vocabulary)),))


def field(name: str) -> Column:
    """A customer field, as `FIELDS` defines it."""
    entry = FIELD_BY_NAME[name]
    if not entry.words:
        return replace(number(name, entry.wanted, entry.low, entry.high), aliases=entry.aliases)
    spellings = {spelling: entry.words[code] for spelling, code in word_codes(entry).items()}
    return replace(words(name, entry.wanted, entry.words, spellings), aliases=entry.aliases)


def flag(name: str, aliases: tuple[str, ...] = ()) -> Column:
    """0 or 1; Yes and No are read as well."""
    read = _reader_of(lambda cell: _FLAGS[word_key(cell)], pl.Int8)
    return Column(name, "0 or 1 (No or Yes)", pl.Int8, read, (pa.Check.isin([0, 1]),), aliases)


def text(name: str) -> Column:
    """Any text, as it stands."""
    return Column(name, "a text that is not blank", pl.String, _reader_of(str, pl.String))


def yes_or_no(name: str) -> Column:
    """Yes or No, as the words `yes` and `no`."""
    spellings = {spelling: ("no", "yes")[value] for spelling, value in _FLAGS.items()}
    return words(name, "Yes or No", ("no", "yes"), spellings)


def identifier(name: str, aliases: tuple[str, ...] = (), unique: bool = True) -> Column:
    """An id, never blank, by default found once."""
    wanted = f"an id of 1 to {MAX_ID_LENGTH} characters, none of them invisible"
    rule = pa.Check.str_length(1, MAX_ID_LENGTH)
    return Column(name, wanted, pl.String, _read_id, (rule,), aliases, True, False, unique)


def person(name: str) -> Column:
    """A person's name, cleaned by `domain.names.clean_name`."""
    wanted = f"a plain name of at most {MAX_NAME_LENGTH} characters: no markup, digits or address"
    return Column(name, wanted, pl.String, _read_person)


def zone(name: str) -> Column:
    """An IANA time zone."""
    return Column(name, "an IANA time zone such as Europe/Berlin", pl.String, _read_zone)


def instant(name: str) -> Column:
    """An ISO date or time; one without a zone is taken as UTC."""
    return Column(
        name,
        "an ISO date or time such as 2025-01-31 or 2025-01-31T09:30:00+01:00",
        _INSTANT,
        _reader_of(_instant, _INSTANT),
    )


def offer_percent(name: str) -> Column:
    """A rung of the offer ladder, in whole per cent; a column of fractions is refused."""
    wanted = ", ".join(map(str, OFFER_PERCENTS))
    rule = pa.Check.isin([float(percent) for percent in OFFER_PERCENTS])

    def refuse_fractions(typed: pl.Series) -> str | None:
        known = typed.drop_nulls()
        if len(known) == 0 or not bool(known.is_between(0, 1).all()):
            return None
        return f"whole per cent, {wanted}: no value is above 1, as if they were fractions"

    return Column(name, f"one of {wanted}", pl.Float64, _read_number, (rule,), refuses=refuse_fractions)


def _stripped(cells: pl.Series) -> pl.Series:
    text = cells.str.strip_chars()
    return text.set(text == "", None)


def _read_number(cells: pl.Series) -> Reading:
    text = _stripped(cells)
    values = text.cast(pl.Float64, strict=False)
    return values, text.is_not_null() & values.is_null()


def _read_id(cells: pl.Series) -> Reading:
    text = _stripped(cells)
    bad = ((text.str.len_chars() > MAX_ID_LENGTH) | text.str.contains(r"\p{C}")).fill_null(False)
    return text.set(bad, None), bad


def _read_person(cells: pl.Series) -> Reading:
    text = _stripped(cells)
    plain = (text.str.contains(_PLAIN_NAME) & (text.str.len_chars() <= MAX_NAME_LENGTH)).fill_null(False)
    cleaned, bad = _reader_of(clean_name, pl.String)(text.set(plain, None))
    return cleaned.zip_with(~plain, text), bad


def _read_zone(cells: pl.Series) -> Reading:
    known = {zone: zone for zone in available_timezones()}
    return _reader_of(known.__getitem__, pl.String)(cells)


def _instant(cell: str) -> datetime:
    moment = datetime.fromisoformat(cell)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _reader_of(read_cell: Callable[[str], object], dtype: pl.DataType | type[pl.DataType]) -> Reader:
    """Read each distinct cell once, by a function that raises on a cell it cannot read."""

    def read(cells: pl.Series) -> Reading:
        text = _stripped(cells)
        values: dict[str, object] = {}
        bad = set()
        for cell in text.drop_nulls().unique().to_list():
            try:
                values[cell] = read_cell(cell)
            except (InputError, KeyError, ValueError, OverflowError):
                bad.add(cell)
        typed = pl.Series([values.get(cell) for cell in text.to_list()], dtype=dtype)
        if not bad:
            return typed, pl.repeat(False, len(text), dtype=pl.Boolean, eager=True)
        return typed, text.is_in(list(bad)).fill_null(False)

    return read

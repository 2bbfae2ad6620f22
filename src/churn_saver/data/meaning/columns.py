"""What one column of a table may hold: how its cells are read, and the pandera rules they must pass.

Numbers, words and bounds of customer fields come from `domain.customer.FIELDS`, the only place
where they are defined; this module adds the few columns that are no field of a customer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandera.polars as pa
import polars as pl

from churn_saver.data.meaning import cells
from churn_saver.data.meaning.cells import FLAGS, INSTANT, Reader, reader_of, word_reader
from churn_saver.domain.action import OFFER_PERCENTS
from churn_saver.domain.countries import WANTED_COUNTRY, country_code
from churn_saver.domain.customer import FIELD_BY_NAME, MAX_ID_LENGTH, word_codes, word_key
from churn_saver.domain.names import MAX_NAME_LENGTH

MAX_TEXT_LENGTH = 1_000_000


def nothing_refused(_typed: pl.Series) -> str | None:
    """Clear any column."""
    return None


def any_clears(_typed: pl.Series) -> bool:
    """Be content with any value."""
    return True


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
    refuses: Callable[[pl.Series], str | None] = nothing_refused
    """Says what is wanted when the column as a whole cannot be meant."""
    clears: Callable[[pl.Series], bool] = any_clears
    """Says whether the values of a part show that the column is meant; then `refuses` would not refuse the
    whole, whatever else it holds."""
    text_only: bool = False
    """In JSON and Parquet a number or a truth value is no valid cell."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What two or more cells of a row must agree on."""

    column: str
    """The column that a fault names."""
    wanted: str
    broken: pl.Expr
    """True where a row breaks the rule; null where it cannot be told."""


@dataclass(frozen=True, slots=True)
class Table:
    """A documented table."""

    name: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()


def required(column: Column, blank_ok: bool = False) -> Column:
    """Make a column one that the table cannot do without."""
    return replace(column, required=True, blank_ok=blank_ok)


def schema_of(columns: Sequence[Column]) -> pa.DataFrameSchema:
    """Give the pandera schema of a typed frame; for eager frames (a lazy one is checked by type only)."""
    return pa.DataFrameSchema(
        {
            column.name: pa.Column(
                column.dtype,
                list(column.rules),
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
    return Column(name, wanted, pl.Float64, cells.read_number, tuple(rules))


def words(name: str, wanted: str, vocabulary: Sequence[str], spellings: Mapping[str, str]) -> Column:
    """One word of a vocabulary; `spellings` maps whatever is accepted, folded, to the word itself."""
    return Column(name, wanted, pl.String, word_reader(spellings), (pa.Check.isin(list(vocabulary)),))


def one_of(name: str, *vocabulary: str) -> Column:
    """One word of a short list, in any case."""
    wanted = f"{', '.join(vocabulary[:-1])} or {vocabulary[-1]}"
    return words(name, wanted, vocabulary, {word: word for word in vocabulary})


def field(name: str) -> Column:
    """A customer field, as `FIELDS` defines it."""
    entry = FIELD_BY_NAME[name]
    if not entry.words:
        return replace(number(name, entry.wanted, entry.low, entry.high), aliases=entry.aliases)
    spellings = {spelling: entry.words[code] for spelling, code in word_codes(entry).items()}
    return replace(words(name, entry.wanted, entry.words, spellings), aliases=entry.aliases)


def flag(name: str, aliases: tuple[str, ...] = ()) -> Column:
    """0 or 1; Yes and No are read as well."""
    read = reader_of(lambda cell: FLAGS[word_key(cell)], pl.Int8)
    return Column(name, "0 or 1 (No or Yes)", pl.Int8, read, (pa.Check.isin([0, 1]),), aliases)


def text(name: str) -> Column:
    """Any text, white space around it taken off."""
    return Column(name, "a text that is not blank", pl.String, reader_of(str, pl.String))


def passage(name: str, most: int = MAX_TEXT_LENGTH) -> Column:
    """A text as it stands, spaces around it and all."""
    wanted = f"a text of 1 to {most:,} characters that is not blank"
    return Column(name, wanted, pl.String, cells.passage_reader(most), text_only=True)


def draft(name: str, most: int) -> Column:
    """A text whose slots are those of `domain.slots`."""
    wanted = f"a text of 1 to {most:,} characters, with no braces but {' '.join(cells.WRITTEN_SLOTS)}"
    return replace(passage(name, most), wanted=wanted, read=cells.draft_reader(most))


def matching(name: str, wanted: str, pattern: str) -> Column:
    """A text of a form that a pattern gives."""
    return Column(name, wanted, pl.String, cells.read_matching(pattern), text_only=True)


def yes_or_no(name: str) -> Column:
    """Yes or No, as the words `yes` and `no`."""
    spellings = {spelling: ("no", "yes")[value] for spelling, value in FLAGS.items()}
    return words(name, "Yes or No", ("no", "yes"), spellings)


def identifier(name: str, aliases: tuple[str, ...] = (), unique: bool = True) -> Column:
    """An id, never blank, by default found once."""
    wanted = f"an id of 1 to {MAX_ID_LENGTH} characters, none of them invisible"
    rule = pa.Check.str_length(1, MAX_ID_LENGTH)
    return Column(name, wanted, pl.String, cells.read_id, (rule,), aliases, True, False, unique)


def person(name: str) -> Column:
    """A person's name, cleaned by `domain.names.clean_name`."""
    wanted = f"a plain name of at most {MAX_NAME_LENGTH} characters: no markup, digits or address"
    return Column(name, wanted, pl.String, cells.read_person, text_only=True)


def zone(name: str) -> Column:
    """An IANA time zone."""
    wanted = "an IANA time zone such as Europe/Berlin"
    return Column(name, wanted, pl.String, cells.read_zone, text_only=True)


def country(name: str) -> Column:
    """A country, by its code."""
    return Column(name, WANTED_COUNTRY, pl.String, reader_of(country_code, pl.String), text_only=True)


def instant(name: str) -> Column:
    """An ISO date or time; one without a zone is taken as UTC."""
    wanted = "an ISO date or time such as 2025-01-31 or 2025-01-31T09:30:00+01:00"
    return Column(name, wanted, INSTANT, cells.read_instant, text_only=True)


def offer_percent(name: str) -> Column:
    """A rung of the offer ladder, in whole per cent; a column of fractions is refused.

    A column of nothing but 0 is fine: no discount was ever offered.
    """
    wanted = ", ".join(map(str, OFFER_PERCENTS))
    rule = pa.Check.isin([float(percent) for percent in OFFER_PERCENTS])

    def is_no_fraction(typed: pl.Series) -> bool:
        return not bool(typed.drop_nulls().is_between(0, 1).all())

    def refuse_fractions(typed: pl.Series) -> str | None:
        if is_no_fraction(typed) or not bool((typed.drop_nulls() > 0).any()):
            return None
        return f"whole per cent, {wanted}: no value is above 1, as if they were fractions"

    refusing = Column(name, f"one of {wanted}", pl.Float64, cells.read_number, (rule,))
    return replace(refusing, refuses=refuse_fractions, clears=is_no_fraction)

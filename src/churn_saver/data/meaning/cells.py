"""How the cells of one column are read: strings in, typed values and unreadable cells out.

Knows no table and no rule of a column. What costs time for each cell is done by polars; Python
reads each distinct cell once, and only where polars could not be sure to agree with it.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias
from zoneinfo import available_timezones

import polars as pl

from churn_saver.domain.customer import MAX_ID_LENGTH, word_key
from churn_saver.domain.names import MAX_NAME_LENGTH, clean_name
from churn_saver.domain.slots import SLOTS
from churn_saver.errors import InputError

Reading: TypeAlias = tuple[pl.Series, pl.Series]
"""Typed values, and which cells could not be read (a blank one is not among them)."""
Reader: TypeAlias = Callable[[pl.Series], Reading]

FLAGS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "no": 0, "yes": 1, "false": 0, "true": 1}
INSTANT = pl.Datetime("us", "UTC")
_PLAIN_ID = rf"^[!-~]{{1,{MAX_ID_LENGTH}}}$"
_PLAIN_NAME = r"^[A-Za-z]+([ '-][A-Za-z]+){0,5}$"
_HOUR = r"(?:[01]\d|2[0-3]):[0-5]\d"
_SHORT_ISO = rf"^(?:19|20)\d\d-\d\d-\d\d(?:[T ]{_HOUR}:[0-5]\d(?:Z|[+-]{_HOUR})?)?$"
"""The usual ways to write an instant: polars and `datetime.fromisoformat` agree about these."""
WRITTEN_SLOTS = tuple(f"{{{slot}}}" for slot in SLOTS)
_DRAFT = rf"^(?:[^{{}}]|\{{(?:{'|'.join(SLOTS)})\}})*$"


def read_number(cells: pl.Series) -> Reading:
    """Read numbers as `1234.5` or `1e3`, with nothing around them but white space."""
    values = cells.cast(pl.Float64, strict=False)
    rest = (values.is_null() & cells.is_not_null()).arg_true()
    bad = pl.repeat(False, len(cells), dtype=pl.Boolean, eager=True)
    if len(rest):
        text = _stripped(cells[rest])
        again = text.cast(pl.Float64, strict=False)
        values, bad = values.scatter(rest, again), bad.scatter(rest, text.is_not_null() & again.is_null())
    return values, bad


def read_id(cells: pl.Series) -> Reading:
    """Read ids as `checked_id` does: bounded, in one spelling, every sign of it to be seen."""
    if cells.str.contains(_PLAIN_ID).all(ignore_nulls=False):
        return cells, pl.repeat(False, len(cells), dtype=pl.Boolean, eager=True)
    text = _stripped(cells).str.normalize("NFC")
    bad = ((text.str.len_chars() > MAX_ID_LENGTH) | text.str.contains(r"\p{C}")).fill_null(False)
    return text.set(bad, None), bad


def read_person(cells: pl.Series) -> Reading:
    """Read names by `clean_name`; those that it would leave as they are never get there."""
    text = _stripped(cells)
    # i and l are one letter to clean_name, and it must see whatever could hold a word of offers.
    letters = text.str.to_lowercase().str.replace_all("i", "l", literal=True)
    plain = text.str.contains(_PLAIN_NAME) & (text.str.len_chars() <= MAX_NAME_LENGTH)
    plain = (plain & ~letters.str.contains(_OFFER)).fill_null(False)
    cleaned, bad = reader_of(clean_name, pl.String)(text.set(plain, None))
    return cleaned.zip_with(~plain, text), bad


_OFFER = "off|percent|dlscount|refund|coupon|voucher|guaranteed"
"""In each word of offers that `domain.names` refuses."""


def read_zone(cells: pl.Series) -> Reading:
    """Read IANA time zones."""
    known = {zone: zone for zone in available_timezones()}
    return reader_of(known.__getitem__, pl.String)(cells)


def read_instant(cells: pl.Series) -> Reading:
    """Read ISO dates and times; one without a zone is taken as UTC."""
    usual = cells.str.contains(_SHORT_ISO).fill_null(False)
    text = cells.set(~usual, None)
    clock = text.str.slice(0, 10) + "T" + text.str.slice(11, 8).replace("", "00:00:00")
    local = clock.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us", time_zone="UTC")
    zone = text.str.slice(19)
    if zone.str.len_bytes().max() == len("+00:00"):
        minutes = zone.str.slice(1, 2).cast(pl.Int64, strict=False) * 60
        minutes += zone.str.slice(4, 2).cast(pl.Int64, strict=False)
        ahead = minutes * zone.str.starts_with("-").replace_strict(
            {True: -1, False: 1}, return_dtype=pl.Int64
        )
        local = local - (ahead.fill_null(0) * 60_000_000).cast(pl.Duration("us"))
    rest = (local.is_null() & cells.is_not_null()).arg_true()
    bad = pl.repeat(False, len(cells), dtype=pl.Boolean, eager=True)
    if len(rest):
        read, unread = reader_of(_instant, INSTANT)(cells[rest])
        local, bad = local.scatter(rest, read), bad.scatter(rest, unread)
    return local, bad


def passage_reader(most: int) -> Reader:
    """Take texts of so many characters as they stand, spaces and all; a NUL makes one unreadable."""

    def read(cells: pl.Series) -> Reading:
        filled = cells.str.contains(r"\S")
        text = cells if filled.all() else cells.set(~filled, None)
        # Bytes are never fewer than characters, and counted in no time.
        long = text.str.len_bytes() > most
        if long.any():
            long &= text.str.len_chars() > most
        return text, (long | text.str.contains("\x00", literal=True)).fill_null(False)

    return read


def draft_reader(most: int) -> Reader:
    """Take texts of so many characters whose braces are those of known slots."""
    passage = passage_reader(most)

    def read(cells: pl.Series) -> Reading:
        text, bad = passage(cells)
        return text, bad | ~text.str.contains(_DRAFT).fill_null(True)

    return read


def read_matching(pattern: str) -> Reader:
    """Take cells that match a pattern as a whole, white space around them taken off."""

    def read(cells: pl.Series) -> Reading:
        text = _stripped(cells)
        return text, ~text.str.contains(f"^(?:{pattern})$").fill_null(True)

    return read


def word_reader(spellings: Mapping[str, str]) -> Reader:
    """Read each cell as the word that its spelling, folded, stands for."""

    def word(cell: str) -> str:
        key = word_key(cell)
        # pandas turns 0 and 1 into 0.0 and 1.0 as soon as one of them is missing.
        return spellings[key] if key in spellings else spellings[key.removesuffix(".0")]

    return reader_of(word, pl.String)


def reader_of(read_cell: Callable[[str], object], dtype: pl.DataType | type[pl.DataType]) -> Reader:
    """Read each distinct cell once, by a function that raises on a cell it cannot read."""

    def read(cells: pl.Series) -> Reading:
        distinct = cells.drop_nulls().unique()
        values: dict[str, object] = {}
        bad = []
        for cell, text in zip(distinct.to_list(), _stripped(distinct).to_list(), strict=True):
            try:
                values[cell] = None if text is None else read_cell(text)
            except (InputError, KeyError, ValueError, OverflowError):
                bad.append(cell)
        typed = pl.Series(list(values.values()), dtype=dtype)
        old = pl.Series(list(values), dtype=pl.String)
        read_as = cells.replace_strict(old, typed, default=None, return_dtype=dtype)
        return read_as, cells.is_in(bad).fill_null(False)

    return read


def _stripped(cells: pl.Series) -> pl.Series:
    text = cells.str.strip_chars()
    return text.set(text == "", None)


def _instant(cell: str) -> datetime:
    moment = datetime.fromisoformat(cell)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

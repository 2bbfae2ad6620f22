"""What customers were at a decision, out of its record, as the columns of the documented tables.

A number that the service held as 32 bits leaves as 32 bits: it is written short, and read back as the same
bits. Words leave as words.
"""

import polars as pl

from churn_saver.domain.customer import FIELD_BY_NAME, FIELDS
from churn_saver.domain.logbook import Logbook
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.evidence.decision_columns import inputs


def known(book: Logbook) -> pl.DataFrame:
    """Give what was known at each decision, (n, any); of those who were erased nothing.

    Raises:
        InputError: the books hold something that is no record of a decision.
    """
    found = inputs(book)
    # A frame without columns has no rows either.
    return (
        found if found.width else pl.DataFrame({"bill_minor": [None] * len(book)}, {"bill_minor": pl.Float64})
    )


def recorded_fields(told: pl.DataFrame) -> pl.DataFrame:
    """Give the fields of customers, in the order of `FIELDS`; what was known of none has no column.

    Shapes: told (n, any), as `known` gives it → (n, fields).
    """
    columns = [known_column(told[name]) for name in FIELD_BY_NAME if name in told.columns]
    return pl.DataFrame([column for column in columns if column.null_count() < len(column)])


def known_column(column: pl.Series) -> pl.Series:
    """Give one column of what was known: a field of words as words, other fields as 32 bits, others as is."""
    entry = FIELD_BY_NAME.get(column.name)
    if entry is None:
        return column
    if not entry.words:
        return column.cast(pl.Float32)
    codes = list(range(len(entry.words)))
    return column.cast(pl.Int64).replace_strict(codes, list(entry.words), return_dtype=pl.String)


def spend(told: pl.DataFrame) -> pl.Series:
    """Give the monthly spend, currency units: as it was sent, else the bill that stood for it, (n,)."""
    bill = (told["bill_minor"] / MINOR_PER_UNIT).cast(pl.Float32).alias("monthly_spend")
    if "monthly_spend" not in told.columns:
        return bill
    sent = told["monthly_spend"].cast(pl.Float32)
    return sent.zip_with(sent.is_not_null(), bill)


def complete(fields: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """Add columns that a table cannot do without, blank, and put all in the order of `FIELDS`."""
    blank = {
        name: pl.lit(None, dtype=pl.String if FIELD_BY_NAME[name].words else pl.Float32)
        for name in names
        if name not in fields.columns
    }
    whole = fields.with_columns(**blank)
    return whole.select(entry.name for entry in FIELDS if entry.name in whole.columns)

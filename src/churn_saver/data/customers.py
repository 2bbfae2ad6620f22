"""A checked customer table → `domain.customer.Customers`.

Knows nothing of files and faults: the frame has passed `tables.CUSTOMERS` already.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.domain.customer import FIELD_BY_NAME, Customers, Field
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.errors import InputError

_DECIMALS_KEPT = 6
"""Decimals of a minor unit that count before rounding: finer ones are noise of binary fractions
(89.995 × 100 is 8999.499999999998, meant is 8999.5)."""


def to_customers(frame: pl.DataFrame) -> Customers:
    """Turn checked rows into the columns that the core works on.

    Shapes: frame (n, columns) → columns of n.
    Units: monthly_spend in currency units → bill in minor units, half a minor unit rounding up.

    Args:
        frame: `Checked.frame` of a customer table; columns that are absent stay absent.

    Raises:
        InputError: the frame lacks the id or the bill, so it is not a checked customer table.
    """
    for name in ("customer_id", "monthly_spend"):
        if name not in frame.columns:
            raise InputError(
                f"the frame has columns {frame.columns}, wanted {name!r} too: read it with tables.read"
            )
    nothing: list[None] = [None] * frame.height
    return Customers(
        ids=frame["customer_id"].to_list(),
        names=frame["name"].to_list() if "name" in frame.columns else nothing,
        bill_minor=_minor(frame["monthly_spend"].to_numpy()),
        fields={
            name: _codes(frame[name], entry) for name, entry in FIELD_BY_NAME.items() if name in frame.columns
        },
        churn_risk=_floats(frame, "churn_risk"),
        contacts_last_7d=_floats(frame, "contacts_last_7d"),
        days_since_last_contact=_floats(frame, "days_since_last_contact"),
        time_zones=frame["time_zone"].to_list() if "time_zone" in frame.columns else nothing,
        countries=frame["country"].to_list() if "country" in frame.columns else nothing,
        channels=frame["channel"].to_list() if "channel" in frame.columns else nothing,
        opted_in=(frame["opted_in"] == "yes").to_list() if "opted_in" in frame.columns else nothing,
    )


def _minor(units: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.floor(np.round(units * MINOR_PER_UNIT, _DECIMALS_KEPT) + 0.5).astype(np.int64)


def _codes(column: pl.Series, entry: Field) -> NDArray[np.float32]:
    if entry.words:
        codes = pl.Series(range(len(entry.words)), dtype=pl.Float32)
        column = column.replace_strict(pl.Series(entry.words), codes, default=None, return_dtype=pl.Float32)
    return column.cast(pl.Float32).fill_null(np.nan).to_numpy()


def _floats(frame: pl.DataFrame, name: str) -> NDArray[np.float64]:
    if name not in frame.columns:
        return np.full(frame.height, np.nan)
    return frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()

"""The columns of a logbook as evidence reads them: days, first decisions, inputs, groups.

Days count from the campaign's start. What a customer was scored on is read back from the books' JSON
as it was at the decision; word fields come back as their words where groups are asked for. Knows
nothing of what is then compared.
"""

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.domain.customer import FIELD_BY_NAME
from churn_saver.domain.logbook import Logbook, Moments
from churn_saver.errors import InputError

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Rows: TypeAlias = NDArray[np.int64]

SCORES = ("churn_risk", "accept_prob")
_DAY = np.timedelta64(1, "D")
_UNREADABLE = (
    "what the customers of the campaign were scored on is no JSON object a decision: churn-saver ledger "
    "verify names the decision that was changed"
)


def days(logbook: Logbook, moments: Moments) -> Floats:
    """Give moments in days since the campaign's start; NaN: not. Shapes: (n,) → (n,)."""
    start = moment_of(logbook.campaign.starts_at)
    return np.where(np.isnat(moments), np.nan, (moments - start) / _DAY)


def day_of(logbook: Logbook, at: datetime) -> float:
    """Give one moment, aware, in days since the campaign's start."""
    return float((moment_of(at) - moment_of(logbook.campaign.starts_at)) / _DAY)


def moment_of(at: datetime) -> np.datetime64:
    """Give a moment, aware, as the columns of a logbook have it."""
    return np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")


def first_rows(logbook: Logbook, inside: Flags) -> Rows:
    """Give the row of each customer's first decision among those inside, rising.

    Shapes: inside (n,) → (customers,).
    """
    rows = np.flatnonzero(inside)
    # The logbook's order is the oldest first, and `unique` gives where a value stands first.
    return np.sort(rows[np.unique(logbook.customer[rows], return_index=True)[1]])


def bills(logbook: Logbook, rows: Rows) -> Floats:
    """Give what customers paid a month when it was decided about them, minor units, (m,); NaN: not on record.

    Args:
        logbook: n decisions.
        rows: Those that are asked for, (m,).
    """
    told = (logbook.features[row] for row in rows.tolist())
    found = (None if one is None else json.loads(one).get("bill_minor") for one in told)
    return np.array([np.nan if bill is None else float(bill) for bill in found])


def inputs(logbook: Logbook) -> pl.DataFrame:
    """Give what was known of the customers at each decision, (n, k): numbers and words, null where not.

    Rows of customers who were erased hold nothing.

    Raises:
        InputError: the books hold something else than JSON objects there.
    """
    if not len(logbook):
        return pl.DataFrame()
    lines = "\n".join(one or "{}" for one in logbook.features).encode()
    try:
        frame = pl.read_ndjson(io.BytesIO(lines), infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        raise InputError(_UNREADABLE) from error
    if frame.height != len(logbook):
        raise InputError(_UNREADABLE)
    return frame.select(name for name, kind in frame.schema.items() if kind != pl.Null)


def with_scores(logbook: Logbook, found: pl.DataFrame, ignored: Sequence[str]) -> pl.DataFrame:
    """Put the scores behind the inputs that are looked at, (n, k).

    Args:
        logbook: n decisions.
        found: From `inputs`.
        ignored: Inputs left out.
    """
    scores = pl.DataFrame({name: getattr(logbook, name) for name in SCORES}).fill_nan(None)
    kept = found.drop([name for name in (*ignored, *SCORES) if name in found.columns])
    # A frame without columns has forgotten how many rows it had.
    return kept.hstack(scores.get_columns()) if kept.width else scores


def groups(column: pl.Series) -> list[str | None]:
    """Give a column as the names of groups, (n,): words as words, whole numbers without a fraction."""
    entry = FIELD_BY_NAME.get(column.name)
    words = entry.words if entry is not None and column.dtype.is_numeric() else ()
    return [_named(value, words) for value in column.to_list()]


def _named(value: object, words: Sequence[str]) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, float):
        if value != value:
            return None
        value = int(value) if value.is_integer() else value
    if words and isinstance(value, int) and 0 <= value < len(words):
        return words[value]
    return str(value)

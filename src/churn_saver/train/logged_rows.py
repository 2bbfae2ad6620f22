"""What rows of a log tell of how they came about: when, by which chances, and who was contacted.

A company's own table may lack any of these columns; then it does not tell.
"""

from datetime import datetime
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.errors import InputError

Floats = NDArray[np.float64]


def propensity_of(frame: pl.DataFrame, file: str) -> Floats | None:
    """Give the chance that each offer was made, (n,); None: not logged, or nothing was left to chance.

    Raises:
        InputError: some rows have one and some not.
    """
    if not _has(frame, "propensity") or _is_certain(frame):
        return None
    blank = frame["propensity"].null_count()
    if blank:
        raise InputError(
            f"{file} has {blank} rows without a propensity and {frame.height - blank} with one, wanted "
            f"all or none: fill the column, or leave it out and read the model as associational"
        )
    return frame["propensity"].cast(pl.Float64).to_numpy()


def said_of(frame: pl.DataFrame) -> tuple[str, tuple[str, ...]]:
    """Give what the rows tell, in a few words, and what they cannot show."""
    words, notes = [], []
    if _has(frame, "logged_at"):
        moments = frame["logged_at"]
        first, last = (cast(datetime, one).strftime("%Y-%m-%d") for one in (moments.min(), moments.max()))
        words.append(f"logged {first} to {last}")
    if _has(frame, "propensity"):
        low, high = (cast(float, one) for one in (frame["propensity"].min(), frame["propensity"].max()))
        words.append(f"propensity {low:.3g} to {high:.3g}")
    if _has(frame, "contacted") and (count := int(frame["contacted"].fill_null(0).sum())):
        words.append(f"{count:,} of {frame.height:,} contacted")
        notes.append(f"contacted customers: {count:,}; theirs is the risk of a contacted customer")
    if _has(frame, "propensity") and "offer_pct" in frame.columns and _is_certain(frame):
        notes.append(
            "every offer was certain (propensity 1), so the offers cannot be told from the customers"
        )
    return ", ".join(words), tuple(notes)


def _has(frame: pl.DataFrame, name: str) -> bool:
    return name in frame.columns and frame[name].null_count() < frame.height


def _is_certain(frame: pl.DataFrame) -> bool:
    """Say whether every row was certain: then weights prove nothing."""
    return bool((frame["propensity"] == 1).all(ignore_nulls=False))

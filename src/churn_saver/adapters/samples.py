"""Pick the messages that a report shows. Pure: the same decisions give the same samples."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from churn_saver.domain.action import OFFER_PERCENTS
from churn_saver.domain.slots import long_date

SAMPLES = 8


@dataclass(frozen=True, slots=True)
class Sample:
    """One message as it goes out."""

    customer_id: str
    percent: int
    message: str
    churn_risk: float | None
    expected_value: float | None
    valid_until: str | None


def samples(frame: pl.DataFrame, most: int = SAMPLES) -> list[Sample]:
    """Pick messages that show every offer, spread over the churn risk, no text twice.

    Args:
        frame: Decisions.
        most: How many at most.
    """
    columns = ["customer_id", "offer_percentage", "message", "churn_risk", "expected_value", "valid_until"]
    texts = (
        frame.filter(pl.col("contact") & pl.col("message").is_not_null())
        .select(pl.col(name) if name in frame.columns else pl.lit(None).alias(name) for name in columns)
        .unique("message", keep="first", maintain_order=True)
        .sort("churn_risk", "customer_id", descending=[True, False], nulls_last=True)
    )
    by_offer = [texts.filter(pl.col("offer_percentage") == percent) for percent in OFFER_PERCENTS]
    shares = _shared_out([len(part) for part in by_offer], most)
    picked = [
        part[np.linspace(0, len(part) - 1, share).round().astype(np.int64).tolist()]
        for part, share in zip(by_offer, shares, strict=True)
        if share
    ]
    return [_sample(row) for part in picked for row in part.iter_rows(named=True)]


def _sample(row: Mapping[str, Any]) -> Sample:
    def known(figure: float | None) -> float | None:
        return figure if figure is not None and math.isfinite(figure) else None

    return Sample(
        customer_id=row["customer_id"],
        percent=row["offer_percentage"],
        message=row["message"],
        churn_risk=known(row["churn_risk"]),
        expected_value=known(row["expected_value"]),
        valid_until=long_date(row["valid_until"]) if row["valid_until"] else None,
    )


def _shared_out(available: Sequence[int], most: int) -> list[int]:
    """Share a number out evenly, one each in turn, nobody above what is available."""
    shares = [0] * len(available)
    while sum(shares) < min(most, sum(available)):
        for place, limit in enumerate(available):
            if shares[place] < limit and sum(shares) < most:
                shares[place] += 1
    return shares

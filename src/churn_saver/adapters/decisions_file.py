"""Decisions as files: decisions.csv with the documented columns, decisions.parquet with all of them.

Both are read back from the ledger, so they say what was recorded, not what was planned.
"""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from churn_saver.adapters.files import write_bytes
from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS, Reason
from churn_saver.domain.money import MINOR_PER_UNIT

CSV_COLUMNS = (
    "customer_id",
    "contact",
    "offer_percentage",
    "delay_days",
    "message",
    "reserved_minor",
    "churn_risk",
    "accept_prob",
    "expected_value",
    "probability",
    "policy",
    "reason",
)
MORE_COLUMNS = (
    "currency",
    "decision_id",
    "decided_at",
    "send_at",
    "valid_until",
    "next_decision_at",
    "retention_prob",
    "arm",
    "arm_probability",
    "message_probability",
    "models",
    "code",
    "price",
)


def decisions_frame(records: Iterable[Mapping[str, object]], currency: str) -> pl.DataFrame:
    """Put records of the ledger into the documented columns.

    Args:
        records: Rows of `store.records`.
        currency: Of the campaign.
    """
    percents = dict(enumerate((None, *OFFER_PERCENTS)))
    reasons: dict[int, str] = {}

    def words(flags: int) -> str:
        if flags not in reasons:
            reasons[flags] = " ".join(Reason(flags).words())
        return reasons[flags]

    raw = pl.DataFrame(list(records), schema=_RAW, orient="row")
    return raw.with_columns(
        contact=pl.col("choice") != NO_CONTACT,
        offer_percentage=pl.col("choice").replace_strict(percents, return_dtype=pl.Int64),
        delay_days=pl.lit(0, dtype=pl.Int64),
        reserved_minor=pl.col("needs_minor"),
        expected_value=pl.col("expected_value") / MINOR_PER_UNIT,
        reason=pl.Series([words(flags) for flags in raw["reasons"].to_list()], dtype=pl.String),
        arm=pl.when(pl.col("held_out")).then(pl.lit("holdout")).otherwise(pl.lit("treated")),
        currency=pl.lit(currency),
    ).select(CSV_COLUMNS + MORE_COLUMNS)

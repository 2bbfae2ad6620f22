"""Decisions as files: decisions.csv with the documented columns, decisions.parquet with all of them.

Both are read back from the ledger, so they say what was recorded, not what was planned.
"""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from churn_saver.adapters.files import write_bytes
from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS, Reason
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.money import MINOR_PER_UNIT

_PERCENTS = dict(enumerate((None, *OFFER_PERCENTS)))
CSV, PARQUET = "decisions.csv", "decisions.parquet"
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
    "message_source",
    "message_entry",
    "channel",
    "models",
    "code",
    "price",
)


_TYPES: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "choice": pl.Int8(),
    "message": pl.String(),
    "needs_minor": pl.Int64(),
    "reasons": pl.Int64(),
    "send_at": pl.Datetime("us", "UTC"),
    "valid_until": pl.Date(),
    "delay_days": pl.Int8(),
    "decided_at": pl.Datetime("us", "UTC"),
    "next_decision_at": pl.Datetime("us", "UTC"),
    **dict.fromkeys(
        ("decision_id", "policy", "message_source", "message_entry", "channel", "models", "code"), pl.String()
    ),
    **dict.fromkeys(
        ("probability", "arm_probability", "message_probability", "churn_risk", "accept_prob"), pl.Float64()
    ),
    **dict.fromkeys(("expected_value", "retention_prob", "price"), pl.Float64()),
}


def decisions_frame(batches: Iterable[Mapping[str, list[object]]], campaign: Campaign) -> pl.DataFrame:
    """Put decisions of the ledger into the documented columns, money in currency units.

    Args:
        batches: Columns as `store.records` yields them.
        campaign: Gives currency and arms.
    """
    empty = pl.DataFrame(schema=_TYPES)
    parts = [pl.DataFrame({name: batch[name] for name in _TYPES}, schema=_TYPES) for batch in batches]
    raw = pl.concat([empty, *parts])
    words = {flags: " ".join(Reason(flags).words()) for flags in {0, *raw["reasons"].to_list()}}
    return raw.with_columns(
        contact=pl.col("choice") != NO_CONTACT,
        offer_percentage=pl.col("choice").replace_strict(_PERCENTS, return_dtype=pl.Int64),
        delay_days=pl.col("delay_days").cast(pl.Int64),
        reserved_minor=pl.col("needs_minor"),
        expected_value=pl.col("expected_value") / MINOR_PER_UNIT,
        reason=pl.col("reasons").replace_strict(words, return_dtype=pl.String),
        arm=pl.Series([_arm(campaign, name) for name in raw["customer_id"].to_list()], dtype=pl.String),
        currency=pl.lit(campaign.currency),
    ).select(CSV_COLUMNS + MORE_COLUMNS)


def write_decisions(frame: pl.DataFrame, folder: Path) -> None:
    """Write decisions.csv and decisions.parquet."""
    parquet, text = io.BytesIO(), io.BytesIO()
    frame.write_parquet(parquet)
    blank_reason = pl.when(pl.col("reason") != "").then(pl.col("reason")).alias("reason")
    frame.select(CSV_COLUMNS).with_columns(blank_reason).write_csv(text)
    write_bytes(folder / PARQUET, parquet.getvalue())
    write_bytes(folder / CSV, text.getvalue())


def _arm(campaign: Campaign, customer_id: str) -> str:
    return "holdout" if campaign.holds_out(customer_id) else "treated"

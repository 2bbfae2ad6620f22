"""The IBM Telco churn table as it is downloaded → the customer schema.

7,043 rows; 11 have no TotalCharges because their first bill is still to come (tenure 0): nobody
to keep yet, so they are left out and counted. 22 rows repeat another but for the id; they are
real customers with the same one-month profile and stay.
Source: https://github.com/IBM/telco-customer-churn-on-icp4d (Apache-2.0), data/Telco-Customer-Churn.csv.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from churn_saver.data import tables
from churn_saver.data.checking.checked import Checked

_SIGNATURE = frozenset(
    ("customerID", "SeniorCitizen", "tenure", "InternetService", "Contract", "MonthlyCharges", "TotalCharges")
)


SERVICES = (
    "phone_service", "multiple_lines", "online_security", "online_backup", "device_protection",
    "tech_support", "streaming_tv", "streaming_movies",
)  # fmt: skip
"""Services that are counted, beside an internet line."""


@dataclass(frozen=True, slots=True)
class Telco:
    """The table after its check, and who was left out of it."""

    checked: Checked
    """Billable customers, with `churned`."""
    unbilled: int
    """Customers with tenure 0 and no bill so far: not in `checked`, and no faults."""


def is_telco(header: Sequence[str]) -> bool:
    """Tell by its column names, exactly as IBM writes them, whether a table is this one."""
    return set(header) >= _SIGNATURE


def read_telco(raw: bytes, file: str) -> Telco:
    """Read the raw table.

    Raises:
        TableError: the file is no table, or a column is missing.
    """
    checked = tables.read(raw, file, tables.CUSTOMERS)
    unbilled = pl.col("total_charges").is_null() & (pl.col("tenure_months") == 0)
    billed = checked.frame.remove(unbilled)
    return Telco(replace(checked, frame=billed), checked.frame.height - billed.height)


def engineered(frame: pl.DataFrame) -> pl.DataFrame:
    """Add what follows from a customer's own fields: for people and other tools.

    Our models read none of these columns: a caller sends fields, and trees find such sums themselves.

    Shapes: frame (n, columns) → (n, columns + 3).
    Units: `mean_monthly_spend` = total_charges / tenure_months and `spend_change` = monthly_spend −
    mean_monthly_spend in currency units, null without a total or a month; `services` is a count.

    Args:
        frame: `Telco.checked.frame`.
    """
    taken = [(pl.col(name) == "yes").fill_null(False).cast(pl.Int8) for name in SERVICES]
    line = pl.col("internet_service").is_in(["dsl", "fiber optic"]).fill_null(False).cast(pl.Int8)
    months = pl.when(pl.col("tenure_months") > 0).then(pl.col("tenure_months"))
    return frame.with_columns(
        services=pl.sum_horizontal(line, *taken).cast(pl.Int8),
        mean_monthly_spend=pl.col("total_charges") / months,
    ).with_columns(spend_change=pl.col("monthly_spend") - pl.col("mean_monthly_spend"))

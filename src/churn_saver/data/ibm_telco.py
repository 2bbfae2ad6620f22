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
from churn_saver.data.checked import Checked

_SIGNATURE = frozenset(
    ("customerID", "SeniorCitizen", "tenure", "InternetService", "Contract", "MonthlyCharges", "TotalCharges")
)


@dataclass(frozen=True, slots=True)
class Telco:
    """The table after its check, and who was left out of it."""

    checked: Checked
    """Billable customers, with `churned`."""
    unbilled_ids: tuple[str, ...]
    """Customers with tenure 0 and no bill so far: not in `checked`, and no faults."""

    @property
    def unbilled(self) -> int:
        """Count who was left out."""
        return len(self.unbilled_ids)


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
    left_out = checked.frame.filter(unbilled)["customer_id"].to_list()
    return Telco(replace(checked, frame=checked.frame.remove(unbilled)), tuple(left_out))

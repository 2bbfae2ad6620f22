"""The documented tables as typed schemas, and the one reader for all of them.

    churn_train   who left: trains the risk model
    accept_train  which offer was accepted: trains the acceptance model
    customers     whom to decide about
    rlhf_pairs    which of two texts is the better message

Column names may be written in any case, with spaces or under an alias (`tenure`,
`MonthlyCharges`), or mapped by the caller. Knows nothing of folders: bytes are handed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandera.polars as pa

from churn_saver.data.checked import Checked, check
from churn_saver.data.columns import (
    Column,
    field,
    flag,
    identifier,
    instant,
    number,
    offer_percent,
    person,
    required,
    schema_of,
    yes_or_no,
    zone,
)
from churn_saver.data.naming import places
from churn_saver.data.pairs import read_pairs
from churn_saver.data.parsing import header, parse
from churn_saver.domain.customer import FIELDS, MAX_CONTACTS, MAX_DAYS_SINCE_CONTACT

__all__ = ["ACCEPT_TRAIN", "CHURN_TRAIN", "CUSTOMERS", "Checked", "Table", "header", "read", "read_pairs"]


@dataclass(frozen=True, slots=True)
class Table:
    """A documented table."""

    name: str
    columns: tuple[Column, ...]

    def schema(self) -> pa.DataFrameSchema:
        """Give the pandera schema of the typed frame."""
        return schema_of(self.columns)


def _other_fields(*taken: str) -> tuple[Column, ...]:
    return tuple(field(entry.name) for entry in FIELDS if entry.name not in taken)


_CHURN_RISK = number("churn_risk", "a probability from 0 to 1", 0, 1)

CHURN_TRAIN = Table(
    "churn_train",
    (
        identifier("customer_id"),
        required(field("tenure_months")),
        required(field("monthly_spend")),
        required(field("support_tickets"), blank_ok=True),
        required(field("contract_type")),
        *_other_fields("tenure_months", "monthly_spend", "support_tickets", "contract_type"),
        required(flag("churned", aliases=("churn",))),
    ),
)
ACCEPT_TRAIN = Table(
    "accept_train",
    (
        identifier("customer_id", unique=False),
        required(offer_percent("offer_pct")),
        required(_CHURN_RISK),
        required(field("tenure_months")),
        required(flag("accepted")),
        number("propensity", "a probability above 0, up to 1", 0, 1, include_low=False),
        instant("logged_at"),
        *_other_fields("tenure_months"),
    ),
)
CUSTOMERS = Table(
    "customers",
    (
        identifier("customer_id"),
        person("name"),
        required(field("tenure_months")),
        required(field("monthly_spend")),
        *_other_fields("tenure_months", "monthly_spend"),
        _CHURN_RISK,
        number("contacts_last_7d", f"a whole number from 0 to {MAX_CONTACTS:,}", 0, MAX_CONTACTS, whole=True),
        number(
            "days_since_last_contact", f"days from 0 to {MAX_DAYS_SINCE_CONTACT:,}", 0, MAX_DAYS_SINCE_CONTACT
        ),
        zone("time_zone"),
        yes_or_no("opted_in"),
        flag("churned", aliases=("churn",)),
    ),
)


def read(raw: bytes, file: str, table: Table, mapping: Mapping[str, str] | None = None) -> Checked:
    """Read and check a documented table.

    Args:
        raw: CSV (UTF-8; comma, semicolon or tab) or Parquet.
        file: Name of the file, for faults.
        table: What to expect.
        mapping: Canonical name → the file's own name, where names alone do not tell.

    Raises:
        TableError: the file is no table, a required column is missing, or two columns mean the same.
        InputError: the mapping names a column that is not there.
    """
    grid = parse(raw, file)
    found = places(grid.header, grid.header_line, file, table.columns, mapping or {})
    return check(grid, found, table.columns, file)

"""The tables beside a campaign that a watch may be handed: a reference, and further columns.

A reference is a customer table as `decide` and `train-risk` read it, coded as the inputs of decisions
are. Further columns are words, one row a customer. Knows nothing of what is compared.
"""

import re
from pathlib import Path

import numpy as np
import polars as pl

from churn_saver.adapters.files import read_bytes
from churn_saver.config import WatchSettings
from churn_saver.data.customers import to_customers
from churn_saver.data.reading.parsing import parse
from churn_saver.data.tables import CUSTOMERS, read
from churn_saver.domain.customer import column_key
from churn_saver.errors import InputError, listed
from churn_saver.evidence.watch import Reference, Side

_DAYS = re.compile(r"(?P<first>[0-9]{1,4})\.\.(?P<last>[0-9]{1,4})")
_ID = "customer_id"


def reference_of(given: str | None, settings: WatchSettings) -> Reference:
    """Find out what today is held against.

    Args:
        given: FROM..TO in days since the campaign's start, or the path of a customer table; None: the days
            of watch.yaml.
        settings: Of watch.yaml.

    Raises:
        InputError: days without a day in them, or a file that cannot be read.
        TableError: rows of the table cannot be used.
    """
    if given is None:
        return _days(settings.reference_from_day, settings.reference_to_day)
    if match := _DAYS.fullmatch(given):
        first, last = int(match["first"]), int(match["last"])
        if first >= last:
            raise InputError(
                f"--reference is {first}..{last}, wanted FROM..TO with FROM before TO, such as 0..14: days "
                "since the campaign's start, TO not included"
            )
        return _days(first, last)
    return _table(Path(given))


def side_columns(path: Path | None) -> Side:
    """Read further columns of customers, by their names in the file.

    Args:
        path: A table with customer_id and any other columns, each customer once; None: there is none.

    Raises:
        InputError: the file cannot be read, or holds no customer_id, or a customer twice.
        TableError: it is no table.
    """
    if path is None:
        return {}
    grid = parse(read_bytes(path, "name a CSV or Parquet file with customer_id and columns"), path.name)
    names = [name.strip() for name in grid.header]
    where = [place for place, name in enumerate(names) if column_key(name) == column_key(_ID)]
    if len(where) != 1:
        raise InputError(
            f"{path} has the columns {listed(names)}, wanted {_ID} once among them: name the column of ids so"
        )
    ids = grid.cells[str(where[0])].str.strip_chars().to_list()
    if len(set(ids)) != len(ids):
        raise InputError(f"{path} holds {len(ids) - len(set(ids)):,} customers again, wanted each one once")
    return {
        name: dict(zip(ids, _words(grid.cells[str(place)]), strict=True))
        for place, name in enumerate(names)
        if place not in where
    }


def _days(first: int, last: int) -> Reference:
    return Reference(f"the campaign's own decisions of days {first} to {last - 1}", first, last)


def _table(path: Path) -> Reference:
    raw = read_bytes(path, "name a customer table, or days as FROM..TO")
    frame = read(raw, path.name, CUSTOMERS).require(skip_bad_rows=False)
    if not frame.height:
        raise InputError(f"{path} holds no customer, wanted at least one row below the header")
    customers = to_customers(frame)
    columns = {name: column.astype(np.float64) for name, column in customers.fields.items()}
    if not np.isnan(customers.churn_risk).all():
        columns["churn_risk"] = customers.churn_risk
    return Reference(f"the table {path.name}", table=pl.DataFrame(columns).fill_nan(None))


def _words(column: pl.Series) -> list[str | None]:
    """Give cells as words; an empty one is missing."""
    shown = column.str.strip_chars()
    return [word or None for word in shown.to_list()]

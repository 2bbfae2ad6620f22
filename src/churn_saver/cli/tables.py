"""The caller's table: read, checked, and told about."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import yaml

from churn_saver.adapters.files import read_bytes, write_bytes
from churn_saver.cli.screen import counted, note
from churn_saver.data.customers import to_customers
from churn_saver.data.ibm_telco import is_telco, read_telco
from churn_saver.data.tables import CUSTOMERS, header, read
from churn_saver.domain.customer import Customers
from churn_saver.errors import InputError, TableError
from churn_saver.pipeline.company import REJECTS


@dataclass(frozen=True, slots=True)
class Source:
    """Which table, and how to read it."""

    path: Path | None
    mapping: Mapping[str, str]
    skip_bad_rows: bool

    @classmethod
    def of(
        cls, path: Path | None, pairs: Sequence[str] | None, file: Path | None, skip_bad_rows: bool
    ) -> "Source":
        """Read the options of the command line; --map wins over --mapping.

        Raises:
            InputError: a pair that is not canonical=theirs, or a file that is not such a list.
        """
        mapping: dict[str, str] = {}
        if file is not None:
            raw = read_bytes(file, "write one: lines of 'tenure_months: months_active'")
            try:
                found = yaml.safe_load(raw)
            except yaml.YAMLError as error:
                raise InputError(f"{file} is not YAML: {error}. Mend the line it names.") from error
            if not isinstance(found, dict):
                raise InputError(f"{file} is no list of 'tenure_months: months_active' lines")
            mapping |= {str(name): str(theirs) for name, theirs in found.items()}
        for pair in pairs or ():
            name, equals, theirs = pair.partition("=")
            if not (name and equals and theirs):
                raise InputError(
                    f"--map is {pair!r}, wanted canonical=theirs, such as tenure_months=months_active"
                )
            mapping[name] = theirs
        return cls(path, mapping, skip_bad_rows)


@dataclass(frozen=True, slots=True)
class CustomerTable:
    """A checked table of customers."""

    path: Path
    frame: pl.DataFrame
    customers: Customers
    sha256: str
    reading: str
    """How it was read: names and bad rows."""
    is_telco: bool
    """IBM Telco as it is downloaded."""
    notes: tuple[str, ...]
    """What was left out and why, for the report."""
    out_of_fold: bool = False
    """The customers' churn risk is that of models that never saw their rows."""


def read_customers(source: Source, path: Path, out: Path) -> CustomerTable:
    """Read the customers that are to be decided for.

    Args:
        source: How to read.
        path: The file.
        out: Where rejects.csv goes.

    Raises:
        TableError: bad rows, unless they are to be skipped.
    """
    raw = read_bytes(path, "name a CSV, JSON lines or Parquet file of customers")
    notes = []
    from_telco = not source.mapping and is_telco(header(raw, path.name))
    if from_telco:
        telco = read_telco(raw, path.name)
        checked = telco.checked
        if telco.unbilled:
            notes.append(f"{counted(telco.unbilled, 'customer')} never billed, left out")
    else:
        checked = read(raw, path.name, CUSTOMERS, source.mapping)
    if len(checked.rejects):
        write_bytes(out / REJECTS, checked.rejects.write_csv().encode())
    try:
        frame = checked.require(source.skip_bad_rows)
    except TableError as error:
        every = f" Every bad row stands in {out / REJECTS}." if len(checked.rejects) else ""
        raise TableError(error.faults, error.next_step + every) from None
    if len(checked.rejects):
        notes.append(f"{counted(len(checked.rejects), 'bad row')} left out, see {out / REJECTS}")
    if checked.ignored:
        notes.append(f"columns not used: {', '.join(checked.ignored)}")
    if not len(frame):
        raise InputError(f"{path} holds no customer, wanted at least one row below the header")
    for line in notes:
        note(line)
    sha256 = hashlib.sha256(raw).hexdigest()
    reading = f"{dict(source.mapping)} {source.skip_bad_rows}"
    return CustomerTable(path, frame, to_customers(frame), sha256, reading, from_telco, tuple(notes))

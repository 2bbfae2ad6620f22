"""Which tables to train on, and as what: the company's own, the prepared public one, or the demo's.

A demo table is told from the company's by `DEMO.json`, in which our own preparation lists the
SHA-256 of what it wrote: once a row of it is changed, the table is the company's. Knows nothing of
models.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.adapters.files import read_bytes
from churn_saver.adapters.manifests import MANIFEST, read_verified
from churn_saver.data.customers import to_customers
from churn_saver.data.demo import accept_truth
from churn_saver.data.ibm_telco import is_telco, read_telco
from churn_saver.data.tables import ACCEPT_TRAIN, CHURN_TRAIN, CUSTOMERS, Checked, header, read
from churn_saver.domain.customer import Customers
from churn_saver.errors import InputError
from churn_saver.train.logged_rows import propensity_of, said_of

Floats = NDArray[np.float64]
Kind = Literal["company", "processed", "demo"]
Wanted = Literal["auto", "company", "processed", "demo"]

CHURN_FILE, ACCEPT_FILE, MARKER = "churn_train.csv", "accept_train.csv", "DEMO.json"
PROCESSED = Path("processed") / "ibm_telco"
"""Below the data folder, as `pipeline` writes it."""
TELCO_ROWS = 7_032
"""Billable customers of the public table: a table of its columns but other length is somebody's own."""
PREPARE, PREPARE_TELCO = "make prepare-data", "make data.ibm_telco"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table came from, without any path of this machine."""

    kind: Kind
    file: str
    sha256: str
    is_telco: bool
    """The public table on which the absolute gates hold."""
    notes: tuple[str, ...] = ()
    """What was left out and why, and what its rows cannot show."""
    logged: str = ""
    """When its rows were logged, by which chances, and how many were contacted; empty: it does not say."""


@dataclass(frozen=True, slots=True)
class RiskTable:
    """Customers and whether they left."""

    customers: Customers
    churned: Floats
    """1 where the customer left, (n,)."""
    source: Source


@dataclass(frozen=True, slots=True)
class AcceptTable:
    """Offers that were made and whether they were accepted."""

    customers: Customers
    churn_risk: Floats
    offer_pct: Floats
    """Whole per cent, (n,)."""
    accepted: Floats
    propensity: Floats | None
    """Chance that this offer was made, (n,); None: not logged."""
    truth: Floats | None
    """True probability of accepting each offer, (n, 4); known for the demo only."""
    source: Source


def find_risk(
    folder: Path, wanted: Wanted, mapping: Mapping[str, str] | None = None, skip_bad_rows: bool = False
) -> RiskTable:
    """Find the churn table: with `auto` the company's, else the prepared one, else the demo's.

    Args:
        folder: The data folder.
        wanted: `risk.source` of tabular.yaml.
        mapping: Canonical name → the file's own, where names alone do not tell.
        skip_bad_rows: Leave out rows that cannot be used, and say so.

    Raises:
        InputError: the wanted table is not there.
        TableError: it cannot be read.
    """
    path = folder / CHURN_FILE
    raw = read_bytes(path, PREPARE) if path.is_file() else None
    processed = folder / PROCESSED
    own: Kind = "demo" if raw is not None and _is_demo(folder, CHURN_FILE, raw) else "company"
    there: dict[Kind, bool] = {
        "company": raw is not None and own == "company",
        "processed": processed.is_dir(),
        "demo": raw is not None and own == "demo",
    }
    kind = next((k for k, is_there in there.items() if is_there and wanted in ("auto", k)), None)
    if kind is None:
        raise InputError(
            f"no churn table in {folder}: wanted {wanted}, looked for {path} and "
            f"{processed / MANIFEST}. Put your table there, prepare the public one: {PREPARE_TELCO}, or make "
            f"the demo's: {PREPARE}"
        )
    if kind == "processed":
        return _processed(processed)
    assert raw is not None
    return risk_table(raw, path.name, kind, mapping, skip_bad_rows)


def find_accept(
    folder: Path, mapping: Mapping[str, str] | None = None, skip_bad_rows: bool = False
) -> AcceptTable:
    """Read the table of past offers, the company's or the demo's.

    Raises:
        InputError: it is not there.
        TableError: it cannot be read.
    """
    path = folder / ACCEPT_FILE
    raw = read_bytes(path, f"put your past offers there, or make the demo's: {PREPARE}")
    kind: Kind = "demo" if _is_demo(folder, ACCEPT_FILE, raw) else "company"
    checked = read(raw, path.name, ACCEPT_TRAIN, mapping)
    frame = checked.require(skip_bad_rows)
    return accept_rows(frame, _source(kind, path.name, raw, False, _left_out(checked)))


def risk_table(
    raw: bytes,
    file: str,
    kind: Kind,
    mapping: Mapping[str, str] | None = None,
    skip_bad_rows: bool = False,
) -> RiskTable:
    """Read a churn table, documented columns or IBM Telco as it is downloaded.

    Raises:
        TableError: it cannot be read.
        InputError: it has no column of who left.
    """
    if not mapping and is_telco(header(raw, file)):
        telco = read_telco(raw, file)
        notes = (*_left_out(telco.checked), f"{telco.unbilled} customers without a first bill left out")
        frame = telco.checked.require(skip_bad_rows)
        return risk_rows(frame, _source(kind, file, raw, frame.height == TELCO_ROWS, notes))
    checked = read(raw, file, CHURN_TRAIN, mapping)
    return risk_rows(checked.require(skip_bad_rows), _source(kind, file, raw, False, _left_out(checked)))


def risk_rows(frame: pl.DataFrame, source: Source) -> RiskTable:
    """Take a checked frame with `churned` as a churn table.

    Raises:
        InputError: it has no column of who left.
    """
    if "churned" not in frame.columns:
        raise InputError(f"{source.file} has columns {frame.columns}, wanted 'churned' (0 or 1) too")
    return RiskTable(to_customers(frame), _floats(frame["churned"]), _with_logging(source, frame))


def accept_rows(frame: pl.DataFrame, source: Source) -> AcceptTable:
    """Take a checked frame of past offers; a bill is welcome in it but not needed."""
    bill = pl.col("monthly_spend").fill_null(0.0) if "monthly_spend" in frame.columns else pl.lit(0.0)
    customers = to_customers(frame.with_columns(bill.alias("monthly_spend")))
    fields = dict(customers.fields)
    del fields["monthly_spend"]
    if "monthly_spend" in frame.columns:
        fields["monthly_spend"] = _floats(frame["monthly_spend"]).astype(np.float32)
    risk = _floats(frame["churn_risk"])
    tenure = _floats(frame["tenure_months"]).astype(np.int64) if source.kind == "demo" else None
    return AcceptTable(
        customers=replace(customers, fields=fields),
        churn_risk=risk,
        offer_pct=_floats(frame["offer_pct"]),
        accepted=_floats(frame["accepted"]),
        propensity=propensity_of(frame, source.file),
        truth=None if tenure is None else accept_truth(risk, tenure),
        source=_with_logging(source, frame),
    )


def _processed(folder: Path) -> RiskTable:
    manifest, contents = read_verified(folder, PREPARE_TELCO)
    tables = [read(raw, name, CUSTOMERS).require(False) for name, raw in sorted(contents.items())]
    frame = pl.concat(tables, how="diagonal")
    names = ", ".join(sorted(contents))
    left_out = tuple(f"{n} {reason} left out" for reason, n in manifest.left_out.items())
    telco = manifest.dataset == "ibm_telco" and frame.height == TELCO_ROWS
    return risk_rows(frame, _source("processed", names, manifest.to_bytes(), telco, left_out))


def _with_logging(source: Source, frame: pl.DataFrame) -> Source:
    """Add what the rows themselves tell of how they came about."""
    logged, notes = said_of(frame)
    return replace(source, notes=(*source.notes, *notes), logged=logged)


def _is_demo(folder: Path, name: str, raw: bytes) -> bool:
    marker = folder / MARKER
    if not marker.is_file():
        return False
    try:
        listed = json.loads(read_bytes(marker, PREPARE))
    except ValueError:
        return False
    return isinstance(listed, dict) and listed.get(name) == hashlib.sha256(raw).hexdigest()


def _source(kind: Kind, file: str, raw: bytes, telco: bool, notes: tuple[str, ...]) -> Source:
    return Source(kind, file, hashlib.sha256(raw).hexdigest(), telco, notes)


def _left_out(checked: Checked) -> tuple[str, ...]:
    bad = len(checked.rejects)
    return (f"{bad} bad rows left out",) if bad else ()


def _floats(column: pl.Series) -> Floats:
    return column.cast(pl.Float64).fill_null(np.nan).to_numpy()

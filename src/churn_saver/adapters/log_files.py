"""A log of decisions in the documented format → what evidence is worked out from.

CSV, JSON lines or Parquet, plain or gzip; `log_format` says what its columns hold. Bad rows are named
and refused; none is dropped.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from churn_saver.adapters.files import read_bytes
from churn_saver.adapters.log_features import FeatureColumn, matrix_of
from churn_saver.adapters.log_format import BETWEEN, Layout, layout_of, log_table
from churn_saver.data.checking.streaming import steps
from churn_saver.data.meaning.columns import Table
from churn_saver.data.reading.parsing import Sizes, header
from churn_saver.errors import Fault, InputError, TableError, listed
from churn_saver.evidence.logged import Flags, Logged, Whole

MOST_ARMS = 64
"""More distinct arms are no arms, but another column."""
_NEXT_STEP = (
    "Mend these rows, or leave them out and say how many and why: a row dropped in silence bends every value."
)
_KEPT = 1_000
"""Faults that are kept; the others are counted."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log, and what its codes stand for."""

    log: Logged
    arms: tuple[str, ...]
    """Words first, then numbers from small to large, (k,)."""
    features: tuple[str, ...]
    """Names of the log's features, (d,)."""
    decision_ids: pl.Series | None
    """(n,); None: the file has none."""
    notes: tuple[str, ...]
    """What a reader must know of how it was read."""


def read_log(
    path: Path,
    mapping: Mapping[str, str] | None = None,
    features: Sequence[str] | None = None,
    campaign: str | None = None,
) -> LogFile:
    """Read and check a log.

    Args:
        path: The file.
        mapping: Documented name → the file's own name, where names alone do not tell.
        features: Columns that are to count as known before; None: all that have no other meaning.
        campaign: The only campaign that may be in it; None: any one.

    Raises:
        TableError: rows that cannot be used, each named by its line; no table, or a column is missing.
        InputError: the file cannot be read, holds no row or one arm, or an argument names what is not there.
    """
    raw = read_bytes(path, "name a CSV, JSON lines or Parquet file, one row a decision")
    mapping = mapping or {}
    layout = layout_of(header(raw, path.name), mapping, features)
    gather = partial(_gathered, raw, path.name, mapping, layout)
    frame, columns = gather(log_table(layout, campaign))
    if frame.height == 0:
        raise InputError(f"{path} holds no decision, wanted at least one row below the header")
    has_propensities = "propensity" in frame.columns and frame["propensity"].null_count() < frame.height
    if has_propensities and frame["propensity"].null_count():
        # Only now is it known that a blank one is a fault: read again for the lines.
        gather(log_table(layout, campaign, never_blank=("propensity",)))
    _refuse_several(frame, path.name)
    log, arms, names = _logged(frame, columns, has_propensities, path.name)
    ids = frame["decision_id"] if "decision_id" in frame.columns else None
    return LogFile(log, arms, names, ids, tuple(_notes(layout)))


def _gathered(
    raw: bytes, file: str, mapping: Mapping[str, str], layout: Layout, table: Table
) -> tuple[pl.DataFrame, list[FeatureColumn]]:
    """Read all rows: the documented columns as a frame, and what was known.

    Raises:
        TableError: any row is bad.
    """
    features = [FeatureColumn(name) for name in layout.features]
    frames: list[pl.DataFrame] = []
    faults: list[Fault] = []
    total = 0
    for step in steps(io.BytesIO(raw), file, table, mapping, Sizes()):
        total += len(step.checked.faults)
        faults += step.checked.faults[: _KEPT - len(faults)]
        for feature in features:
            feature.add(step.checked.frame[feature.name])
        frames.append(step.checked.frame.select(layout.documented))
    if faults:
        raise TableError(faults, _NEXT_STEP, total)
    return pl.concat(frames, rechunk=True), features


def _logged(
    frame: pl.DataFrame, columns: Sequence[FeatureColumn], has_propensities: bool, file: str
) -> tuple[Logged, tuple[str, ...], tuple[str, ...]]:
    arms, allowed = _arms(frame, file)
    matrix, names = matrix_of(columns, frame.height)
    unit: Whole = np.arange(frame.height)
    if "customer_id" in frame.columns:
        unit = frame["customer_id"].cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
    log = Logged.checked(
        unit=unit,
        arm=frame["arm"].replace_strict(arms, range(len(arms)), return_dtype=pl.Int64).to_numpy(),
        propensity=frame["propensity"].to_numpy() if has_propensities else None,
        allowed=allowed,
        reward=frame["reward"].to_numpy(),
        features=matrix,
        source=file,
    )
    return log, arms, names


def _arms(frame: pl.DataFrame, file: str) -> tuple[tuple[str, ...], Flags]:
    """Name the arms, and say which each row allows, (n, k)."""
    sets = frame["allowed"].unique().to_list() if "allowed" in frame.columns else []
    told = {one: {word.strip() for word in one.split(BETWEEN)} - {""} for one in sets}
    words = set(frame["arm"].unique().to_list()).union(*told.values())
    if not 2 <= len(words) <= MOST_ARMS:
        raise InputError(
            f"{file} has {len(words):,} arms ({listed(sorted(words))}), wanted 2 to {MOST_ARMS} to "
            "choose between. Is another column meant? --column arm=YOURS"
        )
    arms = tuple(sorted(words, key=_place))
    if not sets:
        return arms, np.ones((frame.height, len(arms)), dtype=np.bool_)
    matrix = np.array([[arm in told[one] for arm in arms] for one in sets], dtype=np.bool_)
    return arms, matrix[frame["allowed"].replace_strict(sets, range(len(sets))).to_numpy()]


def _place(arm: str) -> tuple[bool, float, str]:
    """Put words before numbers, and numbers by size."""
    try:
        return True, float(arm), arm
    except ValueError:
        return False, 0.0, arm


def _refuse_several(frame: pl.DataFrame, file: str) -> None:
    found = sorted(frame["campaign_id"].unique().to_list()) if "campaign_id" in frame.columns else []
    if len(found) > 1:
        raise InputError(
            f"{file} holds decisions of {len(found):,} campaigns ({listed(found)}), wanted one: they differ "
            "in more than their policy. Write one file for each"
        )


def _notes(layout: Layout) -> list[str]:
    notes = []
    if "customer_id" not in layout.documented:
        notes.append("no customer_id: each row is taken as a customer of its own")
    if layout.unused:
        notes.append(f"columns not used: {listed(layout.unused)}")
    return notes

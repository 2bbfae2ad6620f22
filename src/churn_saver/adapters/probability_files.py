"""A policy that somebody else asked: for each row of a log, the probability of each arm.

CSV, JSON lines or Parquet with one column for each arm of the log, named as the arm is. With a column
`decision_id` the rows may stand in any order, and there may be more of them than the log has; without
one they stand in the order of the log. Knows nothing of what an arm means.
"""

from pathlib import Path

import numpy as np
import polars as pl

from churn_saver.adapters.files import read_bytes
from churn_saver.data.meaning.columns import Table, identifier, number, required
from churn_saver.data.tables import header, read
from churn_saver.errors import InputError, TableError, listed
from churn_saver.evidence.logged import Floats

_BY_NAME = "decision_id"


def read_probabilities(
    path: Path, arms: tuple[str, ...], decision_ids: pl.Series | None, rows: int
) -> Floats:
    """Read the probabilities of a policy, row by row of a log; whether each row adds up is not looked at.

    Shapes: → (rows, len(arms)).

    Args:
        path: The file.
        arms: Of the log.
        decision_ids: Of the log; None: it has none.
        rows: Of the log.

    Raises:
        TableError: an arm has no column, or a cell is no probability; each named by its line.
        InputError: the file cannot be read, or its rows are not those of the log.
    """
    raw = read_bytes(path, "name a file with decision_id and one column for each arm")
    cells = [required(number(arm, "a probability from 0 to 1", 0, 1)) for arm in arms]
    by_name = identifier(_BY_NAME)
    has_ids = decision_ids is not None and _BY_NAME in header(raw, path.name)
    table = Table("probabilities", (by_name, *cells) if has_ids else tuple(cells))
    checked = read(raw, path.name, table)
    if checked.faults:
        raise TableError(checked.faults, "Mend these rows: ask the policy again for them.")
    frame = checked.frame
    if decision_ids is not None and has_ids:
        frame = _in_order(frame, decision_ids, path)
    elif frame.height != rows:
        raise InputError(
            f"{path} has {frame.height:,} rows, the log {rows:,}: wanted one for each, in the order of the "
            f"log, or a column {_BY_NAME} in both"
        )
    return np.asarray(frame.select(arms).to_numpy(), dtype=np.float64)


def _in_order(frame: pl.DataFrame, decision_ids: pl.Series, path: Path) -> pl.DataFrame:
    """Give the rows of the log's decisions, in the log's order."""
    wanted = pl.DataFrame({_BY_NAME: decision_ids})
    found = wanted.join(frame, on=_BY_NAME, how="left", maintain_order="left")
    missing = wanted.join(frame, on=_BY_NAME, how="anti", maintain_order="left")[_BY_NAME]
    if len(missing):
        raise InputError(
            f"{path} has no row for {len(missing):,} of {len(wanted):,} decisions of the log "
            f"({listed(missing.head(3).to_list())}): ask the policy for these too"
        )
    return found

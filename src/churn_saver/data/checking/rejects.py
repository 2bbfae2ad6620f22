"""Rows that cannot be used, as they came, each with its line and what is wrong with it.

Knows nothing of how a row is judged.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from churn_saver.data.reading.grid import Grid
from churn_saver.data.reading.records import readable

LINE, FAULT, TEXT = "line", "fault", "text"


def as_rejects(grid: Grid, texts: Mapping[int, str]) -> pl.DataFrame:
    """Give the rows at the row numbers as they came.

    Args:
        grid: Cells as they came.
        texts: Row → what is wrong with it.

    Returns:
        The file's own columns as strings, or `text` where a row is a line of JSON; `line`, `fault`.
    """
    rows = np.fromiter(texts, dtype=np.int64, count=len(texts))
    if grid.raw is not None:
        lines = [_line_text(grid.raw[row]) for row in rows.tolist()]
        rejects = pl.DataFrame({TEXT: lines}, schema={TEXT: pl.String})
    else:
        names: list[str] = []
        taken = {LINE, FAULT}
        for name in grid.header:
            names.append(_free_name(name, taken))
            taken.add(names[-1])
        rejects = grid.cells[rows].fill_null("")
        rejects.columns = names
    return rejects.with_columns(
        pl.Series(LINE, grid.lines[rows], pl.Int64), pl.Series(FAULT, list(texts.values()), pl.String)
    )


def _free_name(name: str, taken: set[str]) -> str:
    """Give the name, or with the first number that makes it new: a header may repeat itself."""
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _line_text(line: bytes) -> str:
    try:
        return line.decode().removesuffix("\r")
    except UnicodeDecodeError:
        return readable(line.decode("utf-8", "surrogateescape")).removesuffix("\r")

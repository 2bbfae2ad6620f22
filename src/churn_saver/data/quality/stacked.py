"""All splits of a data set in one frame, each row knowing where it stands.

Knows nothing of what makes a row good.
"""

from collections.abc import Mapping

import polars as pl

SPLIT, ROW = "(split)", "(row)"
"""Columns that say where a row stands; rows count from 1. No column of a data set is written so."""
SHOWN = 10
"""Places that are named."""


def stacked(splits: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Put the splits on top of each other; a column that one of them lacks is null there.

    Shapes: each (n_i, columns) → (Σ n_i, columns + 2).
    """
    names = pl.Enum(list(splits))
    return pl.concat(
        [
            frame.with_columns(
                pl.lit(name).cast(names).alias(SPLIT), pl.int_range(1, pl.len() + 1).alias(ROW)
            )
            for name, frame in splits.items()
        ],
        how="diagonal_relaxed",
    )


def places_of(rows: pl.DataFrame, id_column: str | None = None) -> tuple[str, ...]:
    """Name the first few rows, as 'train:17', with the id where one is asked for."""
    first = rows.head(SHOWN)
    ids = [None] * first.height if id_column is None else first[id_column].to_list()
    where = zip(first[SPLIT].to_list(), first[ROW].to_list(), ids, strict=True)
    return tuple(f"{split}:{row}" + ("" if name is None else f" {name}") for split, row, name in where)


def torn(rows: pl.DataFrame, key: str) -> tuple[int, tuple[str, ...]]:
    """Count the keys that stand in more than one split, and name where the first few of them do.

    Returns:
        How many, and for each of the first few its first row in every split that has it.
    """
    known = rows.select(key, SPLIT, ROW).drop_nulls(key)
    first = known.group_by(key, SPLIT).agg(pl.col(ROW).min())
    found = first.filter(pl.len().over(key) > 1).sort(SPLIT, ROW)
    groups = found.group_by(key, maintain_order=True).agg(SPLIT, ROW)
    named = [
        " = ".join(f"{split}:{row}" for split, row in zip(splits, numbers, strict=True))
        for _, splits, numbers in groups.head(SHOWN).iter_rows()
    ]
    return groups.height, tuple(named)

"""How far a table has moved from an earlier one, column by column.

By the population stability index (`domain/stability_index`) over the bins of the earlier table, missing
values a bin of their own. Two samples of one population differ too, so a move is only called one when
it passes what chance brings once in a thousand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from churn_saver.data.quality.profile import ColumnProfile, Profile, binned, kind_of
from churn_saver.domain.stability_index import psi, psi_by_chance

CHANCE = 0.001
"""How often chance alone may pass `Move.chance`."""


@dataclass(frozen=True, slots=True)
class Move:
    """How far one column moved."""

    psi: float
    chance: float
    """What two samples of one population pass once in a thousand times, at these sizes."""

    @property
    def is_chance(self) -> bool:
        """Tell whether chance alone may bring as much."""
        return self.psi <= self.chance


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed from the earlier table to this one."""

    moves: Mapping[str, Move]
    """By column; ids and columns of kind `other` are not compared, nor anything with no rows."""
    came: tuple[str, ...]
    went: tuple[str, ...]
    changed: tuple[str, ...]
    """Hold another kind of value now: numbers that were words, say."""


def drift(old: Profile, frame: pl.DataFrame) -> Drift:
    """Compare a table with the profile of an earlier one.

    Args:
        old: Of the earlier table; its bins are used for both.
        frame: The table of today.
    """
    moves: dict[str, Move] = {}
    changed = []
    for column in old.columns:
        if column.name not in frame.columns:
            continue
        now = frame[column.name]
        if _is_another(now, column):
            changed.append(column.name)
        elif column.counts and old.rows and frame.height:
            counts, missing = binned(now, column)
            moves[column.name] = moved((*column.counts, column.missing), (*counts, missing))
    before = [column.name for column in old.columns]
    return Drift(
        moves,
        tuple(name for name in frame.columns if name not in before),
        tuple(name for name in before if name not in frame.columns),
        tuple(changed),
    )


def moved(old: Sequence[int], new: Sequence[int]) -> Move:
    """Compare two counts over the same bins.

    Shapes: both (k,), k ≥ 1, with at least one row each.

    Raises:
        InputError: the bins are not the same, a count is below 0, or one side has no rows.
    """
    before, now = (np.array(side, dtype=np.float64) for side in (old, new))
    return Move(psi(before, now), psi_by_chance(before, now, CHANCE))


def _is_another(now: pl.Series, column: ColumnProfile) -> bool:
    """Tell whether a column can no longer be read as before; without a value there is nothing to tell."""
    if now.dtype == pl.Null or now.null_count() == len(now):
        return False
    if column.kind in ("words", "text"):
        return now.dtype not in (pl.String, pl.Boolean)
    return column.kind == "number" and kind_of(now) != "number"

"""How far a table has moved from an earlier one, column by column.

Population stability index: PSI = Σ (a − e)·ln(a / e) over the bins of the earlier table, e its
shares and a the new ones; missing values are a bin of their own, and bins without a row on either
side are left out. Each count has half a row added, so that a bin empty on one side stays finite:
e_i = (n_i + ½) / (n + k/2).
Two samples of one population differ too: then PSI is about χ²(k − 1)·(1/n + 1/m), and a move is
only called one when it passes what chance brings once in a thousand.
Source: formula and customary limits of 0.1 and 0.25 in https://arxiv.org/abs/2303.01227; the χ²
limit is Yurdakul's (2018), as in https://rdrr.io/cran/PDtoolkit/man/psi.html.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import chdtri

from churn_saver.data.quality.profile import ColumnProfile, Profile, binned, kind_of
from churn_saver.errors import InputError

CHANCE = 0.001
"""How often chance alone may pass `Move.chance`."""
_HALF = 0.5


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
        InputError: the bins are not the same, or one side has no rows.
    """
    if len(old) != len(new) or not sum(old) or not sum(new):
        raise InputError(f"counts {list(old)} and {list(new)}: wanted the same bins and rows on both sides")
    used = [(before, now) for before, now in zip(old, new, strict=True) if before or now]
    if len(used) == 1:
        return Move(0.0, 0.0)
    counts = np.array(used, dtype=np.float64).T + _HALF
    expected, actual = counts / counts.sum(axis=1, keepdims=True)
    psi = float(((actual - expected) * np.log(actual / expected)).sum())
    return Move(psi, float(chdtri(len(used) - 1, CHANCE)) * (1 / sum(old) + 1 / sum(new)))


def _is_another(now: pl.Series, column: ColumnProfile) -> bool:
    """Tell whether a column can no longer be read as before; without a value there is nothing to tell."""
    if now.dtype == pl.Null or now.null_count() == len(now):
        return False
    if column.kind in ("words", "text"):
        return now.dtype not in (pl.String, pl.Boolean)
    return column.kind == "number" and kind_of(now) != "number"

"""Checks of how a data set is cut: sizes, nothing in two splits, and splits that look alike.

Sizes may miss their share by what chance brings: 4 standard deviations of a binomial share. Rows of one
conversation go together, so not rows are counted but n² / Σ m², m the rows of each conversation.
"""

from collections.abc import Mapping
from itertools import combinations
from math import sqrt

import polars as pl

from churn_saver.data.quality.drift import drift
from churn_saver.data.quality.profile import profile
from churn_saver.data.quality.stacked import SPLIT, torn
from churn_saver.data.quality.wanted import Check, Wanted, between, percent
from churn_saver.data.splitting import folded

DEVIATIONS = 4.0
"""Standard deviations by which a split may miss its share: chance passes them once in 16,000."""
Z = 3.0
"""Of two shares of the label; chance passes it once in 370."""


def split_checks(splits: Mapping[str, pl.DataFrame], rows: pl.DataFrame, wanted: Wanted) -> list[Check]:
    """Give the checks that need splits; a table that is not split has none but that it has rows.

    Args:
        splits: By name, in their order.
        rows: The same, from `stacked`.
        wanted: Of this data set.
    """
    checks = [_filled(splits)]
    if wanted.rows is not None:
        found = f"{rows.height:,}"
        checks.append(
            Check("As many rows as documented", rows.height == wanted.rows, found, f"{wanted.rows:,}")
        )
    if wanted.shares:
        checks.append(_sizes(splits, rows, wanted))
    if len(splits) > 1:
        checks += _leaks(rows, wanted)
    if wanted.label is not None and countable(rows, wanted.label):
        checks += _balance(splits, wanted.label, wanted.label_share)
    if len(splits) > 1 and all(frame.height for frame in splits.values()):
        checks.append(_alike(splits, wanted))
    return checks


def countable(rows: pl.DataFrame, label: str) -> bool:
    """Tell whether a column can be a label: there, and of numbers or of yes and no."""
    kind = rows.schema.get(label)
    return kind is not None and (kind.is_numeric() or kind == pl.Boolean)


def _filled(splits: Mapping[str, pl.DataFrame]) -> Check:
    empty = [name for name, frame in splits.items() if frame.height == 0]
    found = f"{', '.join(empty)} without" if empty else ", ".join(
        f"{name} {frame.height:,}" for name, frame in splits.items()
    )  # fmt: skip
    what = "Every split has rows" if len(splits) > 1 else "The table has rows"
    return Check(what, not empty, found, "at least 1")


def _sizes(splits: Mapping[str, pl.DataFrame], rows: pl.DataFrame, wanted: Wanted) -> Check:
    units = _independent(rows, wanted)
    found, limits, passed = [], [], list(splits) == list(wanted.shares)
    for name, share in wanted.shares.items():
        height = splits[name].height if name in splits else 0
        slack = DEVIATIONS * sqrt(share * (1 - share) / units) if units else 0.0
        found.append(f"{name} {percent(height / max(rows.height, 1))}")
        limits.append(f"{name} {percent(share, 0)} ± {100 * slack:.1f}")
        passed = passed and (not units or abs(height / rows.height - share) <= slack)
    return Check("Splits have their shares", passed, ", ".join(found), ", ".join(limits))


def _independent(rows: pl.DataFrame, wanted: Wanted) -> float:
    """Count what falls into splits independently: n² / Σ m² of the groups that weigh most."""
    keys = [key for key in (wanted.id_column, wanted.prompt) if key is not None and key in rows.columns]
    if wanted.unique_ids or not keys or rows.height == 0:
        return float(rows.height)
    return min(rows.height**2 / float((rows[key].value_counts()["count"] ** 2).sum()) for key in keys)


def _leaks(rows: pl.DataFrame, wanted: Wanted) -> list[Check]:
    checks = []
    if wanted.id_column is not None and wanted.id_column in rows.columns:
        n, where = torn(rows, wanted.id_column)
        name = f"No {wanted.id_column} in two splits"
        checks.append(Check(name, n == 0, f"{n:,}", "0", where))
    if wanted.prompt is not None and rows.schema.get(wanted.prompt) == pl.String:
        n, where = torn(rows.with_columns(folded(pl.col(wanted.prompt))), wanted.prompt)
        name = f"No {wanted.prompt} in two splits, letter case and spaces aside"
        checks.append(Check(name, n == 0, f"{n:,}", "0", where))
    return checks


def _balance(splits: Mapping[str, pl.DataFrame], label: str, wanted: tuple[float, float]) -> list[Check]:
    """Check the share of ones in each split, and that no two splits differ by more than chance."""
    seen = {}
    for name, frame in splits.items():
        values = frame[label].drop_nulls() if label in frame.columns else pl.Series([], dtype=pl.Int8)
        if len(values):
            seen[name] = (int(values.sum()), len(values))
    shares = {name: ones / n for name, (ones, n) in seen.items()}
    low, high = wanted
    inside = bool(shares) and all(low <= share <= high for share in shares.values())
    found = ", ".join(f"{name} {percent(share)}" for name, share in shares.items()) or "no labels"
    checks = [Check(f"Share of {label} as expected", inside, found, f"{between(low, high)} in each split")]
    largest = max((_z(*one, *other) for one, other in combinations(seen.values(), 2)), default=None)
    if largest is not None:
        name = f"Splits differ in {label} by no more than chance"
        checks.append(Check(name, largest <= Z, f"|z| = {largest:.2f}", f"at most {Z:g}", severity="note"))
    return checks


def _z(ones_a: int, n_a: int, ones_b: int, n_b: int) -> float:
    """Compare two shares, in standard deviations of their difference when they are one."""
    pooled = (ones_a + ones_b) / (n_a + n_b)
    deviation = sqrt(pooled * (1 - pooled) * (1 / n_a + 1 / n_b))
    return abs(ones_a / n_a - ones_b / n_b) / deviation if deviation else 0.0


def _alike(splits: Mapping[str, pl.DataFrame], wanted: Wanted) -> Check:
    """Compare every split with the first, column by column."""
    (first, frame), *others = splits.items()
    known = profile(frame)
    moves = [
        (move.psi, f"{name}: {column} {move.psi:.3f}", not move.is_chance)
        for name, other in others
        for column, move in drift(known, other.drop(SPLIT, strict=False)).moves.items()
    ]
    far = [words for psi, words, real in sorted(moves, reverse=True) if real and psi > wanted.psi_note]
    largest = max(moves, default=(0.0, "nothing to compare", False))
    return Check(
        f"Splits look like {first}", not far, f"largest PSI, {largest[1]}",
        f"PSI at most {wanted.psi_note:g}, or what chance brings", tuple(far[:10]), "note",
    )  # fmt: skip

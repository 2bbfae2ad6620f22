"""Customers by group, and the means of groups: any difference of them, with its interval.

Group sizes are taken as given, customers as independent. Knows nothing of what a group is.

Source: degrees of freedom after Welch, "The generalization of 'Student's' problem when several
different population variances are involved", Biometrika 34 (1947); figures relative to the mean of all
by the delta method.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from churn_saver.errors import InputError
from churn_saver.evidence.shares import Interval

Floats: TypeAlias = NDArray[np.float64]

MISSING = "(missing)"
"""Name of the group of customers without a value."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Which group each customer belongs to."""

    names: tuple[str, ...]
    """In their order, (g,)."""
    place: NDArray[np.int64]
    """Group of each row, 0..g − 1, (n,)."""
    rows: Floats
    """Customers of each group, above 0, (g,)."""

    def sums(self, values: Floats) -> Floats:
        """Add up the rows of each group. Shapes: (n,) → (g,)."""
        return np.asarray(np.bincount(self.place, values, minlength=len(self.names)), dtype=np.float64)

    def against_others(self, group: int) -> Floats:
        """Give the contrast "all others together minus this group", (g,)."""
        weights: Floats = self.rows / (self.rows.sum() - self.rows[group])
        weights[group] = -1.0
        return weights


@dataclass(frozen=True, slots=True)
class Means:
    """Mean of each group."""

    value: Floats
    """(g,)."""
    variance: Floats
    """Of each mean, (g,)."""
    rows: Floats
    """(g,)."""

    def contrast(self, weights: Floats, level: float, relative: bool = False) -> Interval:
        """Give Σ weight·mean with its interval.

        Args:
            weights: By group, (g,).
            level: Coverage, inside (0, 1).
            relative: Divided by the mean of all customers.
        """
        slope, value = weights, float(weights @ self.value)
        if relative:
            share = self.rows / self.rows.sum()
            overall = float(share @ self.value)
            value /= overall
            slope = (weights - value * share) / overall
        parts = slope**2 * self.variance
        total = float(parts.sum())
        if total == 0:
            return Interval(value, value, value)
        freedom = total**2 / float((parts**2 / np.maximum(self.rows - 1, 1)).sum())
        half = float(stdtrit(freedom, 0.5 + level / 2)) * float(np.sqrt(total))
        return Interval(value, value - half, value + half)


def grouped(unit: NDArray[np.int64], group: Sequence[str | None], rows: int) -> Groups:
    """Read the groups of a column.

    Args:
        unit: Customers, (n,), each once.
        group: Value of the column, (n,); None: missing, a group of its own.
        rows: How many there must be.

    Raises:
        InputError: no rows, lengths that differ, a customer twice, or a value that reads as missing.
    """
    if not rows or len(unit) != rows or len(group) != rows:
        raise InputError(
            f"there are {len(unit)} customers, {len(group)} values of the column and {rows} rows of what "
            f"happened, wanted one of each for each customer, and at least one"
        )
    first = np.unique(unit, return_index=True)[1]
    repeated = np.ones(rows, dtype=np.bool_)
    repeated[first] = False
    refuse(repeated, "is a customer that stood before", "hand in one row a customer")
    refuse(
        np.array([one == MISSING for one in group]), f"has the value {MISSING!r}", "rename it, or say None"
    )
    named = np.array([MISSING if one is None else one for one in group], dtype=np.str_)
    names, place, counts = np.unique(named, return_inverse=True, return_counts=True)
    return Groups(tuple(names.tolist()), place, counts.astype(np.float64))


def means(groups: Groups, values: Floats) -> Means:
    """Give the mean of each group; a group of one customer has the variance of all. Shapes: values (n,)."""
    mean = groups.sums(values) / groups.rows
    squares = groups.sums((values - mean[groups.place]) ** 2)
    spread = squares / np.maximum(groups.rows - 1, 1)
    spread = np.where(groups.rows > 1, spread, values.var())
    return Means(mean, spread / groups.rows, groups.rows)


def refuse(wrong: NDArray[np.bool_], fault: str, step: str = "mend the row") -> None:
    """Refuse rows at fault.

    Raises:
        InputError: naming the first and counting the others.
    """
    rows = np.flatnonzero(wrong)
    if len(rows):
        more = f" (and {len(rows) - 1:,} more)" if len(rows) > 1 else ""
        raise InputError(f"row {int(rows[0])}{more} {fault}: {step}")

"""How sure a share is, and a difference of two shares, at any level.

Counts in, ends out; knows nothing of what is counted.

Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
(1927), the score interval; Newcombe, "Interval estimation for the difference between independent
proportions", Statistics in Medicine 17 (1998), method 10.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from churn_saver.errors import InputError

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and its interval, at the level of whoever made it."""

    value: float
    low: float
    high: float

    @property
    def negative(self) -> "Interval":
        """Turn the sign."""
        return Interval(-self.value, -self.high, -self.low)


def intervals(value: Floats, low: Floats, high: Floats) -> tuple[Interval, ...]:
    """Set figures and their ends side by side. Shapes: all (k,)."""
    return tuple(map(Interval, value.tolist(), low.tolist(), high.tolist()))


def wilson(count: Floats, rows: Floats, level: float) -> tuple[Floats, Floats]:
    """Give both ends of the score interval of each share count / rows.

    Args:
        count: Rows that have it, (k,), 0 ≤ count ≤ rows.
        rows: All rows, (k,), above 0.
        level: Coverage of each interval, inside (0, 1).

    Shapes: (k,), (k,) → (k,), (k,), inside [0, 1].

    Raises:
        InputError: no rows somewhere, a count outside 0..rows, or a level outside (0, 1).
    """
    z = normal_quantile(level)
    if not ((rows > 0) & (count >= 0) & (count <= rows)).all():
        where = int(np.flatnonzero(~((rows > 0) & (count >= 0) & (count <= rows)))[0])
        raise InputError(
            f"share {where} is {count[where]:g} of {rows[where]:g} rows, wanted a count from 0 to the rows "
            f"and at least one row: count again"
        )
    share, shrink = count / rows, 1 + z**2 / rows
    middle = (share + z**2 / (2 * rows)) / shrink
    half = z * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2)) / shrink
    # A share of 0 or 1 lies at the end of its interval exactly; rounding would leave it just outside.
    low = np.where(count == 0, 0.0, np.maximum(middle - half, 0.0))
    return low, np.where(count == rows, 1.0, np.minimum(middle + half, 1.0))


def newcombe(
    count: Floats, rows: Floats, other_count: Floats, other_rows: Floats, level: float
) -> tuple[Floats, Floats]:
    """Give both ends of the interval of count / rows − other_count / other_rows.

    Shapes: all (k,) → (k,), (k,), inside [−1, 1].

    Raises:
        InputError: as `wilson`.
    """
    p, q = count / np.maximum(rows, 1), other_count / np.maximum(other_rows, 1)
    low, high = wilson(count, rows, level)
    other_low, other_high = wilson(other_count, other_rows, level)
    down = np.sqrt((p - low) ** 2 + (other_high - q) ** 2)
    up = np.sqrt((high - p) ** 2 + (q - other_low) ** 2)
    return p - q - down, p - q + up


def normal_quantile(level: float) -> float:
    """Give z with P(|Z| ≤ z) = level.

    Raises:
        InputError: a level outside (0, 1).
    """
    if not 0 < level < 1:
        raise InputError(f"level is {level}, wanted a share inside (0, 1), such as 0.95")
    return float(ndtri(0.5 + level / 2))

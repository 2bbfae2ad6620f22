"""Money as an int of minor units; decimals only at the edge.

Knows nothing of currencies but that each has 100 minor units.
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import InputError

MINOR_PER_UNIT = 100
MAX_UNITS = 1_000_000_000
"""Largest amount accepted from outside, in currency units: far above any bill or budget."""


def to_minor(amount: str | float | Decimal, name: str = "amount") -> int:
    """Turn currency units into minor units, half a minor unit rounding up.

    Raises:
        InputError: not a finite number, negative, or above `MAX_UNITS`.
    """
    try:
        value = Decimal(str(amount))
    except InvalidOperation:
        raise InputError(f"{name} is {amount!r}, wanted a number such as 5000 or 89.99") from None
    if not value.is_finite() or not 0 <= value <= MAX_UNITS:
        raise InputError(f"{name} is {amount}, wanted a number from 0 to {MAX_UNITS}")
    return int((value * MINOR_PER_UNIT).to_integral_value(ROUND_HALF_UP))


def to_units(amount_minor: int) -> float:
    """Turn minor units into currency units, for JSON and CSV."""
    return amount_minor / MINOR_PER_UNIT


def shown(amount_minor: int) -> str:
    """Write minor units for a person: 123456 → '1,234.56'."""
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{abs(amount_minor) // MINOR_PER_UNIT:,}.{abs(amount_minor) % MINOR_PER_UNIT:02d}"


def discount_minor(percent: int, bill_minor: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cost of a discount on the next bill, rounded up so that a reservation always covers it.

    Shapes: bill_minor (n,) → (n,).  Units: whole per cent, minor units.
    """
    return (bill_minor * percent + 99) // 100

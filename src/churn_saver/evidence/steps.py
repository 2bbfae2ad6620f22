"""Other values to try one thing at, the nearest first: what a decision is asked again with.

The bounds of every search stand here, so that "nothing changes it" can say within what. Values are not
drawn from customers: one that no customer has may be among them.
"""

from collections.abc import Iterator, Mapping

from churn_saver.domain.customer import FIELD_BY_NAME

MOST_TIMES = 1_000.0
"""λ is tried up to so many times what it was, and down to 0."""
FIRST_STEP = 1e-3
"""Of λ, as a share of it; every next one is twice as far."""
PARTS = 50
"""Amounts are tried in fiftieths of what they are, from nothing to twice as much."""
RISK_STEP = 0.005
LEAST_RISK = 0.001
MOST_MOVED: Mapping[str, int] = {"tenure_months": 72, "support_tickets": 10}
"""Whole numbers, and how far each is moved."""


def price_steps(price: float, direction: int) -> list[float]:
    """Give prices of budget on one side, farther and farther; a price of 0 is stepped off as if it were 1.

    Args:
        price: λ as it was.
        direction: 1 up, −1 down.
    """
    scale = price if price > 0.0 else 1.0
    found: list[float] = []
    step = FIRST_STEP
    while step < (MOST_TIMES if direction > 0 else 1.0):
        found.append(price + direction * step * scale)
        step *= 2.0
    found.append(price + MOST_TIMES * scale if direction > 0 else 0.0)
    return [one for one in found if one >= 0.0 and one != price]


def risk_steps(risk: float, every: int = 1) -> list[float]:
    """Give other churn risks, from 0.1 % to 99.9 %.

    Args:
        risk: As it was.
        every: Take larger steps, so many times.
    """
    most = int(1.0 / RISK_STEP) + 1
    found = (risk + sign * k * RISK_STEP for k in range(every, most, every) for sign in (1, -1))
    return [one for one in found if LEAST_RISK <= one <= 1.0 - LEAST_RISK]


def bill_steps(bill_minor: int, every: int = 1) -> list[int]:
    """Give other bills, whole minor units, up to twice as much.

    Args:
        bill_minor: As it was.
        every: As of `risk_steps`.
    """
    found = dict.fromkeys(round(one) for one in _amounts(float(bill_minor), every))
    return [one for one in found if one != bill_minor]


def field_steps(name: str, value: float, every: int = 1) -> list[float]:
    """Give other values of one input: numbers the nearest first, or every other word's index.

    Args:
        name: Of the field.
        value: As it was; a word by its index.
        every: As of `risk_steps`; words are all given.
    """
    field = FIELD_BY_NAME[name]
    if field.words:
        return [float(code) for code in range(len(field.words)) if code != value]
    if name in MOST_MOVED:
        most = MOST_MOVED[name] + 1
        found: Iterator[float] = (value + sign * k for k in range(1, most, every) for sign in (1, -1))
    else:
        found = _amounts(value, every)
    return [one for one in found if field.low <= one <= field.high]


def _amounts(value: float, every: int) -> Iterator[float]:
    scale = max(value, 1.0)
    moved = (value + sign * scale * k / PARTS for k in range(every, PARTS + 1, every) for sign in (1, -1))
    return (one for one in moved if one >= 0.0)

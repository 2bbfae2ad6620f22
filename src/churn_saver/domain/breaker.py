"""A circuit breaker as a value: who fails again and again is left alone for a while, then tried once.

    closed     asked at every call                     → open after so many faults in a row
    open       not asked until the pause is over       → half open
    half open  one call is out to try, others wait     → closed if it succeeds, open again if it fails

A call that began before the breaker opened says nothing about now, so its late verdict changes nothing.
Knows no clock, no thread, and not what is asked.
Source: M. Nygard, Release It!, 2nd ed., chapter 5, Circuit Breaker.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum


@dataclass(frozen=True, slots=True)
class Tolerance:
    """When a breaker opens, and for how long."""

    faults: int
    """In a row, 1 or more."""
    pause: timedelta


class Leave(Enum):
    """Whether a call may be made; its verdict is handed back with it."""

    REFUSED = "refused"
    CALL = "call"
    PROBE = "probe"
    """The one call that finds out whether the pause was long enough."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """Where it stands; a new one is closed."""

    faults: int = 0
    """In a row."""
    opened_at: datetime | None = None
    """Aware, UTC; None: closed."""
    probing: bool = False
    """A probe is out."""

    @property
    def is_open(self) -> bool:
        """Say whether calls are refused, but for a probe."""
        return self.opened_at is not None


def asked(breaker: Breaker, now: datetime, tolerance: Tolerance) -> tuple[Breaker, Leave]:
    """Ask for leave to call.

    Calls that began a little before it opened are refused too; a clock that was set back by more than the
    pause says nothing about it, and ends it.

    Args:
        breaker: As it stands.
        now: Aware, UTC.
        tolerance: How long it stays open.
    """
    if breaker.opened_at is None:
        return breaker, Leave.CALL
    if breaker.probing or abs(now - breaker.opened_at) < tolerance.pause:
        return breaker, Leave.REFUSED
    return replace(breaker, probing=True), Leave.PROBE


def succeeded(breaker: Breaker, leave: Leave) -> Breaker:
    """Take in that a call brought an answer."""
    if leave is Leave.CALL and breaker.is_open:
        return breaker
    return Breaker()


def failed(breaker: Breaker, leave: Leave, now: datetime, tolerance: Tolerance) -> Breaker:
    """Take in that a call failed or was late.

    Args:
        breaker: As it stands.
        leave: That the call was made with.
        now: Aware, UTC.
        tolerance: How many faults open it.
    """
    if leave is Leave.PROBE:
        return Breaker(breaker.faults, now)
    if breaker.is_open:
        return breaker
    faults = breaker.faults + 1
    return Breaker(faults, now if faults >= tolerance.faults else None)

"""Until when the ledger may keep its caller waiting: said once around a request, heeded by whatever waits.

It follows the request into the thread that works for it, and not into threads that work for everybody. Where
nobody said anything (the command line, opening and migrating) each wait has its own limit, or none. Knows
neither requests nor databases.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_UNTIL: ContextVar[float | None] = ContextVar("until", default=None)
"""Of `time.monotonic`; None: nobody said."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Have everything in the block done within so many seconds; of two said, the earlier one holds."""
    with by(time.monotonic() + seconds):
        yield


@contextmanager
def by(moment: float) -> Iterator[None]:
    """Have everything in the block done by a moment that `until` gave; of two said, the earlier one holds."""
    outer = _UNTIL.get()
    before = _UNTIL.set(moment if outer is None else min(outer, moment))
    try:
        yield
    finally:
        _UNTIL.reset(before)


def until() -> float | None:
    """Give the moment by which all must be done, for a thread that works for this one; None: nobody said."""
    return _UNTIL.get()


def rest() -> float | None:
    """Give the seconds that are left, never less than 0; None: nobody said."""
    until = _UNTIL.get()
    return None if until is None else max(0.0, until - time.monotonic())


def at_most(seconds: float) -> float:
    """Give what is left of so many seconds."""
    left = rest()
    return seconds if left is None else min(seconds, left)


def acquired(lock: threading.Lock) -> bool:
    """Take a lock if it can be had in time; where nobody said a deadline, however long it takes."""
    left = rest()
    return lock.acquire(timeout=-1 if left is None else left)

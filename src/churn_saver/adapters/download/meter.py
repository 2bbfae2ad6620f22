"""Progress at a rate that a person can read."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from churn_saver.domain.progress import Progress


@dataclass(slots=True)
class Meter:
    """Passes on some of very many small steps."""

    report: Progress
    what: str
    every_seconds: float = 0.1
    clock: Callable[[], float] = time.monotonic
    _next: float = float("-inf")

    def __call__(self, done: int, total: int) -> None:
        """Tell how far it is, unless that was told a moment ago; the end is always told."""
        now = self.clock()
        if now >= self._next or done == total:
            self._next = now + self.every_seconds
            self.report(self.what, done, total)

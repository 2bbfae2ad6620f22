"""What became of messages, as the page of metrics shows it: read from the ledger, some of it rarely.

What waits is few rows and is read each time. What ever went out is a look at every contact, so it is
counted at most once in `COUNTED_FOR`; between two counts the page shows the earlier one. Knows no metric.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from churn_saver.store import Store

COUNTED_FOR = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Sendings:
    """Messages of all campaigns."""

    sent: int
    """Ever, as of at most `COUNTED_FOR` ago."""
    waiting: int
    """Neither sent nor given up."""
    due: int
    """Of these, whose moment has come."""
    given_up: int
    unsafe: int
    """Of those given up, whose text the shield stopped as it was about to go out."""
    lag_seconds: float
    """Since when the oldest one is due; 0: nothing is."""


class Counting:
    """Counts what went out, for one worker; safe to share between threads."""

    def __init__(self) -> None:
        """Begin without a count."""
        self._lock = threading.Lock()
        self._at: datetime | None = None
        self._sent = 0

    def read(self, store: Store, now: datetime) -> Sendings:
        """Read what became of messages.

        Args:
            store: Open books.
            now: Aware.

        Raises:
            LedgerUnavailable: the ledger does not answer.
        """
        queue = store.outbox.queue(now)
        oldest = queue.oldest_due_at
        lag = 0.0 if oldest is None else (now - oldest).total_seconds()
        return Sendings(
            self._counted(store, now), queue.waiting, queue.due, queue.given_up, queue.unsafe, lag
        )

    def _counted(self, store: Store, now: datetime) -> int:
        with self._lock:
            # A clock that was put back must not keep a count for longer.
            if self._at is None or not timedelta(0) <= now - self._at < COUNTED_FOR:
                self._sent, self._at = store.outbox.sent_so_far(), now
            return self._sent

"""The switches as a process obeys them: read again after a second, and never waited for long.

One thread reads, the others wait for it; whoever cannot know within `SWITCH_SECONDS` acts as if all were
stopped. Knows nothing of decisions.
"""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from churn_saver.errors import LedgerError
from churn_saver.store import Control, Store, acquired, within

CONTROL_SECONDS = 1
"""The switches are read again when they were read longer ago; two seconds are what is promised."""
SWITCH_SECONDS = 2
"""How long a request waits to know them."""
_NEVER = datetime.min.replace(tzinfo=UTC)


class Switches:
    """Safe to share between threads."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._reading = threading.Lock()
        self._control, self._read_at = Control(), _NEVER

    @property
    def unread(self) -> Control:
        """The switches for whoever cannot know them: as they were last seen, and all is stopped."""
        return replace(self._control, stopped=True)

    def heed(self) -> None:
        """Read them again at the next request, whatever their age."""
        self._read_at = _NEVER

    def read(self, store: Store, now: datetime) -> Control | None:
        """Give the switches, read a second ago at most; None: they cannot be read."""
        if self._are_fresh(now):
            return self._control
        with within(SWITCH_SECONDS):
            if not acquired(self._reading):
                return None
            try:
                if not self._are_fresh(now):
                    self._control, self._read_at = store.control(), now
                return self._control
            except LedgerError:
                return None
            finally:
                self._reading.release()

    def _are_fresh(self, now: datetime) -> bool:
        return timedelta(0) <= now - self._read_at < timedelta(seconds=CONTROL_SECONDS)

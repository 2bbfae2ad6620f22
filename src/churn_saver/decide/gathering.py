"""Requests that wait at one moment, decided together: one call of the models, one transaction.

Who comes alone is decided at once, by its own thread. Who comes while another is being decided waits for it,
and is then decided with all who wait: the first of them works for all. So a decision costs least when most
are asked for, and nobody waits for company. Rows do not know of each other, so each gets what it would have
got alone; whoever the books refuse, and all when anything fails, is decided again alone by its own thread
and meets its own fault there.

Source: flat combining, Hendler, Incze, Shavit and Tzafrir, "Flat combining and the
synchronization-parallelism tradeoff", SPAA 2010.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from churn_saver.decide.engine import Attempt, Attempted
from churn_saver.decide.event import attempted
from churn_saver.errors import ChurnSaverError
from churn_saver.journey import Rules
from churn_saver.store import by, rest, until

Told = Callable[[int], None]
MOST_TOGETHER = 16
"""Requests of one transaction: the last of them waits for no more than a few of its milliseconds."""


@dataclass(slots=True, eq=False)
class _Ticket:
    """One request that waits, or works for those who do."""

    attempt: Attempt
    until: float | None
    """Its deadline, as `store.until` gives it; None: it has none."""
    woken: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    """It was woken to work for all who wait."""
    found: Attempted | None = None


class Gathering:
    """Where requests of one process meet; safe to share between threads."""

    def __init__(self, told: Told | None = None, most: int = MOST_TOGETHER) -> None:
        """Begin with nobody.

        Args:
            told: How many are decided together, each time; None: nobody is.
            most: How many may be, 1 or more.
        """
        self._most, self._told = most, told
        self._lock = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._is_led = False

    @property
    def waiting(self) -> int:
        """How many wait while another is being decided."""
        return len(self._waiting)

    def attempted(self, attempt: Attempt) -> Attempted | None:
        """Make an attempt, together with others that wait and are alike.

        Args:
            attempt: Its customer must not wait here twice at a time.

        Returns:
            What came of it; None: nothing, make it alone.
        """
        if attempt.engine.rules.live is not None:
            return None  # A live text takes its time, and would take everybody's.
        own = _Ticket(attempt, until())
        with self._lock:
            own.leads, self._is_led = not self._is_led, True
            if not own.leads:
                self._waiting.append(own)
        if not own.leads and not self._awaited(own):
            return None
        if own.leads:
            self._lead(own)
        return own.found

    def _awaited(self, own: _Ticket) -> bool:
        """Wait for an answer, or for the lead; False: neither came in time."""
        if own.woken.wait(rest()):
            return True
        with self._lock:
            if own in self._waiting:
                self._waiting.remove(own)
                return False
        # Whoever works for it heeds its deadline too: what is recorded must not be told to be unrecorded.
        return own.woken.wait()

    def _lead(self, own: _Ticket) -> None:
        """Decide for all who wait and are alike, then hand the lead on."""
        with self._lock:
            others = [one for one in self._waiting if _kind(one.attempt) == _kind(own.attempt)]
            together = [own, *others[: self._most - 1]]
            self._waiting = [one for one in self._waiting if one not in together]
        try:
            self._decide(together)
        finally:
            with self._lock:
                following = self._waiting.pop(0) if self._waiting else None
                self._is_led = following is not None
            if following is not None:
                following.leads = True
                following.woken.set()
            for one in together:
                one.woken.set()

    def _decide(self, together: Sequence[_Ticket]) -> None:
        if self._told is not None:
            self._told(len(together))
        ends = [one.until for one in together if one.until is not None]
        try:
            with by(min(ends)) if ends else nullcontext():
                found = attempted([one.attempt for one in together])
        except ChurnSaverError:
            return  # Each meets its own fault alone.
        for one, own in zip(together, found, strict=True):
            one.found = own


def _kind(attempt: Attempt) -> tuple[object, ...]:
    """Say what two requests must have in common to be rows of one table."""
    engine, known = attempt.engine, attempt.known
    # Rules are put together anew for each request, out of the same parts.
    parts = [id(getattr(engine.rules, name)) for name in Rules.__slots__]
    made_with = id(engine.store), id(engine.predictors), id(engine.guards), *parts
    state = engine.stopped, attempt.lacks, known.history.readable, known.campaign
    return *made_with, *state, tuple(attempt.customers.fields)

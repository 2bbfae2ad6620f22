"""Guards before what may fail or hang while it serves: each has its breaker, and threads to hang in.

A guard gives an answer in time, or says at once that there is none. Where nobody waits (a table on the
command line) there are no guards, and an error is an error. Knows not who answers instead: `laddering`.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from churn_saver.adapters.hands import Hands, Wait
from churn_saver.config import GuardSettings
from churn_saver.domain import breaker
from churn_saver.domain.artefacts import Artefact, Cause, tried
from churn_saver.domain.breaker import Breaker, Leave, Tolerance
from churn_saver.errors import Unusable

Answer = TypeVar("Answer")


class Watch(Protocol):
    """Is told what goes wrong; must not raise."""

    def failed(self, fault: Unusable) -> None:
        """Take note that a decision had to do without an artefact that was asked."""
        ...

    def turned(self, artefact: Artefact, is_open: bool) -> None:
        """Take note that a breaker opened or closed."""
        ...


class Unwatched:
    """Takes note of nothing."""

    def failed(self, fault: Unusable) -> None:
        """Take no note."""

    def turned(self, artefact: Artefact, is_open: bool) -> None:
        """Take no note."""


@dataclass(frozen=True, slots=True)
class Timely:
    """Threads, and how long their callers wait."""

    hands: Hands
    seconds: float


class Guard:
    """Stands before one artefact; safe to share between threads."""

    def __init__(
        self,
        artefact: Artefact,
        tolerance: Tolerance,
        watch: Watch,
        one: Timely | None = None,
        table: Timely | None = None,
    ) -> None:
        """Begin closed.

        Args:
            artefact: What is asked.
            tolerance: When it is left alone.
            watch: Told when the breaker opens or closes.
            one: Who asks it about one customer; None: the caller, of what keeps a deadline by itself.
            table: Who asks it about a table, which takes its time and must not hold up the others.
        """
        self._artefact, self._tolerance, self._watch = artefact, tolerance, watch
        self._one, self._table = one, table
        self._lock, self._breaker = threading.Lock(), Breaker()

    @property
    def artefact(self) -> Artefact:
        """What is asked."""
        return self._artefact

    @property
    def is_open(self) -> bool:
        """Say whether the artefact is left alone."""
        return self._breaker.is_open

    def ask(self, call: Callable[[], Answer], now: datetime, is_table: bool = False) -> Answer:
        """Give what the artefact answers.

        Args:
            call: Asks it.
            now: Aware, UTC.
            is_table: About a table.

        Raises:
            Unusable: it raised, was late, or is left alone.
        """
        with self._lock:
            self._breaker, leave = breaker.asked(self._breaker, now, self._tolerance)
        if leave is Leave.REFUSED:
            raise Unusable(self._artefact, Cause.RESTING)
        answered = False
        try:
            answer = self._timely(call, self._table if is_table else self._one)
            answered = True
            return answer
        finally:
            self._judged(leave, answered, now)

    def close(self) -> None:
        """Let go of the threads."""
        for timely in (self._one, self._table):
            if timely is not None:
                timely.hands.close()

    def _timely(self, call: Callable[[], Answer], timely: Timely | None) -> Answer:
        if timely is None:
            return tried(self._artefact, call)
        try:
            return timely.hands.done(lambda: tried(self._artefact, call), timely.seconds)
        except TimeoutError as error:
            raise Unusable(self._artefact, Cause.LATE) from error

    def _judged(self, leave: Leave, answered: bool, now: datetime) -> None:
        with self._lock:
            was_open = self._breaker.is_open
            self._breaker = (
                breaker.succeeded(self._breaker, leave)
                if answered
                else breaker.failed(self._breaker, leave, now, self._tolerance)
            )
            if self._breaker.is_open is not was_open:
                self._watch.turned(self._artefact, self._breaker.is_open)


@dataclass(frozen=True, slots=True)
class Guards:
    """Those of a service. What was read into memory and only looks things up (bank, classifier) has none."""

    predictors: Guard
    policy: Guard
    """Before a trained policy or learned effects; the other rungs are arithmetic of our own."""
    live: Guard
    watch: Watch

    @classmethod
    def of(
        cls, settings: GuardSettings, watch: Watch | None = None, wait: Wait = threading.Event.wait
    ) -> "Guards":
        """Put guards up.

        Args:
            settings: Of serve.yaml.
            watch: Told what goes wrong; None: nobody is.
            wait: How a caller waits for an answer.
        """
        told = watch or Unwatched()
        tolerance = Tolerance(settings.faults, timedelta(seconds=settings.pause_seconds))

        def guard(artefact: Artefact) -> Guard:
            one = Timely(Hands(artefact, settings.threads, wait), settings.deadline_ms / 1_000)
            hands = Hands(f"{artefact}-of-tables", settings.threads, wait)
            return Guard(artefact, tolerance, told, one, Timely(hands, settings.table_deadline_seconds))

        live = Guard(Artefact.LIVE, tolerance, told)
        return cls(guard(Artefact.PREDICTORS), guard(Artefact.POLICY), live, told)

    @property
    def resting(self) -> tuple[str, ...]:
        """Codes of what is left alone just now."""
        return tuple(one.artefact.unavailable for one in self._all if one.is_open)

    def close(self) -> None:
        """Let go of all threads."""
        for one in self._all:
            one.close()

    @property
    def _all(self) -> tuple[Guard, ...]:
        return self.predictors, self.policy, self.live

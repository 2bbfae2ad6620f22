"""Work beside the answers: what a shadow would have done is worked out and kept once they have gone out.

Whoever decides hands the work over and goes on: that takes no time, never fails, and no answer depends on it.
One thread has it done, each piece within a deadline, and writes what came of it about once a second, however
much waits, so that those who decide seldom meet it at the ledger. What hangs keeps its thread, and no more
than that one. What is too much is left undone. All of it is told to a watch, as often as is written and not
for each request: a fault that lasts floods no log. Knows nothing of the work.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from churn_saver.adapters.hands import Hands, Wait
from churn_saver.domain.shadows import Shadowed
from churn_saver.store import Store, within

Work = Callable[[], Sequence[Shadowed]]
"""Gives rows with the names of recorded decisions."""
MOST_ROWS = 20_000
"""Decisions that may wait: a table of the largest size, and as many requests."""
PAUSE_SECONDS = 1.0
"""Between two writes."""
WRITE_SECONDS = 5.0
"""How long one write may take."""
END_SECONDS = 2.0
"""How long an end waits for what is waiting to be written."""


class Fault(StrEnum):
    """Why decisions have no shadow."""

    RAISED = "raised"
    """It ended in an error, or may not decide here."""
    LATE = "late"
    """It did not answer in time, or hangs still."""
    FULL = "full"
    """More waited already than may."""
    LEDGER = "ledger"
    """What it would have done could not be kept."""


class ShadowWatch(Protocol):
    """Is told what becomes of the work; must not raise."""

    def shadowed(self, decisions: int) -> None:
        """Take note that what a shadow would have done is kept for so many decisions."""
        ...

    def unshadowed(self, decisions: int, fault: Fault, error: Exception | None = None) -> None:
        """Take note that so many decisions have none."""
        ...


@dataclass(frozen=True, slots=True)
class _Piece:
    store: Store
    work: Work
    rows: int


class Beside:
    """Works for one process; safe to share between threads."""

    def __init__(
        self,
        watch: ShadowWatch,
        seconds: float,
        pause_seconds: float = PAUSE_SECONDS,
        wait: Wait = threading.Event.wait,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin no thread yet.

        Args:
            watch: Told what becomes of the work.
            seconds: That one piece may take.
            pause_seconds: Between two writes.
            wait: How a piece is waited for; tests bring their own.
            clock: Seconds that have gone by; likewise.
        """
        self._watch, self._seconds, self._pause = watch, seconds, pause_seconds
        self._hands, self._clock = Hands("shadow", 1, wait), clock
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._ends = threading.Event()
        self._waiting: list[_Piece] = []
        self._rows = self._left_out = 0
        self._thread: threading.Thread | None = None

    def take(self, store: Store, work: Work, rows: int) -> None:
        """Take a piece of work and come back at once; what is too much is left undone.

        Args:
            store: Where what comes of it is kept.
            work: About recorded decisions; whatever it raises is counted.
            rows: How many decisions.
        """
        with self._lock:
            is_over = self._ends.is_set()
            if not is_over and self._rows + rows <= MOST_ROWS:
                self._waiting.append(_Piece(store, work, rows))
                self._rows += rows
            elif not is_over:
                self._left_out += rows
            if not is_over and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="beside", daemon=True)
                self._thread.start()
        if is_over:
            self._watch.unshadowed(rows, Fault.FULL)

    def settle(self, seconds: float) -> bool:
        """Wait until all that was taken is done. False: it is not."""
        with self._idle:
            return self._idle.wait_for(lambda: self._thread is None, seconds)

    def close(self) -> None:
        """Take no more work, and wait a moment for what was taken."""
        self._ends.set()
        self.settle(END_SECONDS)
        self._hands.close()

    def _run(self) -> None:
        """Work until nothing waits; the next piece begins another thread."""
        while True:
            with self._lock:
                pieces, self._waiting = self._waiting, []
                left_out, self._left_out = self._left_out, 0
                if not pieces and not left_out:
                    self._thread = None
                    self._idle.notify_all()
                    return
            if left_out:
                self._watch.unshadowed(left_out, Fault.FULL)
            try:
                self._work(pieces)
            finally:
                with self._lock:
                    self._rows -= sum(piece.rows for piece in pieces)
            self._ends.wait(self._pause)

    def _work(self, pieces: Sequence[_Piece]) -> None:
        """Do the pieces, and write and tell what came of them each time that a pause's length has gone by."""
        made: list[Shadowed] = []
        missed: dict[Fault, tuple[int, Exception]] = {}
        began = self._clock()
        for place, piece in enumerate(pieces, 1):
            fault: tuple[Fault, Exception] | None = None
            try:
                made += self._hands.done(piece.work, self._seconds)
            except TimeoutError as late:
                fault = Fault.LATE, late
            except Exception as raised:  # whatever it is, those who decide go on deciding
                fault = Fault.RAISED, raised
            if fault is not None:
                rows, _ = missed.get(fault[0], (0, None))
                missed[fault[0]] = rows + piece.rows, fault[1]
            if place == len(pieces) or self._clock() - began >= PAUSE_SECONDS:
                self._write(piece.store, made)
                for kind, (rows, error) in missed.items():
                    self._watch.unshadowed(rows, kind, error)
                made, missed, began = [], {}, self._clock()

    def _write(self, store: Store, made: Sequence[Shadowed]) -> None:
        if not made:
            return
        try:
            with within(WRITE_SECONDS):
                self._watch.shadowed(store.shadows.keep(made))
        except Exception as error:  # likewise
            self._watch.unshadowed(sum(map(len, made)), Fault.LEDGER, error)

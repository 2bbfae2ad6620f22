"""Work beside the answers: what a shadow would have done is worked out and kept once they have gone out.

Whoever decides hands the work over and goes on: that takes no time, never fails, and no answer depends on it.
One thread has it done, each piece within a deadline, and writes what came of it about once a second, so that
those who decide seldom meet it at the ledger. What hangs keeps its thread, and no more than that one. What is
too much is left undone. All of it is told to a watch; knows nothing of the work.
"""

import threading
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
    ) -> None:
        """Begin no thread yet.

        Args:
            watch: Told what becomes of the work.
            seconds: That one piece may take.
            pause_seconds: Between two writes.
            wait: How a piece is waited for; tests bring their own.
        """
        self._watch, self._seconds, self._pause = watch, seconds, pause_seconds
        self._hands = Hands("shadow", 1, wait)
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._ends = threading.Event()
        self._waiting: list[_Piece] = []
        self._rows = 0
        self._thread: threading.Thread | None = None

    def take(self, store: Store, work: Work, rows: int) -> None:
        """Take a piece of work and come back at once; what is too much is left undone.

        Args:
            store: Where what comes of it is kept.
            work: About recorded decisions; whatever it raises is counted.
            rows: How many decisions.
        """
        with self._lock:
            is_full = self._ends.is_set() or self._rows + rows > MOST_ROWS
            if not is_full:
                self._waiting.append(_Piece(store, work, rows))
                self._rows += rows
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="beside", daemon=True)
                    self._thread.start()
        if is_full:
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
                if not pieces:
                    self._thread = None
                    self._idle.notify_all()
                    return
            try:
                self._work(pieces)
            finally:
                with self._lock:
                    self._rows -= sum(piece.rows for piece in pieces)
            self._ends.wait(self._pause)

    def _work(self, pieces: Sequence[_Piece]) -> None:
        made: list[Shadowed] = []
        for piece in pieces:
            try:
                made += self._hands.done(piece.work, self._seconds)
            except TimeoutError as error:
                self._watch.unshadowed(piece.rows, Fault.LATE, error)
            except Exception as error:  # whatever it is, those who decide go on deciding
                self._watch.unshadowed(piece.rows, Fault.RAISED, error)
        if not made:
            return
        rows = sum(map(len, made))
        try:
            with within(WRITE_SECONDS):
                self._watch.shadowed(pieces[-1].store.shadows.keep(made))
        except Exception as error:  # likewise
            self._watch.unshadowed(rows, Fault.LEDGER, error)

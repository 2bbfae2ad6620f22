"""Threads for work that may never end: whoever hands it over waits until a deadline, and no longer.

A thread cannot be ended from outside, so work that hangs keeps its thread; there are so many threads and
no more, and once all hang the next caller hears so at once. A thread that comes back takes work again. They
are daemons: a process can end while one hangs, which an executor of the standard library would not let it
(https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor). Knows nothing of the work.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Generic, TypeVar, cast

Answer = TypeVar("Answer")
Wait = Callable[[threading.Event, float], bool]
"""Waits for an event for so many seconds at most; says whether it came."""


@dataclass(slots=True)
class _Job(Generic[Answer]):
    call: Callable[[], Answer]
    over: threading.Event = field(default_factory=threading.Event)
    answer: Answer | None = None
    error: BaseException | None = None
    begun: bool = False
    given_up: bool = False

    def run(self) -> None:
        try:
            self.answer = self.call()
        except BaseException as error:  # raised again where somebody waits for it
            self.error = error


class Hands:
    """At most so many threads, begun when there is work for them."""

    def __init__(self, name: str, most: int, wait: Wait = threading.Event.wait) -> None:
        """Begin no thread yet.

        Args:
            name: Of the threads.
            most: How many there may be, 1 or more.
            wait: How a caller waits; tests bring their own.
        """
        self._name, self._most, self._wait = name, most, wait
        self._jobs: SimpleQueue[_Job[object] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = self._unfinished = self._stuck = 0
        self._closed = False

    @property
    def threads(self) -> int:
        """How many threads there are."""
        return self._threads

    @property
    def stuck(self) -> int:
        """How many of them do work that nobody waits for any more."""
        return self._stuck

    def done(self, call: Callable[[], Answer], seconds: float) -> Answer:
        """Have something done.

        Args:
            call: The work; what it raises is raised here.
            seconds: How long to wait; work that has not begun by then is never begun.

        Raises:
            TimeoutError: it was not done in time, all threads hang, or the hands were closed.
        """
        job = _Job(call)
        with self._lock:
            if self._closed or self._stuck >= self._most:
                raise TimeoutError(f"{self._name}: {self._stuck} of {self._most} threads hang")
            self._unfinished += 1
            if self._threads < min(self._unfinished, self._most):
                self._threads += 1
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
        self._jobs.put(cast("_Job[object]", job))
        if not self._wait(job.over, seconds):
            with self._lock:
                if not job.over.is_set():
                    job.given_up = True
                    self._stuck += job.begun
                    raise TimeoutError(f"{self._name}: not done after {seconds} seconds")
        if job.error is not None:
            raise job.error
        return cast(Answer, job.answer)

    def close(self) -> None:
        """Take no more work; threads end when they have nothing left to do. Waits for nobody."""
        with self._lock:
            self._closed = True
            for _ in range(self._threads):
                self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            with self._lock:
                wanted = job.begun = not job.given_up
            if wanted:
                job.run()
            with self._lock:
                job.over.set()
                self._unfinished -= 1
                self._stuck -= wanted and job.given_up

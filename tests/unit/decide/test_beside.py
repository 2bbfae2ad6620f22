"""Work beside the answers: done afterwards, bounded, and of no consequence to whoever handed it over."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import pytest

from churn_saver.decide.beside import MOST_ROWS, Beside, Fault
from churn_saver.domain.shadows import Shadowed
from churn_saver.errors import ArtifactError, LedgerUnavailable
from churn_saver.store import Store
from tests.shadowing import Told, shadowed

LONG = 60.0


@dataclass
class Books:
    """A ledger that remembers what it was to keep."""

    broken: bool = False
    kept: list[list[str]] = field(default_factory=list)

    @property
    def shadows(self) -> "Books":
        """Stand in for the shadows too."""
        return self

    def keep(self, made: Sequence[Shadowed]) -> int:
        """Keep everything in one write, or fail."""
        if self.broken:
            raise LedgerUnavailable("told so")
        self.kept.append([name for one in made for name in one.decision_ids])
        return len(self.kept[-1])


@contextmanager
def worker(told: Told, **options: object) -> Iterator[Beside]:
    """Give a worker without pauses, and let go of it."""
    plain = {"seconds": LONG, "pause_seconds": 0.0}
    made = Beside(told, **(plain | options))  # type: ignore[arg-type]
    yield made
    made.close()


def take(beside: Beside, books: Books, *names: str) -> None:
    """Hand over work about these decisions."""
    beside.take(cast(Store, books), lambda: [shadowed("a" * 64, list(names))], len(names))


def test_what_was_handed_over_is_kept() -> None:
    """And counted."""
    told, books = Told(), Books()
    with worker(told) as beside:
        take(beside, books, "x", "y")

        assert beside.settle(LONG)
    assert [name for some in books.kept for name in some] == ["x", "y"]
    assert (sum(told.kept), told.missed) == (2, [])


def test_nobody_waits_and_what_gathers_meanwhile_is_written_at_once() -> None:
    """While the first piece hangs three more come: whoever brings them goes on, and they are one write."""
    told, books, may = Told(), Books(), threading.Event()
    begun = threading.Event()

    def held() -> list[Shadowed]:
        begun.set()
        may.wait(LONG)
        return [shadowed("a" * 64, ["first"])]

    with worker(told) as beside:
        beside.take(cast(Store, books), held, 1)
        begun.wait(LONG)
        for name in ("x", "y", "z"):
            take(beside, books, name)
        before = list(books.kept)
        may.set()

        assert beside.settle(LONG)
    assert before == []
    assert books.kept == [["first"], ["x", "y", "z"]]


@pytest.mark.parametrize("error", [ArtifactError("told so"), ValueError("odd"), MemoryError()])
def test_whatever_the_work_raises_is_counted_and_nothing_else(error: Exception) -> None:
    """The next piece is done as ever."""
    told, books = Told(), Books()

    def broken() -> list[Shadowed]:
        raise error

    with worker(told) as beside:
        beside.take(cast(Store, books), broken, 3)
        take(beside, books, "x")

        assert beside.settle(LONG)
    assert told.missed == [(3, Fault.RAISED, type(error).__name__)]
    assert books.kept == [["x"]]


def test_what_hangs_keeps_one_thread_and_the_rest_is_told_at_once() -> None:
    """It never comes back within the test; those after it are late too, without a wait of their own."""
    told, books, may, begun = Told(), Books(), threading.Event(), threading.Event()

    def hanging() -> list[Shadowed]:
        begun.set()
        may.wait(LONG)
        return []

    def no_time(over: threading.Event, seconds: float) -> bool:
        return begun.wait(seconds) and over.is_set()

    with worker(told, wait=no_time) as beside:
        beside.take(cast(Store, books), hanging, 2)
        assert beside.settle(LONG)
        take(beside, books, "x")
        assert beside.settle(LONG)
        may.set()

    assert told.missed == [(2, Fault.LATE, "TimeoutError"), (1, Fault.LATE, "TimeoutError")]
    assert books.kept == []


def test_more_than_may_wait_is_left_undone() -> None:
    """The largest table and one decision more: it is counted, and what waited is done."""
    told, books, may = Told(), Books(), threading.Event()
    with worker(told) as beside:
        beside.take(cast(Store, books), lambda: [shadowed("a" * 64, [])] * may.wait(LONG), MOST_ROWS)
        take(beside, books, "x")
        may.set()
        assert beside.settle(LONG)
        take(beside, books, "y")
        assert beside.settle(LONG)

    assert told.missed == [(1, Fault.FULL, "NoneType")]
    assert books.kept == [[], ["y"]]


def test_what_waits_is_written_about_once_a_second_however_much_it_is() -> None:
    """Five pieces of 0.6 s each: two of them are a second, and are written before the next one is begun."""
    told, books, may, passed = Told(), Books(), threading.Event(), [0.0]
    begun = threading.Event()

    def held() -> list[Shadowed]:
        begun.set()
        may.wait(LONG)
        return []

    def slow(name: str) -> list[Shadowed]:
        passed[0] += 0.6
        return [shadowed("a" * 64, [name])]

    with worker(told, clock=lambda: passed[0]) as beside:
        beside.take(cast(Store, books), held, 1)
        begun.wait(LONG)
        for name in ("u", "v", "x", "y", "z"):
            beside.take(cast(Store, books), partial(slow, name), 1)
        may.set()
        assert beside.settle(LONG)

    assert books.kept == [["u", "v"], ["x", "y"], ["z"]]
    assert sum(told.kept) == 5


def test_a_fault_that_lasts_is_told_once_for_all_who_waited() -> None:
    """Three requests that end in an error and two that find no room are two lines, not five."""
    told, books, may = Told(), Books(), threading.Event()
    begun = threading.Event()

    def held() -> list[Shadowed]:
        begun.set()
        may.wait(LONG)
        return []

    def broken() -> list[Shadowed]:
        raise ArtifactError("told so")

    with worker(told) as beside:
        beside.take(cast(Store, books), held, MOST_ROWS - 3)
        begun.wait(LONG)
        for _ in range(3):
            beside.take(cast(Store, books), broken, 1)
        take(beside, books, "x")
        take(beside, books, "y", "z")
        may.set()
        assert beside.settle(LONG)

    assert told.missed == [(3, Fault.FULL, "NoneType"), (3, Fault.RAISED, "ArtifactError")]


def test_a_ledger_that_cannot_keep_it_is_counted() -> None:
    """Two pieces, three decisions; the next ones are kept."""
    told, books = Told(), Books(broken=True)
    with worker(told) as beside:
        take(beside, books, "x", "y")
        assert beside.settle(LONG)
        books.broken = False
        take(beside, books, "z")
        assert beside.settle(LONG)

    assert told.missed == [(2, Fault.LEDGER, "LedgerUnavailable")]
    assert books.kept == [["z"]]


def test_after_its_end_nothing_is_taken() -> None:
    """What was taken before is done first."""
    told, books = Told(), Books()
    with worker(told, pause_seconds=LONG) as beside:
        take(beside, books, "x")
    take(beside, books, "y")

    assert books.kept == [["x"]]
    assert told.missed == [(1, Fault.FULL, "NoneType")]

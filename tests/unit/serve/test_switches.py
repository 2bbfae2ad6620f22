"""Switches: read once a second, by one thread for all; where they cannot be known, all is stopped."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from churn_saver.errors import LedgerUnavailable
from churn_saver.serve.switches import CONTROL_SECONDS, Switches
from churn_saver.store import Control, Store, within
from tests.builders import NOON

SECOND = timedelta(seconds=CONTROL_SECONDS)
LONG = 60


@dataclass
class Told:
    """Books that say how the switches stand, once they may."""

    control_is: Control = field(default_factory=Control)
    broken: bool = False
    may: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)
    reads: int = 0

    def __post_init__(self) -> None:
        """They may at first."""
        self.may.set()

    def control(self) -> Control:
        """Tell."""
        self.reads += 1
        self.asked.set()
        self.may.wait(LONG)
        if self.broken:
            raise LedgerUnavailable("told so")
        return self.control_is


def read(switches: Switches, books: Told, seconds: int = 0) -> Control | None:
    """Read, so many seconds after noon."""
    return switches.read(cast(Store, books), NOON + seconds * SECOND)


def test_they_are_read_again_after_a_second() -> None:
    """And not before, whatever has become of them; a clock set back reads them too."""
    switches, books = Switches(), Told()
    first = read(switches, books)
    books.control_is = Control(stopped=True)
    found = [read(switches, books), read(switches, books, 1), read(switches, books, -5)]

    assert [one.stopped for one in (first, *found) if one] == [False, False, True, True]
    assert books.reads == 3


def test_heeded_they_are_read_at_once() -> None:
    """Whoever threw one here is obeyed here."""
    switches, books = Switches(), Told()
    read(switches, books)
    switches.heed()
    read(switches, books)

    assert books.reads == 2


def test_what_cannot_be_read_is_closed() -> None:
    """None; as they were last seen, and all is stopped. The next caller asks again."""
    switches, books = Switches(), Told(Control(baseline=True))
    read(switches, books)
    books.broken = True
    lost = read(switches, books, 1)
    unread = switches.unread
    books.broken = False
    again = read(switches, books, 1)

    assert (lost, unread) == (None, Control(baseline=True, stopped=True))
    assert again == Control(baseline=True)


def test_one_that_hangs_holds_up_nobody_else() -> None:
    """Thirty who come while another reads and have no time left go on without; the reader gets its answer."""
    switches, books = Switches(), Told()
    books.may.clear()

    def hurried(_: int) -> Control | None:
        with within(0):
            return read(switches, books)

    with ThreadPoolExecutor(31) as pool:
        reader = pool.submit(read, switches, books)
        assert books.asked.wait(LONG)
        found = list(pool.map(hurried, range(30)))
        books.may.set()
        told = reader.result()

    assert found == [None] * 30
    assert told == Control()
    assert books.reads == 1


def test_whoever_waits_for_the_reader_is_told_what_it_read() -> None:
    """Without asking again."""
    switches, books = Switches(), Told(Control(stopped=True))
    books.may.clear()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(read, switches, books)
        assert books.asked.wait(LONG)
        second = pool.submit(read, switches, books)
        books.may.set()
        found = [first.result(), second.result()]

    assert found == [Control(stopped=True)] * 2
    assert books.reads == 1

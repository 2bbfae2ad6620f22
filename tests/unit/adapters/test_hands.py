"""Threads for work that may never end: bounded, and nobody waits longer than they must."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from churn_saver.adapters.hands import Hands

LONG = 60.0


class Hanging:
    """Work that hangs until it is released, and those who wait for it, who give up once it hangs."""

    def __init__(self) -> None:
        """Hang nowhere yet."""
        self.released, self.hangs = threading.Event(), threading.Semaphore(0)

    def work(self) -> str:
        """Hang."""
        self.hangs.release()
        self.released.wait(LONG)
        return "late"

    def wait(self, over: threading.Event, seconds: float) -> bool:
        """Give up as soon as somebody hangs, whatever the deadline; it never passes by itself."""
        while not over.wait(0.01):
            if self.hangs.acquire(blocking=False):
                return False
        return True


def test_work_is_done_and_answered() -> None:
    """By one thread, however often, when one asks after the other."""
    hands = Hands("test", 4)
    found = [hands.done(lambda i=i: i * i, LONG) for i in range(20)]  # type: ignore[misc]
    threads = hands.threads
    hands.close()

    assert found == [i * i for i in range(20)]
    assert threads == 1


def test_what_the_work_raises_is_raised_where_it_is_waited_for() -> None:
    """With its own type, and the thread goes on."""
    hands = Hands("test", 1)

    def broken() -> None:
        raise KeyError("gone")

    with pytest.raises(KeyError, match=r"gone"):
        hands.done(broken, LONG)
    assert hands.done(lambda: 1, LONG) == 1
    assert (hands.threads, hands.stuck) == (1, 0)
    hands.close()


def test_what_hangs_keeps_its_thread_and_no_more_than_all_can_hang() -> None:
    """Two threads: the third caller hears at once that both hang, and its work is not begun."""
    hanging = Hanging()
    hands, begun = Hands("test", 2, hanging.wait), list[int]()
    for _ in range(2):
        with pytest.raises(TimeoutError, match=r"test: not done after 60\.0 seconds"):
            hands.done(hanging.work, LONG)
    with pytest.raises(TimeoutError, match=r"test: 2 of 2 threads hang"):
        hands.done(lambda: begun.append(1), LONG)
    hanging.released.set()

    assert (hands.threads, begun) == (2, [])
    hands.close()


def test_a_thread_that_comes_back_works_again() -> None:
    """Its old answer is given to nobody."""
    hanging = Hanging()
    hands = Hands("test", 1, hanging.wait)
    with pytest.raises(TimeoutError, match=r"not done"):
        hands.done(hanging.work, LONG)
    stuck = hands.stuck
    hanging.released.set()
    came_back = threading.Event()
    while hands.stuck:
        came_back.wait(0.01)

    assert stuck == 1
    assert hands.done(lambda: "new", LONG) == "new"
    assert hands.threads == 1
    hands.close()


def test_work_that_waited_in_vain_is_never_begun() -> None:
    """Its caller is gone; the thread that is busy does not do it afterwards."""
    released, busy, begun = threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        busy.set()
        released.wait(LONG)

    def impatient(over: threading.Event, seconds: float) -> bool:
        return over.wait(seconds)

    hands = Hands("test", 1, impatient)
    with ThreadPoolExecutor(1) as callers:
        first = callers.submit(hands.done, work, LONG)
        busy.wait(LONG)
        with pytest.raises(TimeoutError, match=r"not done after 0\.0 seconds"):
            hands.done(lambda: begun.append("second"), 0.0)
        stuck = hands.stuck
        released.set()
        first.result(LONG)
    hands.done(lambda: begun.append("third"), LONG)
    hands.close()

    assert (begun, stuck) == (["third"], 0)


def test_many_callers_share_the_threads() -> None:
    """Of 200 calls by 16 callers each gets its own answer, and there are 3 threads at most."""
    hands = Hands("test", 3)
    with ThreadPoolExecutor(16) as callers:
        asked = [callers.submit(hands.done, lambda i=i: i, LONG) for i in range(200)]
        found = [one.result(LONG) for one in asked]
    threads = hands.threads
    hands.close()

    assert found == list(range(200))
    assert 1 <= threads <= 3


def test_after_closing_no_work_is_taken() -> None:
    """Closing does not wait for what hangs, and daemons let the process end."""
    hanging = Hanging()
    hands = Hands("ending", 1, hanging.wait)
    with pytest.raises(TimeoutError, match=r"not done"):
        hands.done(hanging.work, LONG)
    hands.close()
    daemons = [one.daemon for one in threading.enumerate() if one.name == "ending"]
    hanging.released.set()

    assert daemons == [True]
    with pytest.raises(TimeoutError, match=r"ending"):
        hands.done(lambda: 1, LONG)

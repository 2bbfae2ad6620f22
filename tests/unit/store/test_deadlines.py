"""Deadlines: said around a block, heeded in the thread that works for it, the earlier one of two."""

import asyncio
import threading

import pytest

from churn_saver.store.deadlines import acquired, at_most, by, rest, until, within


def test_where_nobody_said_anything_there_is_none() -> None:
    """Each wait then has its own limit."""
    assert rest() is None
    assert at_most(30.0) == 30.0


def test_nothing_is_left_of_nothing() -> None:
    """And never less; afterwards there is no deadline any more."""
    with within(0):
        left = (rest(), at_most(30.0))
    with within(-1):
        less = rest()

    assert (left, less, rest()) == ((0.0, 0.0), 0.0, None)


def test_of_two_the_earlier_one_holds() -> None:
    """Whichever was said first; what was said outside holds again after the block."""
    with within(3_600):
        with within(0):
            inner = rest()
        outer = rest()
    with within(0), within(3_600):
        later = rest()

    assert (inner, later) == (0.0, 0.0)
    assert outer is not None
    assert 3_000 < outer <= 3_600


def test_a_deadline_can_be_told_to_a_thread_that_works_for_another() -> None:
    """It is a moment, so it is as near there as here; none is told where none was said."""
    assert until() is None
    found: list[float | None] = []
    with within(0):
        moment = until()
    assert moment is not None

    def work() -> None:
        """Work under somebody else's deadline, and under an earlier one of its own."""
        with by(moment):
            found.append(rest())
        with within(-1), by(moment):
            found.append(until())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert found[0] == 0.0
    assert found[1] is not None
    assert found[1] < moment


def test_a_block_that_raises_leaves_nothing_behind() -> None:
    """The next request of the thread has its own."""
    with pytest.raises(ValueError, match="told so"), within(0):
        raise ValueError("told so")

    assert rest() is None


def test_it_follows_a_request_into_its_thread_and_nobody_else() -> None:
    """A thread that works for everybody has none."""
    found: list[float | None] = []

    async def story() -> None:
        """Look in a thread of the request, and in one that was begun for others."""
        with within(0):
            found.append(await asyncio.to_thread(rest))
            other = threading.Thread(target=lambda: found.append(rest()))
            other.start()
            other.join()

    asyncio.run(story())

    assert found == [0.0, None]


def test_a_lock_is_waited_for_no_longer_than_there_is_time() -> None:
    """Taken where it is free, however little is left; not where another holds it."""
    lock = threading.Lock()
    with within(0):
        first, second = acquired(lock), acquired(lock)
    lock.release()

    assert (first, second, acquired(lock)) == (True, False, True)

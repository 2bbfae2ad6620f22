"""Processes that work side by side, one core each.

Each is started anew, not forked: torch and numba have threads of their own. A library that spread its
sums over all cores in every process would only make them wait for each other.
"""

import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from typing import TypeVar

Result = TypeVar("Result")
_LOOK_SECONDS = 0.5


@contextmanager
def workers(count: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of processes; an error or Ctrl-C where it is used ends all of them at once.

    Left to itself a pool would first finish what has begun, and what lies ready beside it.

    Args:
        count: How many.
    """
    others = active_children()
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_prepare) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            own = [process for process in active_children() if process not in others]
            for process in own:
                process.terminate()
            for process in own:
                process.join()
            raise


def finished(waiting: Iterable[Future[Result]]) -> Iterator[Future[Result]]:
    """Give what is done as it is done, and notice Ctrl-C in between.

    A wait without an end would not: Polars has the system go on with what Ctrl-C interrupted.
    Source: https://github.com/pola-rs/polars/issues/21739.
    """
    left = set(waiting)
    while left:
        done, left = wait(left, _LOOK_SECONDS, FIRST_COMPLETED)
        yield from done


def _prepare() -> None:
    """Keep the libraries of this process to one thread, and leave Ctrl-C to who started it."""
    import numba
    from threadpoolctl import threadpool_limits

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    numba.set_num_threads(1)
    threadpool_limits(1)

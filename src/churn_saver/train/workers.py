"""Processes that work side by side, one core each.

Each is started anew, not forked: torch and numba have threads of their own. A library that spread its
sums over all cores in every process would only make them wait for each other.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context


def workers(count: int) -> ProcessPoolExecutor:
    """Give a pool of processes.

    Args:
        count: How many.
    """
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_on_one_core)


def _on_one_core() -> None:
    """Keep the libraries of this process to one thread."""
    import numba
    from threadpoolctl import threadpool_limits

    numba.set_num_threads(1)
    threadpool_limits(1)

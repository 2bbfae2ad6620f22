"""Processes side by side."""

import os

import numba
import pytest
from threadpoolctl import threadpool_info

from churn_saver.train.workers import workers


def test_each_works_in_a_process_of_its_own_on_one_core() -> None:
    """Numba and what multiplies matrices keep to one thread there; here nothing changes."""
    before = numba.get_num_threads()

    with workers(1) as pool:
        process = pool.submit(os.getpid).result()
        threads = pool.submit(numba.get_num_threads).result()
        libraries = pool.submit(threadpool_info).result()

    assert process != os.getpid()
    assert threads == 1
    assert {library["num_threads"] for library in libraries} == {1}
    assert numba.get_num_threads() == before


def test_what_goes_wrong_there_is_raised_here() -> None:
    """As what it is."""
    with workers(1) as pool, pytest.raises(ZeroDivisionError, match="division"):
        pool.submit(divmod, 1, 0).result()

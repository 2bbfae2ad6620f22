"""Processes side by side."""

import os
import signal
import threading
import time
from concurrent.futures import Future

import numba
import polars as pl
import pytest
from threadpoolctl import threadpool_info

from churn_saver.train.workers import finished, workers


def test_each_works_in_a_process_of_its_own_on_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba and what multiplies matrices keep to one thread there, untold; here nothing changes."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = numba.get_num_threads()

    with workers(1) as pool:
        process = pool.submit(os.getpid).result()
        threads = pool.submit(numba.get_num_threads).result()
        libraries = pool.submit(threadpool_info).result()

    assert process != os.getpid()
    assert threads == 1
    assert {library["num_threads"] for library in libraries} == {1}
    assert numba.get_num_threads() == before


def is_alive(process: int) -> bool:
    """Say whether there is a process of this number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def stopped(stop: BaseException, begun: list[int]) -> None:
    """Give four jobs of an hour to one worker and stop; tell its process."""
    with workers(1) as pool:
        begun.append(pool.submit(os.getpid).result())
        for _ in range(4):
            pool.submit(time.sleep, 3_600)
        raise stop


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), ValueError()])
def test_what_stops_the_one_who_waits_stops_all_work(stop: BaseException) -> None:
    """Neither the job that has begun nor those that lie ready are waited for."""
    begun: list[int] = []

    with pytest.raises(type(stop), match=r"^$"):
        stopped(stop, begun)

    assert not is_alive(begun[0])


def test_ctrl_c_is_left_to_the_one_who_started_the_work() -> None:
    """A terminal sends it to everybody; a worker that answered it would go on with the next job."""
    with workers(1) as pool:
        assert pool.submit(signal.getsignal, signal.SIGINT).result() == signal.SIG_IGN


def test_what_goes_wrong_there_is_raised_here() -> None:
    """As what it is."""
    with workers(1) as pool, pytest.raises(ZeroDivisionError, match="division"):
        pool.submit(divmod, 1, 0).result()


def test_what_is_done_is_given_as_it_is_done() -> None:
    """The second before the first, each once, whatever came of it; of nothing there is nothing."""
    slow, quick, failed = Future[int](), Future[int](), Future[int]()
    quick.set_result(2)
    given = finished([slow, quick])

    assert next(given) is quick
    slow.set_result(1)
    assert list(given) == [slow]
    failed.set_exception(ValueError())
    assert list(finished([failed])) == [failed]
    assert list(finished([])) == []


def test_ctrl_c_is_noticed_while_nothing_is_done() -> None:
    """After Polars was used, which has waits go on that Ctrl-C interrupted."""
    pl.DataFrame({"a": [1]}).lazy().collect()
    # Whoever is started in the background is born deaf to Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    sender = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    sender.start()

    try:
        with pytest.raises(KeyboardInterrupt):
            next(finished([Future[int]()]))
    finally:
        sender.join()
        signal.signal(signal.SIGINT, before)

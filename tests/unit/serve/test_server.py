"""The web server: where it listens, how it stops, and what becomes of a request meanwhile."""

import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from churn_saver.errors import ConfigError
from churn_saver.serve.server import listening

ROOT = Path(__file__).parents[3]


def test_a_taken_port_is_an_error_of_one_line() -> None:
    """With the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"PORT {port} cannot be bound.*set PORT"):
            listening("127.0.0.1", port)


def test_answers_are_not_held_back() -> None:
    """An accepted connection sends small pieces at once instead of waiting for acknowledgements."""
    with (
        listening("127.0.0.1", 0) as door,
        socket.create_connection(door.getsockname()),
        door.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


SERVE = """
import sys, time
from churn_saver.serve.server import listening, serve
from starlette.concurrency import run_in_threadpool

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        hanging = sys.argv[3:] == ["hanging"]
        await send({"type": "lifespan.shutdown.failed" if hanging else "lifespan.shutdown.complete"})
        return
    print("begun", flush=True)
    await run_in_threadpool(time.sleep, float(sys.argv[1]))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": b"done"})

with listening("127.0.0.1", 0) as bound:
    print(bound.getsockname()[1], flush=True)
    serve(app, bound, stop_seconds=int(sys.argv[2]))
"""
"""Serves an app that sleeps in a thread before it answers."""


def stopped_while_answering(seconds: float, stop_seconds: int, *how: str) -> tuple[bytes | None, int, float]:
    """Ask, send SIGTERM when the handler has begun; gives answer, exit code, and how long it took to end."""
    found: list[bytes] = []

    def ask(port: str) -> None:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
            found.append(answer.read())

    command = [sys.executable, "-c", SERVE, str(seconds), str(stop_seconds), *how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        asking = threading.Thread(target=ask, args=(process.stdout.readline().strip(),))
        asking.start()
        assert process.stdout.readline() == "begun\n"
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=60)
        took = time.monotonic() - began
        asking.join()
    return (found[0] if found else None), code, took


def test_what_is_being_answered_is_finished() -> None:
    """Told to stop half-way: the caller gets its answer, and the process ends with 0."""
    answer, code, _ = stopped_while_answering(1.0, 30)

    assert (answer, code) == (b"done", 0)


def test_a_handler_that_hangs_cannot_hold_the_process() -> None:
    """A thread cannot be stopped: at the end of its time the process goes without it, and says so by 1."""
    answer, code, took = stopped_while_answering(50.0, 1)

    assert (answer, code) == (None, 1)
    assert took < 40


def test_work_that_hangs_behind_an_answer_cannot_hold_the_process() -> None:
    """All were answered, and the app says that something did not come back: ended with 1."""
    answer, code, _ = stopped_while_answering(1.0, 30, "hanging")

    assert (answer, code) == (b"done", 1)

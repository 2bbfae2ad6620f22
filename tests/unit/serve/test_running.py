"""The service as it is run: what it says, where it answers, and that nothing is served on guesses."""

import json
import logging
import os
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from churn_saver.config import Environment
from churn_saver.errors import ArtifactError, ConfigError
from churn_saver.serve.running import run


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """Put the log of this process back as it was."""
    root, ours = logging.getLogger(), logging.getLogger("churn_saver")
    before = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "example.com"])
def test_another_machine_cannot_be_let_in_by_host(host: str) -> None:
    """Without keys, the answer says what to do instead."""
    with pytest.raises(ConfigError, match="answers this machine only"):
        run(Environment(HOST=host))


def test_without_the_release_that_is_named_nothing_is_served(capsys: pytest.CaptureFixture[str]) -> None:
    """It does not come as far as its port, and nothing else decides instead."""
    with pytest.raises(
        ArtifactError, match=r"release '\.\./up' of gs://models/releases cannot be served: .*\n"
    ):
        run(Environment(GCS_MODEL_BUCKET="models", MODEL_RELEASE="../up"))
    assert capsys.readouterr().out == ""


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says where it listens, answers there, and an interrupt ends it; traces are of the project named."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    answers: list[object] = []

    def ask_and_stop() -> None:
        try:
            answers.append(_asked(f"http://127.0.0.1:{port}/healthz"))
            with suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/nowhere", timeout=60).close()
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    asking = threading.Thread(target=ask_and_stop)
    # A shell lets its background jobs ignore the signal; the service then stops, but nothing is raised.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        asking.start()
        with pytest.raises(KeyboardInterrupt, match=r"^$"):
            run(Environment(PORT=port, DATABASE_URL=ledger, FORCE_BASELINE=True, GCP_PROJECT_ID="shop-1"))
    finally:
        signal.signal(signal.SIGINT, before)
    asking.join()

    assert answers == [{"status": "ok"}]
    said, logged = capsys.readouterr()
    assert f"http://127.0.0.1:{port}" in said
    assert "nobody is asked for a key" in said
    (line,) = [line for line in map(json.loads, logged.splitlines()) if line["message"] == "answered"]
    assert line["status"] == 404
    assert line["logging.googleapis.com/trace"] == f"projects/shop-1/traces/{line['trace']}"


def _asked(url: str) -> object:
    """Ask until somebody answers."""
    for _ in range(200):
        with suppress(OSError), urllib.request.urlopen(url, timeout=5) as response:
            return json.loads(response.read())
        time.sleep(0.05)
    return None

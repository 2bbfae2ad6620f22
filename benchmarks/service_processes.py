"""Services in processes of their own: started on a free port, waited for, always ended.

Each leads a process group, so that its workers end with it, and writes its log to a file: as a service does
whose lines somebody collects. Knows nothing of load.
"""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from churn_saver.config import Environment

ROOT = Path(__file__).resolve().parents[1]
SERVE = (sys.executable, "-c", "from churn_saver.cli import main; main()", "serve")
APPS = (sys.executable, "-m", "benchmarks.service_apps")
START_SECONDS = 120.0
STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Service:
    """One that runs."""

    url: str
    process: int
    """Its id, and that of its group."""

    def post(self, path: str, body: str) -> Answer:
        """POST a body as JSON; whatever is answered is given."""
        return self._asked("POST", path, body.encode())

    def get(self, path: str) -> Answer:
        """GET a path; whatever is answered is given."""
        return self._asked("GET", path)

    def cpu_seconds(self) -> float | None:
        """Give the processor time of it and its workers up to now; None: this system does not tell."""
        ticks = [_ticks(path, self.process) for path in Path("/proc").glob("[0-9]*/stat")]
        return sum(ticks) / os.sysconf("SC_CLK_TCK") if ticks else None

    def wait_until_open(self) -> None:
        """Wait until something is answered: the port is taken before the app is there."""
        self.get("/")

    def wait_until_ready(self) -> None:
        """Wait until nothing is missing.

        Raises:
            SystemExit: something still is, or the service answers degraded.
        """
        until = time.monotonic() + START_SECONDS
        found = self.get("/readyz")
        while found.status != 200 and time.monotonic() < until:
            time.sleep(0.2)
            found = self.get("/readyz")
        if found.status != 200 or json.loads(found.body)["status"] != "ready":
            raise SystemExit(f"service: it serves with less than everything: {found.body.decode()}")

    def _asked(self, method: str, path: str, body: bytes | None = None) -> Answer:
        asked = HTTPConnection(self.url.removeprefix("http://"), timeout=60)
        with closing(asked):
            asked.request(method, path, body, {"Content-Type": "application/json"})
            answer = asked.getresponse()
            return Answer(answer.status, answer.read())


@contextmanager
def serving(
    command: Sequence[str], variables: Mapping[str, str], folder: Path, name: str
) -> Iterator[Service]:
    """Start a service and end it: by SIGTERM, and where that takes too long by SIGKILL.

    Args:
        command: What prints its address in its first line.
        variables: Settings of the service; those of the caller's environment are not passed on.
        folder: Where it works and logs: nothing that was trained elsewhere is found there.
        name: Of its log.

    Raises:
        SystemExit: it did not start; its last words are in it.
    """
    log = folder / f"{name}.log"
    own = {key: value for key, value in os.environ.items() if key not in Environment.model_fields}
    own |= {"PORT": "0", "PYTHONPATH": str(ROOT)} | dict(variables)
    with (
        log.open("wb") as said,
        subprocess.Popen(
            command, env=own, cwd=folder, stdout=subprocess.PIPE, stderr=said, text=True,
            start_new_session=True,
        ) as process,
    ):  # fmt: skip
        try:
            yield Service(_address(process, log), process.pid)
        finally:
            _end(process)


def _ticks(path: Path, group: int) -> int:
    """Read what a process of a group used; 0: it is of another group, or gone.

    Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (after the name: pgrp 3rd, utime 12th).
    """
    with suppress(OSError):
        parts = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        if int(parts[2]) == group:
            return int(parts[11]) + int(parts[12])
    return 0


def _address(process: "subprocess.Popen[str]", log: Path) -> str:
    if process.stdout is None:
        raise RuntimeError("its output was asked for")
    came, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if came else ""
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    if found is None:
        words = log.read_text(encoding="utf-8", errors="replace")[-2_000:]
        raise SystemExit(f"service: {log.stem} did not start: {line}{words}")
    return found[0]


def _end(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)

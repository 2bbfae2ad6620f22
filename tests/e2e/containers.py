"""Containers as the images are meant to run: nothing may be written, nothing may be gained."""

import itertools
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from subprocess import CompletedProcess
from typing import Any

from ops.docker.engine import Engine

LOCKED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
"""How every container is run."""
READY_SECONDS = 120
"""Longest wait; how long it took is printed, and judged by a person."""
_numbers = itertools.count()


@dataclass(frozen=True)
class Service:
    """One that runs."""

    engine: Engine
    name: str
    url: str
    key: str
    seconds_to_ready: float = 0.0
    """On this machine as busy as it is."""

    def call(self, path: str, body: object = None, key: str | None = None) -> tuple[int, Any]:
        """GET a path, or POST a body; give status and answer.

        Args:
            path: Of the route.
            body: What goes as JSON; None: GET.
            key: Shown to the service; None: its own, empty: none.
        """
        shown = self.key if key is None else key
        return ask(self.url + path, body, {"X-API-Key": shown} if shown else {})

    def inside(self, *words: str, options: Sequence[str] = ()) -> "CompletedProcess[str]":
        """Run a command in the container."""
        return self.engine.run("exec", *options, self.name, *words, check=False)

    def processor_seconds(self) -> float:
        """Give what its first process has used of the processor, which no busy neighbour makes longer."""
        fields = self.inside("cat", "/proc/1/stat").stdout.rpartition(")")[2].split()
        # Fields 14 and 15 of proc(5), user and system; the first two are before the bracket.
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def state(self) -> dict[str, Any]:
        """Give what the engine says of it."""
        found: dict[str, Any] = json.loads(self.engine.run("container", "inspect", self.name).stdout)[0]
        return found

    def said(self) -> str:
        """Give its log."""
        done = self.engine.run("logs", self.name, check=False)
        return done.stdout + done.stderr


def ask(url: str, body: object, headers: Mapping[str, str]) -> tuple[int, Any]:
    """Send one request; an answer that refuses is an answer too."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})
    # No proxy: the container is on this machine, whatever the environment says of others.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.loads(refused.read())


def once(engine: Engine, image: str, *words: str, options: Sequence[str] = ()) -> "CompletedProcess[str]":
    """Run a container to its end.

    Args:
        engine: What runs it.
        image: Its image.
        words: Arguments of its entry point.
        options: Of the engine, before the image.
    """
    return engine.run("run", "--rm", *LOCKED, *options, image, *words, check=False)


def new_key(engine: Engine, image: str) -> tuple[str, str]:
    """Have the image draw a key: the key, and the line for API_KEYS."""
    done = once(engine, image, "keys", "new", "--role", "admin", "--name", "e2e")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    return lines[1], lines[3]


@contextmanager
def serving(
    engine: Engine, image: str, key: tuple[str, str], options: Sequence[str] = ()
) -> Iterator[Service]:
    """Start the service and wait until it is ready; it is gone at the end.

    Args:
        engine: What runs it.
        image: Of the service.
        key: From `new_key`.
        options: Of the engine, besides.
    """
    name = f"churn-saver-e2e-{os.getpid()}-{next(_numbers)}"
    began = time.monotonic()
    engine.run(
        "run", "--detach", "--name", name, *LOCKED, "--publish", "127.0.0.1::8080",
        "--env", "AUTH_MODE=keys", "--env", f"API_KEYS={key[1]}", *options, image,
    )  # fmt: skip
    try:
        address = engine.run("port", name, "8080/tcp").stdout.split()[0]
        started = Service(engine, name, f"http://{address}", key[0])
        _wait_until_ready(started, began)
        yield replace(started, seconds_to_ready=time.monotonic() - began)
    finally:
        engine.run("rm", "--force", "--volumes", name, check=False)


def _wait_until_ready(service: Service, began: float) -> None:
    """Ask until it says so; one that has ended is not asked any longer."""
    last = ""
    while time.monotonic() - began < READY_SECONDS:
        try:
            status, answer = service.call("/readyz", key="")
            if status == 200:
                return
            last = f"{status} {answer}"
        except OSError as error:
            last = repr(error)
        if service.state()["State"]["Status"] == "exited":
            break
        time.sleep(0.02)
    raise AssertionError(f"not ready: {last}. Its log:\n{service.said()}")
